"""Boxes as datasets write them: four numbers of corners or sides, and the part of them inside the image."""

import math
from collections.abc import Iterable
from typing import Any

from tools.datasets.files import BadRow
from tools.datasets.records import BoxXyxy

LEAST_SIDE = 1e-6
MOST = 1e300  # an integer in JSON may be too large for a float
MAX_BOXES = 5000
"""In one image; more are refused. COCO has 93 at most, drone images some hundreds, and relations between boxes grow
with the square of their number."""


def explain_crowd(count: int | None = None) -> str:
    """Why an image with so many boxes is refused."""
    found = f"{count} boxes, more than the limit of {MAX_BOXES}" if count else f"more than {MAX_BOXES} boxes"
    return f"the image has {found}; cut it into tiles, or leave some out"


def read_xywh(value: Any) -> BoxXyxy | None:
    """Corners of a box `[x, y, width, height]`; None for anything but four numbers of a bearable size."""
    if not isinstance(value, list | tuple) or len(value) != 4 or not all(map(_is_number, value)):
        return None
    left, top, width, height = (float(number) for number in value)
    return left, top, left + width, top + height


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MOST


def surround(xs: Iterable[float], ys: Iterable[float]) -> BoxXyxy:
    """The upright box around points; of NaN where one of them is none."""
    xs, ys = list(xs), list(ys)
    if not all(map(math.isfinite, [*xs, *ys])):
        return (math.nan,) * 4
    return min(xs), min(ys), max(xs), max(ys)


def clip_box(box: BoxXyxy, width: int, height: int) -> BoxXyxy:
    """The part of a box inside the image.

    Raises:
        BadRow: it has no area, is no number, or lies outside.
    """
    if not all(map(math.isfinite, box)):
        raise BadRow("bad_box", f"the box {box} holds what is no number")
    left, top = max(0.0, box[0]), max(0.0, box[1])
    right, bottom = min(float(width), box[2]), min(float(height), box[3])
    if right - left < LEAST_SIDE or bottom - top < LEAST_SIDE:
        raise BadRow("bad_box", f"of the box {box} nothing lies inside {width}x{height}")
    return left, top, right, bottom
