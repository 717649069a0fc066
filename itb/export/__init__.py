"""`python -m itb export`: the benchmark in the layouts of lmms-eval, VLMEvalKit and LLaVA."""

from pathlib import Path
from typing import Literal

from itb.bench import Bench, load_bench
from itb.records import Item, Split
from tools.errors import UsageError

__all__ = ["Format", "export_bench"]

Format = Literal["lmms-eval", "vlmevalkit", "llava"]
DEFAULT_SPLITS: dict[str, Split] = {"lmms-eval": "test", "vlmevalkit": "test", "llava": "train"}


def export_bench(
    folder: Path, form: Format, out: Path, split: Split | None = None, prompts: Path = Path("prompts/infrared")
) -> list[Path]:
    """Write a benchmark's split in another layout; the texts are those that `itb eval` shows.

    Raises:
        MissingError, UsageError: no benchmark there, or the split holds nothing.
    """
    bench = load_bench(folder)
    chosen: Split = split or DEFAULT_SPLITS[form]
    items = bench.choose(chosen)
    if not items:
        raise UsageError(f"{folder}: its {chosen} split holds no item; choose another with --split")
    out.mkdir(parents=True, exist_ok=True)
    return _write(bench, items, form, out, prompts)


def _write(bench: Bench, items: list[Item], form: Format, out: Path, prompts: Path) -> list[Path]:
    from itb.export import llava, lmms_eval, vlmevalkit
    from itb.export.rows import make_rows

    writer = {"lmms-eval": lmms_eval.write, "vlmevalkit": vlmevalkit.write, "llava": llava.write}[form]
    return writer(make_rows(bench, items, prompts, out), out)
