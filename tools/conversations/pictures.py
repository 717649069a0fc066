"""Which pictures a row names, whichever key names them."""

import re
from collections.abc import Mapping
from typing import Any

IMAGE_MARK = "<image>"
"""Stands for the image in a text."""
AUTHORS_KEY = "thermal"
"""Names the picture in the files of the paper's authors: a bare file name."""
KEYS = ("image", "images", AUTHORS_KEY)
_MARKS = re.compile(r"<(?:image|thermal|video|image_placeholder)>")


def unify_marks(text: str) -> str:
    """The text with every spelling of the image's mark as `IMAGE_MARK`, and with line ends as Unix writes them."""
    return _MARKS.sub(IMAGE_MARK, text.replace("\r\n", "\n"))


def find_key(row: Mapping[str, Any]) -> str | None:
    """The first key of a row that names pictures; one that is there but says nothing, if none does."""
    there = [key for key in KEYS if key in row]
    return next((key for key in there if row[key] and row[key] is not True), there[0] if there else None)


def name_pictures(row: Mapping[str, Any], key: str | None) -> tuple[str, ...] | None:
    """The names of a row's pictures; None when the key holds something else than names.

    Args:
        key: as `find_key` found it; without one, the parts of the turns may name pictures.
    """
    value = _list_parts(row) if key is None else row[key]
    names = [_read_name(item) for item in (value if isinstance(value, list) else [value]) if item is not None]
    return None if None in names else tuple(name for name in names if name)


def _read_name(item: Any) -> str | None:
    """A picture as a name, or as an object with a path."""
    name = item.get("path") if isinstance(item, dict) else item
    return name if isinstance(name, str) and "\0" not in name else None


def _list_parts(row: Mapping[str, Any]) -> list[Any]:
    """Pictures that the contents of chat messages name: `{"type": "image", "image": "a.png"}`."""
    turns = row.get("messages") or row.get("conversations")
    contents = [turn.get("content") for turn in turns if isinstance(turn, dict)] if isinstance(turns, list) else []
    parts = [part for content in contents if isinstance(content, list) for part in content if isinstance(part, dict)]
    named = [part.get("image", part.get("path")) for part in parts if part.get("type") == "image"]
    return [name for name in named if name is not None]
