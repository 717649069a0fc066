"""The image rows of COCO files, and why one of them may be unusable."""

import re
from collections import Counter
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from tools.datasets.coco.ids import ImageKey, read_key
from tools.datasets.coco.source import CocoSource
from tools.errors import DamagedError, RejectError
from tools.files.inside import find_name_fault
from tools.images import match_frame

Reject = tuple[str, str]  # code and reason
Key = TypeVar("Key", int, ImageKey)
MAX_SIDE_PX = 1_000_000
_SIDE = re.compile(r"[0-9]{1,7}(?:\.0{1,9})?")


class _Image(msgspec.Struct, gc=False):
    id: Any = None
    file_name: Any = None
    width: Any = None
    height: Any = None


class ImageRow(NamedTuple):
    """One image as a file states it, the name with forward slashes; 0 for a size that is missing or impossible."""

    file_name: str
    width: int
    height: int


class ImageTable(NamedTuple, Generic[Key]):
    """The images of a file, by their `ImageKey` or by the number that stands for their id (`ids`).

    Attributes:
        rows: by image id, the first row of each.
        conflicts: ids under which the file lists different images.
        counts: what was found.
    """

    rows: dict[Key, ImageRow]
    conflicts: frozenset[Key]
    counts: Counter[str]


def read_images(source: CocoSource) -> ImageTable[ImageKey]:
    """Read the images of a file; those without an id are counted and left out.

    Raises:
        DamagedError: not one has an id.
    """
    rows: dict[ImageKey, ImageRow] = {}
    conflicts: set[ImageKey] = set()
    counts: Counter[str] = Counter()
    for piece in source.pieces("images", msgspec.json.Decoder(list[_Image]).decode, counts):
        for image in piece:
            # Windows' separators, which many tools write, are separators; `check_image` looks at what comes of them.
            name = image.file_name.replace("\\", "/") if isinstance(image.file_name, str) else ""
            row = ImageRow(name, read_side(image.width), read_side(image.height))
            image_id = read_key(image.id)
            if image_id is None:
                counts["images_without_id"] += 1
                continue
            first = rows.setdefault(image_id, row)
            if first is not row:
                counts["images_repeated"] += 1
            if first != row:
                conflicts.add(image_id)
    if counts["images_without_id"] and not rows:
        raise DamagedError(f"{source.path}: not one of its images has an id; give each a whole number or a text")
    return ImageTable(rows, frozenset(conflicts), counts)


def check_image(row: ImageRow) -> Reject | None:
    """Why an image cannot be used, None when it can."""
    if not row.file_name:
        return "missing_file_name", "the image has no file_name"
    fault = find_name_fault(row.file_name)
    if fault is not None:
        return "unsafe_file_name", f"file_name {row.file_name[:200]!r} {fault}; it must stay inside the image folder"
    if not row.width or not row.height:
        return "bad_image_size", "the image has no width and height above 0, so its boxes cannot be normalised"
    return None


def fill_size(row: ImageRow, folder: Path, has_boxes: bool) -> ImageRow | Reject:
    """An image without a size, with the one in its file's header; or why that cannot be had."""
    if not row.file_name or find_name_fault(row.file_name) is not None:
        return row
    try:
        return ImageRow(row.file_name, *match_frame(folder / row.file_name, None, has_boxes).size)
    except RejectError as error:
        return error.code, str(error)


def read_side(value: Any) -> int:
    """Pixels as a whole number, also where they are written as text."""
    if isinstance(value, str) and _SIDE.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MAX_SIDE_PX:
        return 0
    return int(value) if value == int(value) else 0
