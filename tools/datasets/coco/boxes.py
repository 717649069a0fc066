"""The boxes of an instances file, as columns; normalised, clipped, and dropped where nothing is left."""

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tools.datasets.coco.ids import IdCodes
from tools.datasets.coco.rows import NO_ID, Flags, Ints, find_images, find_repeats, join
from tools.datasets.coco.source import CocoSource
from tools.datasets.facts import fold_name
from tools.errors import DamagedError

Floats = NDArray[np.float64]
DECIMALS = 6
MAX_COORDINATE = 1e300  # an integer in JSON may be too large for a float
CLIP_TOLERANCE_PX = 1.0
"""COCO's own boxes leave the image by fractions of a pixel; only more than this counts as clipped."""


class _Annotation(msgspec.Struct, gc=False):
    bbox: tuple[float, float, float, float]
    image_id: Any = None
    category_id: Any = None
    iscrowd: Any = 0
    id: Any = None


class _LooseAnnotation(msgspec.Struct, gc=False):
    image_id: Any = None
    bbox: Any = None
    category_id: Any = None
    iscrowd: Any = 0
    id: Any = None


class _Category(msgspec.Struct):
    id: Any = None
    name: Any = None


@dataclass
class BoxTable:
    """All boxes of a file, a row each.

    Attributes:
        ids, image_ids: (rows,) int64, `NO_ID` where there is none.
        labels: (rows,) int16, place in `names`; -1 for an unknown category.
        is_crowd: (rows,) bool.
        boxes: (rows, 4) float64; as read `[x, y, width, height]` in pixels, NaN where it is no box; after `normalise`
            `[x1, y1, x2, y2]` in 0..1.
        names: categories.
        counts: what was found.
    """

    ids: Ints
    image_ids: Ints
    labels: NDArray[np.int16]
    is_crowd: Flags
    boxes: Floats
    names: tuple[str, ...]
    counts: Counter[str] = field(default_factory=Counter)

    def keep(self, rows: Flags) -> None:
        """Drop all other rows."""
        if rows.all():
            return
        self.ids, self.image_ids, self.labels = self.ids[rows], self.image_ids[rows], self.labels[rows]
        self.is_crowd, self.boxes = self.is_crowd[rows], self.boxes[rows]

    def drop(self, rows: Flags, reason: str) -> None:
        """Drop these rows and count them under `reason`."""
        self.counts[reason] += int(rows.sum())
        self.keep(~rows)


def read_boxes(source: CocoSource, codes: IdCodes) -> BoxTable:
    """Read the annotations and categories of an instances file; boxes that are none are dropped and counted.

    Raises:
        UsageError: not one annotation has a box.
        DamagedError: not one says which image it is of, or two categories share an id.
    """
    counts: Counter[str] = Counter()
    categories = _read_categories(source, codes, counts)
    known = np.array(list(categories), np.int64)
    pieces = [_read_piece(rows, known, counts, codes) for rows in source.pieces("annotations", _decode_rows, counts)]
    table = BoxTable(
        join([piece.ids for piece in pieces], np.int64),
        join([piece.image_ids for piece in pieces], np.int64),
        join([piece.labels for piece in pieces], np.int16),
        join([piece.is_crowd for piece in pieces], np.bool_),
        np.concatenate([piece.boxes for piece in pieces]) if pieces else np.empty((0, 4)),
        tuple(categories.values()),
        counts,
    )
    if len(table.ids) and counts["boxes_missing"] == len(table.ids):
        raise source.wrong_kind("an instances file", 'not one of its annotations has a "bbox"')
    if len(table.ids) and (table.image_ids == NO_ID).all():
        raise DamagedError(f"{source.path}: not one of its annotations has an image_id; say which image each is of")
    _drop_unusable(table)
    return table


def _drop_unusable(table: BoxTable) -> None:
    """Drop rows that are no box, repeat another row, or have no image or an unknown category."""
    table.keep(~np.isnan(table.boxes[:, 0]))
    table.drop(table.image_ids == NO_ID, "boxes_without_image_id")
    table.drop((table.boxes[:, 2:].min(axis=1) <= 0), "boxes_without_area")
    table.drop(table.labels < 0, "boxes_of_unknown_categories")
    columns = (table.image_ids, table.labels, table.is_crowd)
    repeats = find_repeats(
        table.ids, lambda row: (*(int(column[row]) for column in columns), *table.boxes[row].tolist())
    )
    table.counts["box_ids_reused"] = repeats.reused
    table.drop(~repeats.keep, "boxes_repeated")


