"""Boxes of the pairs' own annotations, in the frame of the image as it is loaded; or a note that says what is wrong."""

import functools
from pathlib import Path
from typing import Final
from xml.etree import ElementTree  # local dataset files; entities are not resolved

from tools.datasets.boxes import MAX_BOXES, MOST, explain_crowd
from tools.datasets.files import BadRow, check_length
from tools.datasets.formats.coco_json import CocoRow, read_coco
from tools.datasets.frames import fit_photo
from tools.errors import RejectError
from tools.records import Box, BoxXyxyNorm, Photo

NO_BOXES: Final[tuple[Box, ...]] = ()
Noted = tuple[tuple[Box, ...], str]


def read_voc_boxes(annotation: Path, image: Path) -> Noted:
    """The boxes of a Pascal VOC file; none, and a note, where one of them cannot be read or the size is another."""
    if not annotation.is_file():
        return NO_BOXES, "no annotation"
    try:
        check_length(annotation)
        root = ElementTree.parse(annotation).getroot()
        size = int(_read(root, "size/width")), int(_read(root, "size/height"))
        items = list(root.iter("object"))
        corners = [(_name(item), _corners(item)) for item in items[: MAX_BOXES + 1]]
    except (ElementTree.ParseError, ValueError, LookupError, OSError) as error:
        why = type(error).__name__ if isinstance(error, OSError) else "not a Pascal VOC annotation"
        return NO_BOXES, f"{annotation.name}: {why}"
    except BadRow as error:
        return NO_BOXES, str(error)
    return fit_boxes(image, size, corners)


def read_coco_boxes(annotations: Path, file_name: str, image: Path) -> Noted:
    """The boxes of one image of a COCO-like file; none where the file does not list it."""
    if not annotations.is_file():
        return NO_BOXES, ""
    try:
        rows = _read_rows(annotations)
    except BadRow as error:
        return NO_BOXES, str(error)
    found = next((row for row in rows if not isinstance(row, BadRow) and row.name == file_name), None)
    if found is None:
        return NO_BOXES, ""
    if found.size is None or found.rejects:
        return NO_BOXES, f"{annotations.name}: a size or a box cannot be read"
    return fit_boxes(image, found.size, [(box.name, box.box_xyxy) for box in found.boxes])


@functools.lru_cache(maxsize=2)  # each pair of a dataset looks into the same file
def _read_rows(annotations: Path) -> list[CocoRow | BadRow]:
    return list(read_coco(annotations))


def fit_boxes(image: Path, size: tuple[int, int], corners: list[tuple[str, BoxXyxyNorm]]) -> Noted:
    """Boxes in pixels as normalised ones of the image as it is loaded."""
    width, height = size
    if min(size) < 1 or len(corners) > MAX_BOXES:
        return NO_BOXES, explain_crowd() if len(corners) > MAX_BOXES else "its annotation states no size"
    boxes = tuple(
        Box(label=label, box_xyxy_norm=(x1 / width, y1 / height, x2 / width, y2 / height))
        for label, (x1, y1, x2, y2) in corners
    )
    photo = Photo(image_id="", file_name=image.name, width=width, height=height, captions=(), boxes=boxes)
    try:
        return fit_photo(photo, image).boxes, ""
    except RejectError as error:
        return NO_BOXES, f"annotation and image: {error.code}"


def _read(element: ElementTree.Element, place: str) -> float:
    number = float(element.findtext(place, "nan"))
    if not abs(number) < MOST:
        raise ValueError(f"no {place}")
    return number


def _name(item: ElementTree.Element) -> str:
    return item.findtext("name", "object").strip()


def _corners(item: ElementTree.Element) -> BoxXyxyNorm:
    x1, y1, x2, y2 = (_read(item, f"bndbox/{key}") for key in ("xmin", "ymin", "xmax", "ymax"))
    return x1, y1, x2, y2
