"""Pascal VOC and its kin: one XML file an image, one `object` a thing."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element

from tools.datasets.boxes import MAX_BOXES, MOST, explain_crowd
from tools.datasets.files import BadRow, read_xml
from tools.datasets.reading import RawBox
from tools.datasets.records import BoxXyxy


class Voc(NamedTuple):
    """A file's objects, those that could not be read, and the size that it states (None where it states none)."""

    boxes: list[RawBox]
    rejects: list[BadRow]
    size: tuple[int, int] | None


BoxReader = Callable[[Element], BoxXyxy]


def read_voc(path: Path, read_box: BoxReader | None = None) -> Voc:
    """Read one file; a file without an object is an image without boxes.

    Raises:
        BadRow: the file is broken, or has too many objects.
    """
    root = read_xml(path)
    boxes: list[RawBox] = []
    rejects: list[BadRow] = []
    for element in root.iter("object"):
        if len(boxes) + len(rejects) >= MAX_BOXES:
            raise BadRow("too_many_boxes", explain_crowd())
        try:
            boxes.append(_read_object(element, read_box or read_bndbox))
        except BadRow as error:
            rejects.append(error)
    return Voc(boxes, rejects, _read_size(root))


def _read_object(element: Element, read_box: BoxReader) -> RawBox:
    name = (element.findtext("name") or "").strip()
    is_difficult = (element.findtext("difficult") or "0").strip() == "1"
    return RawBox(name, read_box(element), not is_difficult)


def _read_size(root: Element) -> tuple[int, int] | None:
    try:
        size = int(root.findtext("size/width") or ""), int(root.findtext("size/height") or "")
    except ValueError:
        return None
    return size if min(size) > 0 else None


def read_numbers(element: Element | None, tags: Iterable[str], what: str) -> list[float]:
    """Numbers of an element's children.

    Raises:
        BadRow: one is missing or no number.
    """
    try:
        numbers = [float((element.findtext(tag) if element is not None else None) or "") for tag in tags]
    except ValueError:
        raise BadRow("no_box", f"an object has no {what} that can be read") from None
    if not all(abs(number) < MOST for number in numbers):
        raise BadRow("bad_box", f"an object's {what} holds what is no number")
    return numbers


def read_bndbox(element: Element) -> BoxXyxy:
    """`bndbox` with its corners."""
    left, top, right, bottom = read_numbers(element.find("bndbox"), ("xmin", "ymin", "xmax", "ymax"), "bndbox")
    return left, top, right, bottom
