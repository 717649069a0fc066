"""Long JSON lists of objects, decoded piece by piece, so that memory does not grow with the file."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from tools.errors import DamagedError

Decode = Callable[[bytes], list[Any]]
PIECE_BYTES = 8 << 20
BYTE = re.compile(r"\(byte (\d+)\)")
"""Where msgspec's error texts say which byte is wrong."""

_BETWEEN = re.compile(rb"\}\s*,\s*(?=\{)")
_STRING_OR_NAN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|-?Infinity|NaN', re.DOTALL)


class _Piece(NamedTuple):
    rows: list[Any]
    end: int


@dataclass
class Skipped:
    """Rows that could not be read at all: of another type, with text that is no UTF-8, with numbers beyond reason.

    Attributes:
        count: how many.
        first: which was the first, and why, in a sentence.
    """

    count: int = 0
    first: str = ""


def cut_pieces(array: memoryview, decode: Decode, name: str, skipped: Skipped) -> Iterator[list[Any]]:
    """Decode a JSON array of objects in pieces of about `PIECE_BYTES`.

    A piece is cut after a closing brace that a comma and an opening brace follow. Such a place may also stand inside a
    string or a nested list; then the piece is no complete JSON, and it is made longer until it is.

    Args:
        array: the array's text, valid JSON.
        decode: JSON array -> rows.
        name: file and part, for error texts.
        skipped: rows that `decode` does not take are left out, and counted here.

    Raises:
        DamagedError: the text is damaged.
    """
    inside = array[1:-1]
    start, row = 0, 0
    while start < len(inside):
        before = skipped.count
        piece = _cut(inside, start, decode, name, row, skipped)
        yield piece.rows
        row += len(piece.rows) + skipped.count - before
        start = piece.end


def replace_nan(data: memoryview, error: Exception) -> bytes | None:
    """Make NaN and Infinity, which Python writes though JSON has neither, null.

    Returns:
        The text, None when `error`, the decoder's, is about something else.
    """
    found = BYTE.search(str(error))
    near = bytes(data[max(0, int(found[1]) - 2) : int(found[1]) + 10]) if found else b""
    if not any(token in near for token in (b"NaN", b"Infinity")):
        return None
    parts: list[bytes | memoryview] = []
    start = 0
    for token in _STRING_OR_NAN.finditer(data):
        if data[token.start()] != ord('"'):
            parts += [data[start : token.start()], b"null"]
            start = token.end()
    return b"".join([*parts, data[start:]])


def _cut(inside: memoryview, start: int, decode: Decode, name: str, row: int, skipped: Skipped) -> _Piece:
    step = PIECE_BYTES
    while True:
        found = _BETWEEN.search(inside, start + step)
        stop = found.start() + 1 if found else len(inside)
        text = b"".join((b"[", inside[start:stop], b"]"))
        try:
            return _Piece(decode(text), found.end() if found else len(inside))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if found is None or isinstance(error, msgspec.ValidationError | UnicodeDecodeError):
                rows = _read_singly(text, decode, name, row, skipped)
                return _Piece(rows, found.end() if found else len(inside))
        step *= 2


def _read_singly(text: bytes, decode: Decode, name: str, first: int, skipped: Skipped) -> list[Any]:
    """The rows of a piece that can be read; the others are counted.

    Raises:
        DamagedError: the piece cannot be taken apart.
    """
    try:
        rows = msgspec.json.decode(text, type=list[msgspec.Raw])
    except msgspec.DecodeError as error:
        advice = "Repair it, or take the file from its source again"
        raise DamagedError(f"{name} cannot be read from row {first} on: {error}. {advice}") from None
    read: list[Any] = []
    for place, raw in enumerate(rows, first):
        try:
            read += decode(b"[" + bytes(raw) + b"]")
        except (msgspec.DecodeError, UnicodeDecodeError) as reason:
            why = str(reason).replace(" - at `$[0]`", "").replace("`$[0].", "`")
            why = "its text is no UTF-8" if isinstance(reason, UnicodeDecodeError) else why
            skipped.first = skipped.first or f"{name}[{place}] cannot be used: {why}"
            skipped.count += 1
    return read
