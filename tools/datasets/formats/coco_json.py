"""COCO-like JSON of infrared datasets: images, annotations, categories; the keys differ from dataset to dataset.

One row at fault is a reject and the rest is read. COCO itself, hundred times as large, is read by `tools.datasets.coco`
in columns.
"""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tools.datasets.boxes import read_xywh
from tools.datasets.files import BadRow, read_json
from tools.datasets.reading import RawBox

Row = dict[str, Any]


class CocoRow(NamedTuple):
    """One image: its file name, the size that the file states, its objects, and those that cannot be read."""

    name: str
    size: tuple[int, int] | None
    boxes: list[RawBox]
    rejects: list[BadRow]


def read_coco(path: Path, name_key: str = "file_name", boxes_key: str = "annotations") -> Iterator[CocoRow | BadRow]:
    """The file's images in the order of their names.

    Raises:
        BadRow: the file is broken, or is not of this form.
    """
    images, boxes, categories = _read_tables(path, boxes_key)
    names = {row.get("id"): str(row.get("name")) for row in categories}
    by_image: defaultdict[Any, list[Row]] = defaultdict(list)
    for box in boxes:
        by_image[box.get("image_id")].append(box)
    seen: set[Any] = set()
    named = [row for row in images if isinstance(row.get(name_key), str)]
    for row in sorted(named, key=lambda row: str(row[name_key])):
        if row.get("id") in seen:
            yield BadRow("duplicate_id", f"{row[name_key]}: another image has the id {row.get('id')}")
            continue
        seen.add(row.get("id"))
        yield _make_row(row, name_key, by_image.pop(row.get("id"), []), names)
    for image_id, orphans in sorted(by_image.items(), key=str):
        yield BadRow("no_image_row", f"{len(orphans)} boxes are of an image {image_id} that the file does not list")


def _read_tables(path: Path, boxes_key: str) -> list[list[Row]]:
    """Images, boxes and categories; what is no object in a table is passed over."""
    document = read_json(path)
    tables = [document.get(key) if isinstance(document, dict) else None for key in ("images", boxes_key, "categories")]
    if not all(isinstance(table, list) for table in tables):
        raise BadRow("broken_json", f"{path.name} has no lists `images`, `{boxes_key}` and `categories`")
    return [[row for row in table or [] if isinstance(row, dict)] for table in tables]


def _make_row(row: Row, name_key: str, boxes: list[Row], names: dict[Any, str]) -> CocoRow:
    read, rejects = [], []
    for box in boxes:
        try:
            read.append(_read_box(box, names))
        except BadRow as error:
            rejects.append(error)
    width, height = row.get("width"), row.get("height")
    has_size = isinstance(width, int) and isinstance(height, int) and min(width, height) > 0
    return CocoRow(row[name_key], (width, height) if has_size else None, read, rejects)  # type: ignore[arg-type]


def _read_box(box: Row, names: dict[Any, str]) -> RawBox:
    corners = read_xywh(box.get("bbox"))
    if corners is None:
        raise BadRow("no_box", f"annotation {box.get('id')} has no bbox of four numbers")
    name = names.get(box.get("category_id"), f"category {box.get('category_id')}")
    is_certain = not box.get("iscrowd") and not box.get("ignore")
    return RawBox(name, corners, is_certain)
