"""`python -m itb export`: the benchmark in the layouts of lmms-eval, VLMEvalKit, LLaVA, and of other trainers."""

import json
from pathlib import Path
from typing import Literal

from itb.benchmark.bench import Bench, load_bench
from itb.benchmark.folders import EXPORT
from itb.records import Item, Split
from tools.errors import MissingError, UsageError
from tools.files import Owned, check_folder, own_folder, write_lines
from tools.prompts import DEFAULT_PACK

__all__ = ["Format", "choose_split", "export_bench", "find_leak"]

Format = Literal["lmms-eval", "vlmevalkit", "llava", "trl", "trl-parquet", "ms-swift", "llamafactory"]
Answers = Literal["letter", "text"]
ONE_IMAGE = ("trl", "trl-parquet", "ms-swift", "llamafactory")
"""Layouts of which a row has one image."""
MISSING_FILE = "missing.jsonl"
FOR_TESTS = ("lmms-eval", "vlmevalkit")
"""Layouts that a model is asked from; the others are learned from."""


def choose_split(form: Format, split: Split | Literal["all"] | None) -> Split | Literal["all"]:
    """The split that is written: the one that was asked for, else the one that the layout is there for."""
    return split or ("test" if form in FOR_TESTS else "train")


def find_leak(form: Format, split: Split | Literal["all"]) -> str:
    """What must be said of test questions in a layout that is learned from; empty where there are none."""
    if form in FOR_TESTS or split == "train":
        return ""
    held = "every row is a question" if split == "test" else "some of the rows are questions"
    text = f"{held} of the test split, with its answer. They must not be learned from: a model that has seen them"
    return f"{text} cannot be measured with this benchmark any more. To train, export with --split train"


def export_bench(
    folder: Path,
    form: Format,
    out: Path,
    split: Split | Literal["all"] | None = None,
    pack: Path = DEFAULT_PACK,
    answers: Answers = "letter",
) -> list[Path]:
    """Write a benchmark's split in another layout; the texts are those that `itb eval` shows.

    Args:
        pack: modality pack with `itb/ask.md`.
        answers: in a layout that is learned from, whether a right option is said by its letter or by its text.

    Raises:
        MissingError, UsageError: no benchmark there, the split holds nothing, or `out` holds something else.
    """
    check_folder(out, EXPORT)
    bench = load_bench(folder)
    chosen = choose_split(form, split)
    items = bench.choose(None if chosen == "all" else chosen)
    if not items:
        raise UsageError(f"{folder}: its {chosen} split holds no item; choose another with --split")
    shown = [item for item in items if not (item.foreign and item.foreign.missing)]
    if not shown:
        raise MissingError(f"{folder}: no image of its {chosen} split is there; import it again with --map PREFIX=DIR")
    if form in ONE_IMAGE and any(item.foreign and len(item.foreign.images) > 1 for item in shown):
        raise UsageError(f"--format {form}: a row of it has one image, and some questions here have more; use llava")
    with own_folder(out, EXPORT) as owned:
        written = _write(bench, shown, form, chosen, owned, pack, answers)
        return written + _note_missing(items, owned)


def _note_missing(items: list[Item], owned: Owned) -> list[Path]:
    """`missing.jsonl`: the questions that cannot be shown, which whoever reports a score has to count as wrong."""
    lacking = [(item.id, item.foreign.missing) for item in items if item.foreign and item.foreign.missing]
    if not lacking:
        return []
    owned.add(MISSING_FILE)
    lines = (json.dumps({"item": id, "error": error}, ensure_ascii=False) + "\n" for id, error in lacking)
    write_lines(owned.path / MISSING_FILE, lines)
    return [owned.path / MISSING_FILE]


def _write(
    bench: Bench,
    items: list[Item],
    form: Format,
    split: Split | Literal["all"],
    owned: Owned,
    pack: Path,
    answers: Answers,
) -> list[Path]:
    from itb.export import llava, lmms_eval, trainers, vlmevalkit
    from itb.export.rows import make_rows

    rows = make_rows(bench, items, pack, owned)
    if form == "llava":
        return llava.write(rows, owned, answers)
    if form == "lmms-eval":
        return lmms_eval.write(rows, owned)
    if form == "vlmevalkit":
        return vlmevalkit.write(rows, owned)
    return trainers.write(rows, owned, form, answers, split, find_leak(form, split))
