"""JSON rows from files, one at a time, with the file and the line in every complaint."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from tools.errors import RejectError, UsageError
from tools.files.inside import PathFault, join_inside
from tools.files.json_text import NumberedRow, decode_json, read_json
from tools.files.text import TextFault, iterate_lines
from trainer.data.samples import Reject, Sample

Row = dict[str, Any]


def read_jsonl(path: Path) -> Iterator[NumberedRow | Reject]:
    """The rows of a JSONL file; a line that is no JSON object becomes a reject, and so does one that was cut off."""
    for number, line in iterate_lines(path):
        try:
            row = decode_json(line)
        except TextFault as error:
            shown = line[:60].decode("utf-8", "replace").strip()
            yield _refuse(path, number, f"is {error}: {shown!r}")
            continue
        yield NumberedRow(number, row) if isinstance(row, dict) else _refuse(path, number, "is no JSON object")


def read_list(path: Path) -> Iterator[NumberedRow | Reject]:
    """The rows of a JSON file that is a list of objects; a `.jsonl` file is read line by line.

    Raises:
        UsageError: unreadable, no JSON, or no list.
    """
    if path.suffix == ".jsonl":
        yield from read_jsonl(path)
        return
    rows = read_json(path, "is the file whole?")
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


def join_picture(root: Path, name: str) -> Path:
    """The file of a row's picture, below its folder.

    Raises:
        RejectError: the name or a link leads out of it.
    """
    try:
        return join_inside(root, name)
    except PathFault as error:
        raise RejectError("path_outside", str(error)) from error


def name_row(path: Path, row: Row, number: int) -> str:
    """The row's id, or `<file>:<number>`."""
    given = row.get("id")
    return str(given) if isinstance(given, str | int) and str(given) else f"{path.name}:{number}"


def _refuse(path: Path, number: int, text: str) -> Reject:
    return Reject(f"{path.name}:{number}", "bad_row", f"{path}: row {number} {text}", "read")
