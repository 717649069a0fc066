"""The boxes of an instances file by image, to check texts against."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from tools.datasets.boxes import MAX_BOXES
from tools.datasets.coco.boxes import normalise, read_boxes
from tools.datasets.coco.ids import IdCodes
from tools.datasets.coco.images import ImageRow, check_image, fill_size, read_images
from tools.datasets.coco.rows import Ints
from tools.datasets.coco.source import CocoSource
from tools.datasets.frames import fit_photo
from tools.errors import RejectError
from tools.records import Box, Photo


class Annotated(NamedTuple):
    """The images of an instances file that can be used, by their ids: boxes, none or more, and names of files."""

    boxes: dict[str, tuple[Box, ...]]
    file_names: dict[str, str]


def load_annotated(instances: Path, photographs: Path | None = None) -> Annotated:
    """Read an instances file.

    Args:
        photographs: folder of its images: sizes that the file does not state are read from them, boxes turn with them,
            and images whose boxes do not fit are left out. None takes the file's word.

    Raises:
        MissingError, UsageError, ToolkitError: the file is not there, is of another kind, or is damaged.
    """
    source = CocoSource(instances, "--instances")
    source.require("images", "annotations", "categories", kind="an instances file")
    named = read_images(source).rows
    codes = IdCodes(named)
    table = read_boxes(source, codes)
    images = _list_usable({codes.code_key(key): row for key, row in named.items()}, table.image_ids, photographs)
    table.keep(np.isin(table.image_ids, np.array(list(images), np.int64)))
    sizes = np.array([images[code][1:] for code in table.image_ids.tolist()], np.int64).reshape(-1, 2)
    table.keep(normalise(table, sizes[:, 0], sizes[:, 1]))
    found: dict[int, list[Box]] = {code: [] for code in images}
    columns = (table.image_ids.tolist(), table.labels.tolist(), table.boxes.tolist(), table.is_crowd.tolist())
    for code, label, corners, is_crowd in zip(*columns, strict=True):
        found[code].append(Box(label=table.names[label], box_xyxy_norm=tuple(corners), is_crowd=is_crowd))
    fitted = {code: _fit(images[code], tuple(boxes), photographs) for code, boxes in found.items()}
    boxes = {codes.text(code): own for code, own in fitted.items() if own is not None}
    return Annotated(
        boxes, {codes.text(code): images[code].file_name for code, own in fitted.items() if own is not None}
    )


def load_boxes(instances: Path, photographs: Path | None = None) -> dict[str, tuple[Box, ...]]:
    """Boxes by image id; images without boxes are in it too. As `load_annotated`."""
    return load_annotated(instances, photographs).boxes


def _list_usable(named: dict[int, ImageRow], image_ids: Ints, photographs: Path | None) -> dict[int, ImageRow]:
    """Images that have a size, if need be from their files, and no more boxes than are bearable."""
    found, numbers = np.unique(image_ids, return_counts=True)
    counts = dict(zip(found.tolist(), numbers.tolist(), strict=True))
    usable = {}
    for code, row in named.items():
        if not (row.width and row.height) and photographs is not None and check_image(row) is not None:
            filled = fill_size(row, photographs, code in counts)
            row = filled if isinstance(filled, ImageRow) else row  # noqa: PLW2901 - the same image
        if row.width and row.height and counts.get(code, 0) <= MAX_BOXES:
            usable[code] = row
    return usable


def _fit(row: ImageRow, boxes: tuple[Box, ...], photographs: Path | None) -> tuple[Box, ...] | None:
    """The boxes on the picture; None where they do not fit it."""
    if photographs is None or not row.file_name or check_image(row) is not None:
        return boxes
    photo = Photo(image_id="", file_name=row.file_name, width=row.width, height=row.height, captions=(), boxes=boxes)
    try:
        return fit_photo(photo, photographs / row.file_name).boxes
    except RejectError:
        return None
