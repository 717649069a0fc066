"""JSON rows from files, one at a time, with the file and the line in every complaint."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tools.errors import RejectError, UsageError
from trainer.data.samples import Reject, Sample

Row = dict[str, Any]


class NumberedRow(NamedTuple):
    """A row, and its number in its file, counted from 1 (the line of a JSONL file)."""

    number: int
    row: Row


def read_jsonl(path: Path) -> Iterator[NumberedRow | Reject]:
    """The rows of a JSONL file; a line that is no JSON object becomes a reject, and so does one that was cut off."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                except json.JSONDecodeError as error:
                    yield _refuse(path, number, f"is no JSON ({error.msg}): {line[:60].strip()!r}")
                    continue
                yield NumberedRow(number, row) if isinstance(row, dict) else _refuse(path, number, "is no JSON object")
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error


def read_list(path: Path) -> Iterator[NumberedRow | Reject]:
    """The rows of a JSON file that is a list of objects; a `.jsonl` file is read line by line.

    Raises:
        UsageError: unreadable, no JSON, or no list.
    """
    if path.suffix == ".jsonl":
        yield from read_jsonl(path)
        return
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}; is the file whole?") from error
    if not isinstance(rows, list):
        raise UsageError(f"{path}: expected a list of rows, found {type(rows).__name__}")
    for number, row in enumerate(rows, start=1):
        yield NumberedRow(number, row) if isinstance(row, dict) else _refuse(path, number, "is no JSON object")


def make_samples(
    file: Path, items: Iterable[NumberedRow | Reject], make: Callable[[str, Row], Sample], place: str
) -> Iterator[Sample | Reject]:
    """A sample of each row, made from its name and itself; a row that `make` refuses becomes a reject.

    Args:
        place: what stands between the file and the row's number in a complaint.
    """
    for item in items:
        if isinstance(item, Reject):
            yield item
            continue
        name = name_row(file, item.row, item.number)
        try:
            yield make(name, item.row)
        except RejectError as error:
            yield Reject(name, error.code, f"{file}{place}{item.number}: {error}", "read")


def name_row(path: Path, row: Row, number: int) -> str:
    """The row's id, or `<file>:<number>`."""
    given = row.get("id")
    return str(given) if isinstance(given, str | int) and str(given) else f"{path.name}:{number}"


def _refuse(path: Path, number: int, text: str) -> Reject:
    return Reject(f"{path.name}:{number}", "bad_row", f"{path}: row {number} {text}", "read")
