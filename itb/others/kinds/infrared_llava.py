"""Infrared-LLaVA's files of the hub: rows with the authors' two known fields, `thermal` and `conversations`.

The schema of their benchmark's own file was never published. Where it has these fields it is read; any other shape is
refused, as a guess at it would measure nothing.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from itb.others.kind import Asked, Facts, ForeignBenchmark, Shown, Skipped
from itb.others.kinds.turns import split_turns
from tools.errors import MissingError, UsageError
from tools.files.json_text import read_json, read_rows
from tools.registry import NoSettings

FIELDS = frozenset(("thermal", "conversations"))
ALLOWED = FIELDS | {"id"}
SPOKEN = frozenset(("from", "value"))
DECLARED = "each turn is asked by itself, and read by its form: yes or no, a number, else free text"


def read(root: Path, settings: NoSettings) -> Iterator[Asked | Skipped]:
    """Every turn of every row.

    Raises:
        MissingError: no file is there.
        UsageError: a row has other fields.
    """
    files = [root] if root.is_file() else sorted([*root.glob("*.json"), *root.glob("*.jsonl")])
    if not files:
        raise MissingError(f"{root}: no .json or .jsonl there; name the authors' file, or the folder that holds it")
    for path in files:
        for number, row in enumerate(_read_file(path)):
            yield from _ask_row(path, number, row)


def _read_file(path: Path) -> list[Any]:
    if path.suffix == ".jsonl":
        return [row for _, row in read_rows(path)]
    content = read_json(path)
    if not isinstance(content, list):
        raise UsageError(f"{path}: expected a list of rows with `thermal` and `conversations`; {REFUSED}")
    return content


REFUSED = (
    "the authors' two known fields are all that is read here, as the schema of their benchmark's file is "
    "not published; write the rows as questions.jsonl and import them as custom=DIR"
)


def _ask_row(path: Path, number: int, row: Any) -> Iterator[Asked | Skipped]:
    if not isinstance(row, Mapping) or not row.keys() >= FIELDS or not row.keys() <= ALLOWED:
        found = ", ".join(map(str, row)) if isinstance(row, Mapping) else type(row).__name__
        raise UsageError(
            f"{path}: row {number} has {found or 'no field'}, not `thermal` and `conversations`; {REFUSED}"
        )
    turns = row["conversations"]
    is_said = isinstance(turns, list) and all(isinstance(turn, Mapping) and turn.keys() >= SPOKEN for turn in turns)
    if not is_said:
        raise UsageError(
            f"{path}: row {number}: `conversations` is no list of turns with `from` and `value`; {REFUSED}"
        )
    try:
        asked = list(split_turns([(turn["from"] == "human", str(turn["value"])) for turn in turns]))
    except ValueError:
        yield Skipped("turns_do_not_alternate", f"{path.name}, row {number}")
        return
    for place, turn in enumerate(asked):
        yield Asked(
            kind=path.stem,
            key=f"{number:06d}-{place}",
            question=turn.question,
            prompt=turn.question,
            answer=turn.answer,
            label=turn.said,
            form=turn.form,
            shown=(Shown(str(row["thermal"])),),
            declared=DECLARED,
        )


BENCHMARK = ForeignBenchmark(
    name="infrared-llava",
    title="Infrared-LLaVA's files",
    facts=Facts(
        licence="MIT (repository)",
        origin="github.com/threegold116/Infrared-LLaVA at faf8088; hub ThreeGold11602/infrared_benchmark and others",
        images="bare file names: name their folder with --map DIR",
        citation="Jiang et al., Infrared-LLaVA, ICCV 2025",
        declared="the authors published no scorer, so accuracy is by our reading alone",
    ),
    read=read,
)
