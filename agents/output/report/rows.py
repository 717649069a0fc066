"""The lines of a run's exports: found by image id without parsing, parsed only where they are shown."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from tools.errors import MissingError, ToolkitError
from tools.files.json_text import decode_json
from tools.files.text import BOM, TextFault

Row = dict[str, Any]
View = TypeVar("View")

# A quote inside a JSON string is always escaped, so a caption that contains `"image_id": 7` cannot match. The number is
# how runs wrote it before ids were text.
IMAGE_ID = re.compile(rb'"image_id":\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+))')
ROUNDS = re.compile(rb'"rounds":\s*(\d+)')
CODE = re.compile(rb'"code":\s*"([^"\\]*)"')


class Line(NamedTuple):
    """One line of an export: its file, its number from 1, the id of its image, its bytes."""

    path: Path
    number: int
    image_id: str
    text: bytes


def _refuse(path: Path, number: int, why: str, text: bytes) -> ToolkitError:
    excerpt = text[:80].decode("utf-8", errors="replace").strip()
    return ToolkitError(
        f"{path}, line {number}: {why}: {excerpt!r}. The file was changed or cut after it was written; "
        "run the same `python -m agents run` command again to write it anew."
    )


def iterate_lines(path: Path) -> Iterator[Line]:
    """All lines of an export in file order; none when the file does not exist.

    Raises:
        ToolkitError: a line names no image.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            text = line.removeprefix(BOM) if number == 1 else line
            found = IMAGE_ID.search(text)
            if found:
                yield Line(path, number, _read_id(path, number, found), text)
            elif text.strip():
                raise _refuse(path, number, "no image_id", text)


def _read_id(path: Path, number: int, found: re.Match[bytes]) -> str:
    if found[1] is None:
        return found[2].decode()
    try:
        return str(decode_json(found[1]))
    except TextFault as error:
        raise _refuse(path, number, str(error), found[0]) from error


def parse_line(line: Line) -> Row:
    """The row of a line.

    Raises:
        ToolkitError: the line is not a JSON object.
    """
    return _parse(line.path, line.number, line.text)


def _parse(path: Path, number: int, text: bytes) -> Row:
    try:
        row = decode_json(text, allows_halves=True)
    except TextFault as error:
        raise _refuse(path, number, str(error), text) from error
    if not isinstance(row, dict):
        raise _refuse(path, number, "not a JSON object", text)
    return row


def read_rules(path: Path) -> list[Row]:
    """All rules; none when the file does not exist."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        return [_parse(path, number, text) for number, text in enumerate(file, start=1) if text.strip()]


def read_manifest(run: Path) -> Row:
    """The run's manifest.

    Raises:
        MissingError: the folder holds none, so it is not a run.
        ToolkitError: it is not a JSON object.
    """
    path = run / "manifest.json"
    if not path.exists():
        is_begun = (run / "run.sqlite").exists()
        cure = "It was interrupted: the command that began it goes on" if is_begun else "Write one"
        raise MissingError(
            f"{path} does not exist, so {run} is not a finished run. {cure}, `python -m agents run --out {run} ...`."
        )
    return _parse(path, 1, path.read_bytes())


def view_rows(rows: list[Row], view: Callable[[Row], View], file_name: str) -> tuple[View, ...]:
    """`view` of every row.

    Raises:
        ToolkitError: a row lacks a field.
    """
    views = []
    for row in rows:
        try:
            views.append(view(row))
        except (KeyError, TypeError, AttributeError) as error:
            raise ToolkitError(
                f"{file_name}, row {row.get('id')!r}: cannot be shown ({type(error).__name__}: {error}). "
                "It was written by another version of this toolkit; "
                "run the same `python -m agents run` command again to write it anew."
            ) from error
    return tuple(views)
