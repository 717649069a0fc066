"""Text that users bring: read whole, checked to be UTF-8, a byte order mark taken off.

read_json(path), read_yaml(path), read_object(path), read_rows(path)     # a file: one sentence when it is damaged
decode_json(content), decode_yaml(content), decode_record(content, Kind) # bytes or text: a `TextFault`
"""

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.errors import MissingError, UsageError

BOM = b"\xef\xbb\xbf"
OTHER_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
MOST_DIGITS = 300
"""Longer numbers fit into no float; Python itself refuses to print those of more than 4300."""


class TextFault(ValueError):
    """Why a text is not what it should be, e.g. `not valid JSON (line 3, column 5: Expecting value)`.

    Never quotes the text itself, which could hold a key.

    Attributes:
        line: where it is, counted from 1; None where that is not known.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class Line(NamedTuple):
    """A line of a file, without its end, counted from 1."""

    number: int
    content: bytes


def decode_text(content: bytes) -> str:
    """Bytes as text, without a byte order mark; line ends stay as they are.

    Raises:
        TextFault: they are not UTF-8; names the line.
    """
    try:
        return content.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        kind = OTHER_MARKS.get(content[:2])
        if kind:
            raise TextFault(f"not UTF-8 text but {kind}; save it as UTF-8") from None
        line = content.count(b"\n", 0, error.start + len(content) - len(content.removeprefix(BOM))) + 1
        raise TextFault(f"not UTF-8 text (line {line}); save it as UTF-8", line) from None


def read_content(path: Path, remedy: str = "name another file") -> bytes:
    """The bytes of a file that a user names.

    Raises:
        MissingError: there is none.
        UsageError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise MissingError(f"{path} is missing; {remedy}") from None
    except OSError as error:
        raise explain_unreadable(path, error) from error


def explain_unreadable(path: Path, error: OSError) -> UsageError:
    """Why a file that is there cannot be read, for people."""
    if error.errno in {errno.ELOOP, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ENOENT}:
        return UsageError(f"{path}: cannot be read ({error.strerror}); name a file")
    return UsageError(f"{path}: cannot be read ({error.strerror or error}); check its rights and its disk")


def read_text(path: Path, remedy: str = "name another file") -> str:
    """A text file.

    Raises:
        MissingError: there is none.
        UsageError: it cannot be read, or is not UTF-8.
    """
    try:
        return decode_text(read_content(path, remedy))
    except TextFault as error:
        raise UsageError(f"{path}: {error}") from error


def split_lines(content: bytes) -> Iterator[Line]:
    """The lines of bytes that hold something, without a byte order mark; only line feeds end them."""
    for number, line in enumerate(content.removeprefix(BOM).split(b"\n"), 1):
        if line.strip():
            yield Line(number, line.rstrip(b"\r"))


def iterate_lines(path: Path, remedy: str = "name another file") -> Iterator[Line]:
    """The lines of a file that hold something, one at a time; only line feeds end them.

    Raises:
        MissingError: there is none.
        UsageError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            for number, content in enumerate(file, 1):
                line = (content.removeprefix(BOM) if number == 1 else content).rstrip(b"\r\n")
                if line.strip():
                    yield Line(number, line)
    except FileNotFoundError:
        raise MissingError(f"{path} is missing; {remedy}") from None
    except OSError as error:
        raise explain_unreadable(path, error) from error
