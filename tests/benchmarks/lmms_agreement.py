"""The same checkpoint and benchmark through `itb eval` and through the real lmms-eval: replies compared row by row.

    python3 -m venv lmms
    lmms/bin/pip install torch==2.13.0 torchvision==0.28.0 transformers==5.23.0 lmms-eval==0.7.3 \
        decord 'filelock<4' inflect
    PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/lmms_agreement.py --lmms-python lmms/bin/python

For each family a tiny checkpoint of random weights and a small benchmark are made and exported; lmms-eval runs the
export unchanged, first with its adapter's own settings, then with those that make it ask as the checkpoint itself says
(MATCHED). What still differs is asked again here with one thing done as the adapter does it (CAUSES): a row has the
name of the first that gives the adapter's reply. Exits with 1 when more than 1 % of the rows of a family differ for a
reason that has no name here. docs/parity-lmms-eval.md tells what the names mean.
"""

import argparse
import functools
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from itb_lmms_eval import ROOT, Adapter, Outcome, ask_ours, ask_theirs, read_export, run
from lmms_way import QWEN, change_pictures, fit, pack, pack_and_fit, write_checkpoint
from mini_bench import write_bench
from PIL import Image

PICTURE = (224, 160)
LIMIT = 0.01


class Case(NamedTuple):
    """A family and how lmms-eval is told to run it.

    Attributes:
        usual: the adapter, told what a checkpoint on a processor needs and nothing else.
        matched: what it is told besides, so that it asks as the checkpoint says.
        dtype: the number format that the adapter computes in.
        pictures: what it may do to a picture before the processor sees it, by name.
    """

    usual: Adapter
    matched: Mapping[str, object] = {}
    dtype: str = "fp32"
    pictures: Mapping[str, Callable[[Image.Image], Image.Image]] = {}


LLAVA = Case(Adapter("llava_hf", {"device_map": "cpu", "dtype": "float32"}))
PIXELS = {"min_pixels": QWEN["shortest_edge"], "max_pixels": QWEN["longest_edge"]}
CASES: Mapping[str, Case] = {
    "llava": LLAVA,
    "llava_next": LLAVA,
    "qwen2_vl": Case(
        Adapter("qwen2_vl", {"device_map": "cpu"}), PIXELS, pictures={"JPEG": pack, "JPEG and resize": pack_and_fit}
    ),
    "qwen2_5_vl": Case(Adapter("qwen2_5_vl", {"device_map": "cpu"}), PIXELS, "bf16", {"resize": fit}),
}


def write_pictures(folder: Path, images: int) -> Path:
    """The benchmark: every task, with pictures of the size of real ones' smallest."""
    bench = write_bench(folder, images=3 * images, questions=3)
    for path in (bench / "images").iterdir():
        Image.open(path).resize(PICTURE).save(path)
    return bench


def find_differing(ours: Mapping[str, str], theirs: Mapping[str, str]) -> list[str]:
    """The items whose replies differ in more than the white space around them."""
    return [item for item, reply in theirs.items() if reply.strip() != ours[item].strip()]


def name_causes(
    rows: list[str], theirs: Mapping[str, str], causes: Mapping[str, Callable[[], Mapping[str, str]]]
) -> Counter[str]:
    """How many rows each cause explains: ours, asked with it, says what theirs says."""
    named: Counter[str] = Counter()
    left = list(rows)
    for cause, ask in causes.items():
        if left:
            again = ask()
            still = set(find_differing(again, {item: theirs[item] for item in left}))
            named[cause] = len(left) - len(still)
            left = [item for item in left if item in still]
    return named + Counter({"no name": len(left)})


def _ask_changed(
    ask: Callable[..., Outcome], bench: Path, scratch: Path, change: Callable[[Image.Image], Image.Image], dtype: str
) -> Mapping[str, str]:
    scratch.mkdir()
    return ask(change_pictures(bench, scratch / "bench", change), scratch=scratch, dtype=dtype).replies


def compare(name: str, case: Case, bench: Path, python: str, scratch: Path) -> float:
    """Print a family's rows; gives the share of replies that differ without a name."""
    model = write_checkpoint(name, scratch / "model")
    export = scratch / "export"
    run([sys.executable, "-m", "itb", "export", str(bench), "--format", "lmms-eval", "--out", str(export)], ROOT)
    tasks = read_export(export)
    task_of = {item: task for task, items in tasks.items() for item in items}
    ask = functools.partial(ask_ours, tasks=task_of, model=model)
    ours = ask(bench, scratch=scratch / "ours", dtype=case.dtype).replies
    usual = ask_theirs(export, tasks, model, python, scratch / "usual", case.usual).replies
    matched = usual
    if case.matched:
        told = case.usual._replace(settings={**case.usual.settings, **case.matched})
        matched = ask_theirs(export, tasks, model, python, scratch / "matched", told).replies
    causes: dict[str, Callable[[], Mapping[str, str]]] = {}
    for cause, change in case.pictures.items():
        causes[cause] = functools.partial(
            _ask_changed, ask, bench, scratch / cause.replace(" ", "-"), change, case.dtype
        )
    if case.dtype == "bf16":
        causes["bf16, order of sums"] = lambda: (
            ask(bench, scratch=scratch / "ours-single", dtype=case.dtype, more=("--batch", "1")).replies
        )
    differing = find_differing(ours, matched)
    named = name_causes(differing, matched, causes)
    distinct = len(set(ours.values()))
    said = ", ".join(f"{cause} {count}" for cause, count in named.items() if count) or "-"
    print(
        f"| {name} | {case.usual.name} | {len(matched)}, {distinct} distinct | {len(find_differing(ours, usual))} |",
        end="",
    )
    print(f" {len(differing)} | {said} |", flush=True)
    return named["no name"] / len(matched)


def main() -> None:
    """Compare family by family."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lmms-python", required=True, help="Python of a venv that has lmms-eval")
    parser.add_argument("--family", action="append", choices=CASES, help="only this one; repeatable")
    parser.add_argument("--images", type=int, default=4, help="asked about, of each source")
    options = parser.parse_args()
    print("| family | adapter | replies | differ, its own settings | differ, matched | of these |")
    print("|---|---|---|---|---|---|")
    unnamed = {}
    for name in options.family or CASES:
        with tempfile.TemporaryDirectory() as folder:
            scratch = Path(folder)
            bench = write_pictures(scratch / "bench", options.images)
            unnamed[name] = compare(name, CASES[name], bench, options.lmms_python, scratch)
    failed = [f"{name}: {share:.1%}" for name, share in unnamed.items() if share > LIMIT]
    if failed:
        sys.exit(f"replies that differ for a reason without a name: {', '.join(failed)}")


if __name__ == "__main__":
    main()
