"""Rows of a file, one at a time: a JSON list, JSON Lines, Parquet; what is no row is one reject with its place."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tools.conversations.parquet import read_parquet
from tools.errors import MissingError, ToolkitError, UsageError, shorten
from tools.files.json_text import decode_json
from tools.files.text import BOM, TextFault

Row = dict[str, Any]
LINES = (".jsonl", ".ndjson")
AGAIN = "is the file whole? Repair it, or take it from its source again"
HEAD = 200_000
"""Characters of a first line that are looked at to tell JSON Lines from JSON."""


class NumberedRow(NamedTuple):
    """A row, and its place in its file: the line of JSON Lines, else its number from 1."""

    number: int
    row: Row


class BadRow(NamedTuple):
    """A row that cannot be read.

    Attributes:
        number: as in `NumberedRow`.
        code: short machine-readable reason.
        reason: what is wrong, without file and place.
        name: the row's own id, None when it has none.
    """

    number: int
    code: str
    reason: str
    name: str | None = None


def read_rows(path: Path) -> Iterator[NumberedRow | BadRow]:
    """The rows of a file.

    Raises:
        MissingError: there is no such file, or Parquet cannot be read here.
        UsageError: it is a folder, damaged as a whole, or no list of rows.
        ToolkitError: it may not be read.
    """
    if not path.exists():
        raise MissingError(f"{path}: no such file; name a LLaVA-style JSON or JSONL file")
    if path.is_dir():
        raise UsageError(f"{path} is a folder; name a file in it, e.g. {path / 'instructions.jsonl'}")
    if path.suffix.lower() == ".parquet":
        yield from (NumberedRow(number, row) for number, row in read_parquet(path))
        return
    try:
        yield from _read_list(path) if _is_one_value(path) else _read_lines(path)
    except OSError as error:
        raise ToolkitError(f"{path} cannot be read: {error.strerror}; check its permissions") from error


def _is_one_value(path: Path) -> bool:
    """Whether the file is one JSON value: as its first line begins and ends, or by its ending where both are thinkable.

    A list in one line may stand in a file whose name ends in `.jsonl`, and JSON Lines in one that ends in `.json`.
    """
    with path.open("rb") as file:
        first = file.readline(HEAD).removeprefix(BOM).strip()
        is_more = bool(file.readline(HEAD).strip())
    if path.suffix.lower() in LINES:
        return first.startswith(b"[") and not (is_more and first.endswith(b"]"))
    return not (first.startswith(b"{") and first.endswith(b"}") and is_more)


def _read_list(path: Path) -> Iterator[NumberedRow | BadRow]:
    data = path.read_bytes()
    try:
        found = decode_json(data, allows_halves=True)
    except TextFault as error:
        raise UsageError(f"{path} is {error}; {AGAIN}") from error
    for number, row in enumerate(_find_list(path, found), start=1):
        yield _check_row(number, row, b"\\u" in data)


FORMS = "give JSON, JSONL or Parquet whose rows have `conversations`, `messages` or `caption`, or the folder of a run"


def _find_list(path: Path, found: Any) -> list[Any]:
    """The list itself, the only list in an object around it, or an object that is a row."""
    if isinstance(found, list):
        return found
    if not isinstance(found, dict):
        raise UsageError(f"{path}: expected a list of rows, found {type(found).__name__}; {FORMS}")
    if {"conversations", "messages", "caption"} & found.keys():
        return [found]
    lists = [value for value in found.values() if isinstance(value, list)]
    if len(lists) != 1:
        keys = f"the keys {shorten(', '.join(found), 80)}" if found else "no keys"
        raise UsageError(f"{path}: expected a list of rows, found an object with {keys}; {FORMS}")
    return lists[0]


def _read_lines(path: Path) -> Iterator[NumberedRow | BadRow]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            data = line.removeprefix(BOM).strip()
            if data:
                yield _read_line(number, data)


def _read_line(number: int, line: bytes) -> NumberedRow | BadRow:
    try:
        row = decode_json(line, allows_halves=True)
    except TextFault as error:
        return BadRow(number, "bad_row", f"is {error}: {line[:60].decode('utf-8', 'replace')!r}")
    return _check_row(number, row, b"\\u" in line)


def _check_row(number: int, row: Any, has_escapes: bool) -> NumberedRow | BadRow:
    """A row is an object whose texts are text: half a surrogate pair, which only an escape brings in, is none."""
    if not isinstance(row, dict):
        return BadRow(number, "bad_row", f"is no JSON object but {type(row).__name__}")
    if has_escapes:
        try:
            json.dumps(row, ensure_ascii=False).encode()
        except (UnicodeEncodeError, RecursionError):
            return BadRow(number, "bad_row", "holds half a surrogate pair, which is no text")
    return NumberedRow(number, row)
