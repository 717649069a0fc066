"""Long JSON lists of objects, decoded piece by piece, so that memory does not grow with the file."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from tools.errors import ToolkitError

Decode = Callable[[bytes], list[Any]]
PIECE_BYTES = 8 << 20
BYTE = re.compile(r"\(byte (\d+)\)")
"""Where msgspec's error texts say which byte is wrong."""

_BETWEEN = re.compile(rb"\}\s*,\s*(?=\{)")
_STRING_OR_NAN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|-?Infinity|NaN', re.DOTALL)


class _Piece(NamedTuple):
    rows: list[Any]
    end: int


def cut_pieces(array: memoryview, decode: Decode, name: str) -> Iterator[list[Any]]:
    """Decode a JSON array of objects in pieces of about `PIECE_BYTES`.

    A piece is cut after a closing brace that a comma and an opening brace follow. Such a place may also stand inside a
    string or a nested list; then the piece is no complete JSON, and it is made longer until it is.

    Args:
        array: the array's text, valid JSON.
        decode: JSON array -> rows.
        name: file and part, for error texts.

    Raises:
        ToolkitError: a row is not what `decode` takes; names it.
    """
    inside = array[1:-1]
    start, row = 0, 0
    while start < len(inside):
        piece = _cut(inside, start, decode, name, row)
        yield piece.rows
        row += len(piece.rows)
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


def _cut(inside: memoryview, start: int, decode: Decode, name: str, row: int) -> _Piece:
    step = PIECE_BYTES
    while True:
        found = _BETWEEN.search(inside, start + step)
        stop = found.start() + 1 if found else len(inside)
        text = b"".join((b"[", inside[start:stop], b"]"))
        try:
            return _Piece(decode(text), found.end() if found else len(inside))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if found is None or isinstance(error, msgspec.ValidationError | UnicodeDecodeError):
                raise _name_row(text, decode, name, row, error) from None
        step *= 2


def _name_row(text: bytes, decode: Decode, name: str, first: int, error: Exception) -> ToolkitError:
    """The error that names the first row at fault."""
    advice = "Repair it, or take the file from its source again"
    try:
        rows = msgspec.json.decode(text, type=list[msgspec.Raw])
    except msgspec.DecodeError:
        return ToolkitError(f"{name} cannot be read from row {first} on: {error}. {advice}")
    for place, raw in enumerate(rows, first):
        try:
            decode(b"[" + bytes(raw) + b"]")
        except (msgspec.DecodeError, UnicodeDecodeError) as reason:
            excerpt = bytes(memoryview(raw)[:160]).decode("utf-8", "replace")
            why = str(reason).replace(" - at `$[0]`", "").replace("`$[0].", "`")
            return ToolkitError(f"{name}[{place}] cannot be used: {why}: {excerpt}. {advice}")
    return ToolkitError(f"{name} cannot be read from row {first} on: {error}. {advice}")
