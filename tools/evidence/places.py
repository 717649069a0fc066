"""Facts about the image as a whole: opposite thirds, and the brightest place."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.evidence import recipe
from tools.evidence.comparing import compare
from tools.evidence.levels import Levels
from tools.evidence.records import Fact
from tools.evidence.regions import BoxXyxy

_ROWS: Final = ("upper", "", "lower")
_COLUMNS: Final = ("left", "", "right")


class Spot(NamedTuple):
    """A window: its middle in pixels, its mean, its side."""

    x: float
    y: float
    mean: float
    side: int


def name_ninth(row: int, column: int) -> str:
    """`upper left`, `upper middle`, ..., `middle`, ...: a ninth of the image."""
    return f"{_ROWS[row]} {_COLUMNS[column]}".strip() if row != 1 and column != 1 else _name_between(row, column)


def _name_between(row: int, column: int) -> str:
    if row == 1 and column == 1:
        return "middle"
    return f"{_ROWS[row]} middle" if column == 1 else f"{_COLUMNS[column]} middle"


def find_thirds(levels: Levels) -> Iterator[Fact]:
    """Which of two opposite thirds of the image is brighter, by their medians."""
    height, width = levels.values.shape
    down, across = height // 3, width // 3
    if not down or not across:
        return
    thirds = {
        ("upper", "lower"): (levels.values[:down], levels.values[-down:]),
        ("left", "right"): (levels.values[:, :across], levels.values[:, -across:]),
    }
    for names, (one, other) in thirds.items():
        here, there = levels.sample(one), levels.sample(other)
        if not len(here) or not len(there):
            continue
        difference = (here.median - there.median) / levels.span
        if abs(difference) >= recipe.THIRD_DIFFERENCE:
            name = names[0] if difference > 0 else names[1]
            yield Fact(kind="third", relation=name, values={"difference": round(abs(difference), 4)})


def find_ninths(levels: Levels) -> Iterator[Fact]:
    """The brightest ninth of the image against its darkest one, judged as two objects are."""
    bands = (part for band in np.array_split(levels.values, 3, axis=0) for part in np.array_split(band, 3, axis=1))
    samples = [levels.sample(part) for part in bands]
    if any(len(sample) < recipe.LEAST_RING for sample in samples):
        return
    order = sorted(range(9), key=lambda place: (samples[place].median, place))
    first, last = order[-1], order[0]
    sign, numbers = compare(levels, samples[first], samples[last])
    if sign > 0 and numbers["difference"] >= recipe.THIRD_DIFFERENCE:
        names = (name_ninth(*divmod(place, 3)) for place in (first, last))
        yield Fact(kind="ninths", relation=" over ".join(names), values=numbers)


def smooth(levels: Levels) -> NDArray[np.float32]:
    """Mean of the window around each pixel, (H, W); windows never reach over what is unknown."""
    from scipy.ndimage import uniform_filter

    side = max(recipe.WINDOW_LEAST, int(recipe.WINDOW_SHARE * max(levels.size)))
    values = levels.values.astype(np.float32)
    is_known = np.isfinite(values)
    if is_known.all():
        filtered: NDArray[np.float32] = uniform_filter(values, side)
        return filtered
    means = uniform_filter(np.where(is_known, values, 0), side) / np.maximum(uniform_filter(is_known * 1.0, side), 1e-6)
    return np.where(is_known, means, np.nan).astype(np.float32)


def find_brightest_place(levels: Levels, means: NDArray[np.float32], boxes: Sequence[BoxXyxy]) -> Iterator[Fact]:
    """The ninth that holds the brightest window, where it leads the brightest one of every other ninth."""
    peaks = np.array([[_find_peak(part) for part in np.array_split(band, 3, axis=1)] for band in _split(means)])
    order = np.argsort(peaks.ravel())
    first, second = (float(peaks.ravel()[place]) for place in (order[-1], order[-2]))
    lead = (first - second) / levels.span if np.isfinite(second) else 0.0
    if lead < recipe.LEAD:
        return
    row, column = divmod(int(order[-1]), 3)
    spot = np.unravel_index(np.nanargmax(means), means.shape)
    y, x = float(spot[0]) + 0.5, float(spot[1]) + 0.5
    width, height = levels.size
    inside = next((i for i, (x1, y1, x2, y2) in enumerate(boxes) if x1 <= x <= x2 and y1 <= y <= y2), None)
    values = {"lead": round(lead, 4), "x": round(x / width, 4), "y": round(y / height, 4)}
    yield Fact(kind="brightest_place", relation=name_ninth(row, column), subject=inside, values=values)


def _split(means: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    return np.array_split(means, 3, axis=0)


def _find_peak(part: NDArray[np.float32]) -> float:
    known = part[np.isfinite(part)]
    return float(known.max()) if known.size else float("-inf")
