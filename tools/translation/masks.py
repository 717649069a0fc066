"""Where in its box an object is, and how its heat is spread: soft shapes, fitted to the photograph's own edges."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tools.records import BoxXyxyNorm
from tools.translation.filters import Plane, guided_filter
from tools.translation.priors import Shape
from tools.translation.scene import View

_MARGIN: Final = 0.25
_BINS: Final = 8
_SHAPE_TRUST: Final = 0.28  # cover that a pixel in the middle keeps whatever its colour
_SMALLEST: Final = 10  # pixels at working size under which colours say nothing


class _Form(NamedTuple):
    """A superellipse |x / width|^power + |y / height|^power = 1 and how far it is trusted (0..1)."""

    width: float
    height: float
    power: float
    weight: float


_FORMS: Final[dict[Shape, _Form]] = {
    "body": _Form(0.75, 0.97, 2.4, 1.0),
    "animal": _Form(0.95, 0.95, 2.2, 1.0),
    "vehicle": _Form(1.0, 1.0, 4.0, 0.9),
    "solid": _Form(0.95, 0.95, 3.0, 0.9),
    "surface": _Form(1.0, 1.0, 4.0, 0.4),
}


class Mask(NamedTuple):
    """A soft object mask.

    Attributes:
        top, left: where `cover` lies in the working image.
        cover: (h, w) float32, 0..1.
        offset_celsius: (h, w) float32, warmer and colder parts of the object.
    """

    top: int
    left: int
    cover: Plane
    offset_celsius: Plane


def make_mask(view: View, box_xyxy_norm: BoxXyxyNorm, shape: Shape) -> Mask | None:
    """The mask of one object; None when its box covers no pixel at working size."""
    height, width = view.luminance.shape
    x1, y1, x2, y2 = (min(1.0, max(0.0, value)) for value in box_xyxy_norm)
    box_width, box_height = (x2 - x1) * width, (y2 - y1) * height
    if not (box_width > 0.5 and box_height > 0.5):
        return None
    left, right = _span(x1 * width, x2 * width, _MARGIN * box_width, width)
    top, bottom = _span(y1 * height, y2 * height, _MARGIN * box_height, height)
    across = ((np.arange(left, right, dtype=np.float32) + 0.5) / width - (x1 + x2) / 2) / ((x2 - x1) / 2)
    down = ((np.arange(top, bottom, dtype=np.float32) + 0.5) / height - (y1 + y2) / 2) / ((y2 - y1) / 2)
    form = _FORMS[shape]
    prior = _superellipse(across, down, form)
    window = (slice(top, bottom), slice(left, right))
    if min(box_width, box_height) >= _SMALLEST:
        inside = (np.abs(down)[:, None] <= 1) & (np.abs(across)[None, :] <= 1)
        cover = _fit(view, window, prior, inside, min(box_width, box_height))
    else:
        cover = prior
    return Mask(top, left, (form.weight * cover).astype(np.float32), _spread_heat(across, down, shape))


def _span(low: float, high: float, margin: float, length: int) -> tuple[int, int]:
    margin = max(2.0, margin)
    return max(0, int(low - margin)), min(length, int(np.ceil(high + margin)))


def _superellipse(across: Plane, down: Plane, form: _Form) -> Plane:
    rows = np.abs(down / form.height) ** form.power
    columns = np.abs(across / form.width) ** form.power
    distance = (rows[:, None] + columns[None, :]) ** np.float32(1 / form.power)
    return np.asarray(np.clip((1.15 - distance) / 0.3, 0, 1), dtype=np.float32)


def _fit(view: View, window: tuple[slice, slice], prior: Plane, inside: npt.NDArray[np.bool_], side: float) -> Plane:
    """Sharpen the shape by colour: which colours are more frequent in the object than around its box?

    Two rounds: the second counts the object's colours where the first found it.
    """
    around = (~inside).astype(np.float32)
    if around.sum() < _SMALLEST:
        return prior
    codes = _colour_codes(view.rgb[window])
    ground_share = _histogram(codes, around)
    cover = prior**3
    for _ in range(2):
        object_share = _histogram(codes, cover)
        odds = (object_share + 2e-4) / (object_share + ground_share + 4e-4)
        likely = np.clip((odds[codes].astype(np.float32) - np.float32(0.3)) / np.float32(0.35), 0, 1)
        cover = prior * (np.float32(_SHAPE_TRUST) + np.float32(1 - _SHAPE_TRUST) * likely)
    refined = guided_filter(view.luminance[window], cover.astype(np.float32), max(1, round(side / 16)), 0.001)
    sharp = np.clip((refined - np.float32(0.15)) / np.float32(0.6), 0, 1)
    return np.asarray(sharp * np.clip(prior * 3, 0, 1), dtype=np.float32)


def _colour_codes(rgb: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    levels = np.minimum((rgb * _BINS).astype(np.intp), _BINS - 1)
    return (levels[..., 0] * _BINS + levels[..., 1]) * _BINS + levels[..., 2]


def _histogram(codes: npt.NDArray[np.intp], weights: Plane) -> npt.NDArray[np.float64]:
    counts = np.bincount(codes.ravel(), weights.ravel().astype(np.float64), _BINS**3)
    cube = np.pad(counts.reshape(_BINS, _BINS, _BINS), 1, mode="edge")
    for axis in range(3):  # neighbouring bins share, so that shading does not split a surface
        cube = 0.5 * cube + 0.25 * (np.roll(cube, 1, axis) + np.roll(cube, -1, axis))
    smooth = cube[1:-1, 1:-1, 1:-1].ravel()
    return smooth / max(float(smooth.sum()), 1e-9)


def _spread_heat(across: Plane, down: Plane, shape: Shape) -> Plane:
    """Degrees above or below the object's mean, by place in the box (-1 top, 1 bottom; -1 left, 1 right)."""
    rows = np.zeros_like(down)
    if shape == "body":
        rows = 2.5 * _bump(down, -0.85, 0.22) - 2.0 * np.clip(down - 0.2, 0, 1)
    elif shape == "vehicle":
        rows = 4.0 * _bump(down, 0.6, 0.35) - 4.5 * _bump(down, -0.45, 0.3)
    elif shape == "animal":
        rows = -2.0 * np.clip(down - 0.3, 0, 1)
    return np.broadcast_to(rows[:, None], (down.size, across.size)).astype(np.float32)


def _bump(values: Plane, centre: float, width: float) -> Plane:
    return np.asarray(np.exp(-(((values - centre) / width) ** 2)), dtype=np.float32)
