"""What an image is called: a text, whichever dataset it comes from.

A COCO id is the decimal text of its number, the id of a photograph in a folder its path there without the ending, so
that neither another image nor another place in a list changes it. Digits in the name of a file are never an id.
"""

import hashlib
import math
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import NamedTuple

from tools.errors import UsageError

MAX_ID_CHARS = 1000
"""A longer text is no id."""
MAX_NAME_CHARS = 150
"""Of a file name without its ending; file systems take 255 bytes, and a temporary file needs some of them."""

_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,18}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_ESCAPED = re.compile(rb"[^A-Za-z0-9_.\-]")
_ESCAPE = re.compile(r"=([0-9A-F]{2})")
_RESERVED = re.compile(rb"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)")
_CUT = "=="
_DIGEST_CHARS = 32
_CUT_NAME = re.compile(rf"[A-Za-z0-9_.=\-]+{_CUT}([0-9a-f]{{{_DIGEST_CHARS}}})")


class NamedImage(NamedTuple):
    """A file and its id."""

    image_id: str
    path: Path


def read_id(value: object) -> str | None:
    """An id as JSON holds it: a text, or a number that is whole (`139`, `139.0`); None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**MAX_NAME_CHARS else None
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value == int(value) and abs(value) < 2**53 else None
    is_id = isinstance(value, str) and value.strip() and len(value) <= MAX_ID_CHARS and not _CONTROL.search(value)
    return str(value) if is_id else None


def read_number(image_id: str) -> int | None:
    """The number that an id is the usual decimal text of; None for every other text, such as `007` or `+7`."""
    return int(image_id) if _NUMBER.fullmatch(image_id) else None


def order_ids(image_id: str) -> tuple[bool, int, str]:
    """Sort key of ids: numbers by their value, then other texts by their letters."""
    number = read_number(image_id)
    return number is None, number or 0, "" if number is not None else image_id


def name_file(image_id: str) -> str:
    """A file name, without ending, that only this id has: `139` stays, `yard/cat 1` becomes `yard=2Fcat=201`.

    Letters, digits, `_`, `-` and `.` stay; every other byte of the UTF-8 text is `=` and two hex digits, and so is a
    first letter that would hide the file or give it a name that Windows keeps for itself. A name longer than
    `MAX_NAME_CHARS` is cut, and `==` and a hash of the id put in place of the rest.
    """
    raw = image_id.encode("utf-8", "surrogatepass")
    name = _ESCAPED.sub(lambda found: b"=%02X" % found[0][0], raw).decode() or "="
    if name.startswith(".") or _RESERVED.match(raw):
        name = f"={raw[0]:02X}{name[1:]}"
    if len(name) <= MAX_NAME_CHARS:
        return name
    head = name[: MAX_NAME_CHARS - len(_CUT) - _DIGEST_CHARS]
    return f"{re.sub('=.?$', '', head)}{_CUT}{_hash(raw)[:_DIGEST_CHARS]}"


def read_file_name(name: str) -> str | None:
    """The id whose `name_file` this is; None for a name that was cut, and for one that is no id's."""
    raw = b"".join(_read_part(part) for part in re.split(r"(=[0-9A-F]{2})", name)) if name != "=" else b""
    try:
        image_id = raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return image_id if name_file(image_id) == name else None


def find_digest(name: str) -> str | None:
    """The SHA-256 of the id that a file is named for, 64 hex digits, the first 32 of a name that was cut; else None."""
    image_id, cut = read_file_name(name), _CUT_NAME.fullmatch(name)
    if image_id is not None:
        return _hash(image_id.encode("utf-8", "surrogatepass"))
    return cut[1] if cut and len(name) <= MAX_NAME_CHARS else None


def _hash(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _read_part(part: str) -> bytes:
    found = _ESCAPE.fullmatch(part)
    return bytes.fromhex(found[1]) if found else part.encode("utf-8", "surrogatepass")


def name_path(path: PurePath) -> str:
    """The id of an image by its path: the path without the ending, `/` between folders, in Unicode's composed form.

    What is no Unicode in the name of a file shows as `\\xNN`.
    """
    raw = path.with_suffix("").as_posix().encode("utf-8", "surrogatepass")
    return unicodedata.normalize("NFC", raw.decode("utf-8", "backslashreplace"))


def explain_collision(first: str, second: str) -> UsageError:
    """The error of two files that would have one id."""
    return UsageError(
        f"{first} and {second} would have the same id (an image's path without suffix); rename or remove one of them"
    )


def name_images(images: Iterable[tuple[Path, PurePath]]) -> tuple[NamedImage, ...]:
    """Give images their ids, in the order given.

    Args:
        images: each file, and its path in the folder that was named; its bare name where no folder was.

    Raises:
        UsageError: two files have one id.
    """
    found: dict[str, Path] = {}
    for path, relative in images:
        image_id = name_path(relative)
        if image_id in found:
            raise explain_collision(found[image_id].as_posix(), path.as_posix())
        found[image_id] = path
    return tuple(NamedImage(*item) for item in found.items())
