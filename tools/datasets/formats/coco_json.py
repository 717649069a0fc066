"""COCO-like JSON of infrared datasets: images, annotations, categories; the keys differ from dataset to dataset.

One row at fault is a reject and the rest is read. COCO itself, hundred times as large, is read by `tools.datasets.coco`
in columns.
"""

import mmap
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tools.datasets.boxes import MAX_BOXES, read_xywh
from tools.datasets.coco.ids import ImageKey, read_key
from tools.datasets.coco.images import read_side
from tools.datasets.coco.pieces import Skipped, cut_pieces, replace_nan
from tools.datasets.files import BadRow
from tools.datasets.reading import RawBox
from tools.errors import ToolkitError

Row = dict[str, Any]
_BOM = b"\xef\xbb\xbf"


class CocoRow(NamedTuple):
    """One image: its file name, the size that the file states, its objects, and those that cannot be read.

    Of an image with more than `MAX_BOXES` objects one more than these are kept.
    """

    name: str
    size: tuple[int, int] | None
    boxes: list[RawBox]
    rejects: list[BadRow]


class _Orphans(NamedTuple):
    """Boxes by the image they are of, as they stand in the file."""

    by_image: defaultdict[ImageKey | None, list[RawBox | BadRow]]
    counts: defaultdict[ImageKey | None, int]


def read_coco(path: Path, name_key: str = "file_name", boxes_key: str = "annotations") -> Iterator[CocoRow | BadRow]:
    """The file's images in the order of their names.

    Raises:
        BadRow: the file is broken, or is not of this form.
    """
    tables = _open_tables(path, ("images", boxes_key, "categories"))
    skipped = Skipped()
    names = _read_names(_stream(path, tables, "categories", skipped))
    boxes = _read_boxes(_stream(path, tables, boxes_key, skipped), names)
    images = list(_stream(path, tables, "images", skipped))
    named = [row for row in images if isinstance(row.get(name_key), str) and row[name_key]]
    for _ in range(len(images) - len(named)):
        yield BadRow("missing_file_name", f"an image of {path.name} has no {name_key}")
    yield from _join(sorted(named, key=lambda row: str(row[name_key])), name_key, boxes)
    for image, found in sorted(boxes.counts.items(), key=str):
        yield BadRow("no_image_row", f"{found} boxes are of an image {image} that the file does not list")
    for _ in range(skipped.count):
        yield BadRow("broken_row", f"a row cannot be read; the first such: {skipped.first}")


def _join(images: list[Row], name_key: str, boxes: _Orphans) -> Iterator[CocoRow | BadRow]:
    """Each image with its boxes, which are taken out of `boxes`."""
    seen: set[ImageKey] = set()
    for row in images:
        image = read_key(row.get("id"))
        if image is None:
            yield BadRow("no_image_id", f"{row[name_key][:200]}: the image has no id")
        elif image in seen:
            yield BadRow("duplicate_id", f"{row[name_key][:200]}: another image has the id {image}")
        else:
            seen.add(image)
            boxes.counts.pop(image, None)
            found = boxes.by_image.pop(image, [])
            size = read_side(row.get("width")), read_side(row.get("height"))
            read = [box for box in found if isinstance(box, RawBox)]
            rejects = [box for box in found if isinstance(box, BadRow)]
            yield CocoRow(row[name_key], size if all(size) else None, read, rejects)


def _open_tables(path: Path, keys: tuple[str, ...]) -> dict[str, memoryview]:
    """The lists of a file, as text that is not decoded yet."""
    try:
        data = _map(path)
    except OSError as error:
        raise BadRow("missing_annotation", f"{path.name}: {error.strerror}") from None
    try:
        found = _split(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        why = "its text is no UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise BadRow("broken_json", f"{path.name} cannot be read as JSON: {why}") from None
    tables = {key: memoryview(found.get(key, b"")) for key in keys} if found is not None else {}
    if not tables or not all(bytes(table[:1]) == b"[" for table in tables.values()):
        listed = ", ".join(f"`{key}`" for key in keys[:-1])
        raise BadRow("broken_json", f"{path.name} has no lists {listed} and `{keys[-1]}`")
    return tables


def _map(path: Path) -> memoryview:
    with path.open("rb") as file:
        if file.seek(0, 2) == 0:
            return memoryview(b"")
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    return data[len(_BOM) :] if bytes(data[:3]) == _BOM else data


def _split(data: memoryview) -> dict[str, msgspec.Raw] | None:
    try:
        return msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        return None
    except msgspec.DecodeError as error:
        clean = replace_nan(data, error)
        if clean is None:
            raise
        return _split(memoryview(clean))


def _stream(path: Path, tables: dict[str, memoryview], key: str, skipped: Skipped) -> Iterator[Row]:
    try:
        for piece in cut_pieces(tables[key], msgspec.json.Decoder(list[Row]).decode, f"{path.name}: {key}", skipped):
            yield from piece
    except ToolkitError as error:
        raise BadRow("broken_json", str(error)) from None


def _read_names(rows: Iterator[Row]) -> dict[ImageKey | None, str]:
    names = {read_key(row.get("id")): row.get("name") for row in rows}
    return {key: name for key, name in names.items() if key is not None and isinstance(name, str)}


def _read_boxes(rows: Iterator[Row], names: dict[ImageKey | None, str]) -> _Orphans:
    boxes = _Orphans(defaultdict(list), defaultdict(int))
    for row in rows:
        image = read_key(row.get("image_id"))
        boxes.counts[image] += 1
        if boxes.counts[image] <= MAX_BOXES + 1:
            boxes.by_image[image].append(_read_box(row, names))
    return boxes


def _read_box(box: Row, names: dict[ImageKey | None, str]) -> RawBox | BadRow:
    corners = read_xywh(box.get("bbox"))
    if corners is None:
        return BadRow("no_box", f"annotation {read_key(box.get('id'))} has no bbox of four numbers")
    category = read_key(box.get("category_id"))
    is_certain = not box.get("iscrowd") and not box.get("ignore")
    return RawBox(names.get(category, f"category {category}"), corners, is_certain)
