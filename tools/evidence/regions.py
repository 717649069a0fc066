"""Which pixels stand for an object, for its surroundings, for a part of it. Boxes are (x1, y1, x2, y2) in pixels."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.evidence import recipe
from tools.evidence.levels import Levels, PixelSample, Values

BoxXyxy = tuple[float, float, float, float]


class Surrounded(NamedTuple):
    """An object's values and those of the ring around it, flattened."""

    core: PixelSample
    ring: PixelSample


def cut_surrounded(levels: Levels, box: BoxXyxy, others: NDArray[np.float64]) -> Surrounded | None:
    """An object and its surroundings; None where either holds too few pixels.

    Args:
        others: (N, 4) boxes of the other objects, which belong to no surroundings.
    """
    width, height = levels.size
    x1, y1, x2, y2 = box
    short = min(x2 - x1, y2 - y1)
    reach, gap = max(recipe.RING_SHARE * short, recipe.RING_LEAST), max(recipe.GAP_SHARE * short, recipe.GAP_LEAST)
    left, top = max(0, int(x1 - reach)), max(0, int(y1 - reach))
    right, bottom = min(width, math.ceil(x2 + reach)), min(height, math.ceil(y2 + reach))
    if right <= left or bottom <= top:
        return None
    xs, ys = np.arange(left, right) + 0.5, np.arange(top, bottom)[:, None] + 0.5
    core = ((xs - (x1 + x2) / 2) / (recipe.CORE_SHARE * (x2 - x1) / 2)) ** 2 + (
        (ys - (y1 + y2) / 2) / (recipe.CORE_SHARE * (y2 - y1) / 2)
    ) ** 2 <= 1
    ring = np.ones(core.shape, bool)
    _clear(ring, box, gap, left, top, closed=True)
    near = others[
        (others[:, 0] - gap < right) & (others[:, 2] + gap > left)
        & (others[:, 1] - gap < bottom) & (others[:, 3] + gap > top)
    ]  # fmt: skip
    for other in near:
        _clear(ring, (other[0], other[1], other[2], other[3]), gap, left, top)
    values = levels.values[top:bottom, left:right]
    found = Surrounded(levels.sample(values[core]), levels.sample(values[ring]))
    return found if len(found.core) >= recipe.LEAST_CORE and len(found.ring) >= recipe.LEAST_RING else None


def _clear(ring: NDArray[np.bool_], box: BoxXyxy, gap: float, left: int, top: int, closed: bool = False) -> None:
    """Take a widened box out of a ring; a pixel lies in it when its centre does (on its edge only when `closed`)."""
    x1, y1, x2, y2 = (box[0] - gap - left, box[1] - gap - top, box[2] + gap - left, box[3] + gap - top)
    first, last = (math.ceil, math.floor) if closed else (_after, _before)
    columns = slice(max(0, first(x1 - 0.5)), max(0, last(x2 - 0.5) + 1))
    rows = slice(max(0, first(y1 - 0.5)), max(0, last(y2 - 0.5) + 1))
    ring[rows, columns] = False


def _after(place: float) -> int:
    return math.floor(place) + 1


def _before(place: float) -> int:
    return math.ceil(place) - 1


def cut_core(levels: Levels, box: BoxXyxy) -> PixelSample:
    """The inner values of a box, flattened: what objects are compared by."""
    x1, y1, x2, y2 = box
    dx, dy = recipe.CORE_MARGIN * (x2 - x1), recipe.CORE_MARGIN * (y2 - y1)
    rows = slice(max(0, int(y1 + dy)), max(0, math.ceil(y2 - dy)))
    columns = slice(max(0, int(x1 + dx)), max(0, math.ceil(x2 - dx)))
    return levels.sample(levels.values[rows, columns])


def cut_inside(levels: Levels, box: BoxXyxy) -> Values:
    """All values whose pixels a box touches, as (H, W)."""
    x1, y1, x2, y2 = box
    return levels.values[max(0, int(y1)) : max(0, math.ceil(y2)), max(0, int(x1)) : max(0, math.ceil(x2))]


def halve(box: BoxXyxy, side: str) -> tuple[BoxXyxy, BoxXyxy]:
    """The left (or upper) half of a box, and the opposite one."""
    x1, y1, x2, y2 = box
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    return ((x1, y1, x, y2), (x, y1, x2, y2)) if side == "left" else ((x1, y1, x2, y), (x1, y, x2, y2))


def list_others(boxes: Sequence[BoxXyxy], place: int) -> NDArray[np.float64]:
    """(N - 1, 4): all boxes but one."""
    return np.delete(np.asarray(boxes, np.float64).reshape(-1, 4), place, axis=0)