def normalise(table: BoxTable, widths: Ints, heights: Ints) -> Flags:
    """Turn pixels into `[x1, y1, x2, y2]` in 0..1, clipped to the image; count what was clipped.

    Args:
        table: its boxes are changed in place.
        widths, heights: (rows,) pixels of each box's image, above 0.

    Returns:
        (rows,) True where something is left.
    """
    is_left = np.ones(len(table.boxes), np.bool_)
    is_cut = np.zeros(len(table.boxes), np.bool_)
    for axis, sizes in enumerate((widths, heights)):
        low = table.boxes[:, axis]
        with np.errstate(over="ignore"):
            high = low + table.boxes[:, axis + 2]
        is_cut |= (low < -CLIP_TOLERANCE_PX) | (high > sizes + CLIP_TOLERANCE_PX)
        table.boxes[:, axis] = np.round(np.clip(low, 0, sizes) / sizes, DECIMALS)
        table.boxes[:, axis + 2] = np.round(np.clip(high, 0, sizes) / sizes, DECIMALS)
        is_left &= table.boxes[:, axis] < table.boxes[:, axis + 2]
    table.counts["boxes_clipped"] = int((is_cut & is_left).sum())
    return is_left


_STRICT = msgspec.json.Decoder(list[_Annotation])
_LOOSE = msgspec.json.Decoder(list[_LooseAnnotation])


def _decode_rows(text: bytes) -> list[Any]:
    """Rows of one piece; the strict form is the fast one, the loose one lets bad boxes through to be counted."""
    try:
        return _STRICT.decode(text)
    except msgspec.ValidationError:
        return _LOOSE.decode(text)


def _read_piece(rows: list[Any], categories: Ints, counts: Counter[str], codes: IdCodes) -> BoxTable:
    count = len(rows)
    if any(isinstance(row, _LooseAnnotation) for row in rows):  # rows that were read singly may be of both kinds
        boxes = np.array([_read_box(row.bbox, counts) for row in rows], np.float64).reshape(count, 4)
    else:
        boxes = np.array([row.bbox for row in rows], np.float64).reshape(count, 4)
    return BoxTable(
        codes.column([row.id for row in rows]),
        codes.column([row.image_id for row in rows]),
        _find_labels(codes.column([row.category_id for row in rows]), categories),
        np.fromiter((row.iscrowd in (1, True) for row in rows), np.bool_, count),
        boxes,
        (),
    )


def _find_labels(ids: Ints, categories: Ints) -> NDArray[np.int16]:
    """(rows,) place of each id in `categories`, -1 where it is not one of them."""
    order = np.argsort(categories)
    return np.append(order, -1)[find_images(ids, categories[order])].astype(np.int16)


def _read_box(bbox: Any, counts: Counter[str]) -> tuple[float, ...]:
    """Four numbers, or four NaN and a count of why not. NaN and Infinity arrive as null (`source`)."""
    nothing = (math.nan,) * 4
    if bbox is None:
        counts["boxes_missing"] += 1
    elif not isinstance(bbox, list | tuple) or len(bbox) != 4:
        counts["boxes_malformed"] += 1
    elif any(value is None for value in bbox):
        counts["boxes_not_finite"] += 1
    elif not all(map(_is_number, bbox)):
        counts["boxes_malformed"] += 1
    else:
        return tuple(map(float, bbox))
    return nothing


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_COORDINATE


def _read_categories(source: CocoSource, codes: IdCodes, counts: Counter[str]) -> dict[int, str]:
    """Category names by the number that stands for their id; a row without one of both is left out and counted.

    Raises:
        DamagedError: one id has two names, not only spelt differently.
    """
    names: dict[int, str] = {}
    for piece in source.pieces("categories", msgspec.json.Decoder(list[_Category]).decode, counts):
        for category in piece:
            name = " ".join(category.name.split()) if isinstance(category.name, str) else ""
            code = codes.code(category.id)
            if code == NO_ID or not name:
                counts["categories_malformed"] += 1
            elif fold_name(names.setdefault(code, name)) != fold_name(name):
                raise DamagedError(
                    f"{source.path}: category {category.id} is both {names[code]!r} and {name!r}, so its boxes "
                    "cannot be named. Give each category its own id"
                )
    return names
