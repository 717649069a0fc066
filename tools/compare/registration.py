"""Where a RoadScene thermal crop lies in the FLIR frame it was cut from.

RoadScene publishes crops of FLIR frames, stretched to fit the visible camera, without the transform: found here by
matching gradient images over stretch factors (two cameras: about 0.88 x 0.79 and 1.2 x 1.22) and offsets.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from tools.framing import BoxMap

Grey = npt.NDArray[np.float64]

RELIABLE: Final = 0.35
"""Score above which a placement is used: all 91 frames reach 0.359, and those looked at fit to about 5 pixels."""

_STRETCH_X: Final = tuple(0.76 + 0.04 * step for step in range(16))
_STRETCH_Y_TO_X: Final = (0.84, 0.88, 0.92, 0.96, 1.0, 1.04, 1.08, 1.12, 1.16)


class Placement(NamedTuple):
    """A crop inside its frame.

    Attributes:
        score: normalised cross-correlation of the gradient images, -1..1.
        stretch_x, stretch_y: pixels of the crop per pixel of the frame.
        left, top: the crop's corner in the stretched frame, in the crop's pixels.
    """

    score: float
    stretch_x: float
    stretch_y: float
    left: float
    top: float


def register_crop(frame: Image.Image, cut: Image.Image) -> Placement:
    """Find `cut` inside `frame` (both mode L): a search at a quarter of the size, refined at half of it."""
    edges = _gradient(cut, 0.25)
    coarse = [_place(frame, edges, x, x * ratio, 0.25) for x in _STRETCH_X for ratio in _STRETCH_Y_TO_X]
    edges = _gradient(cut, 0.5)
    near = [
        _place(frame, edges, start.stretch_x + dx, start.stretch_y + dy, 0.5)
        for start in sorted(coarse, reverse=True)[:2]
        for dx in (-0.02, 0.0, 0.02)
        for dy in (-0.02, 0.0, 0.02)
    ]
    best = max(near)
    for step in (0.01, 0.005):
        around = ((step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step))
        best = max(best, *(_place(frame, edges, best.stretch_x + dx, best.stretch_y + dy, 0.5) for dx, dy in around))
    return best


def placement_map(placement: Placement, frame_size: tuple[int, int], cut_size: tuple[int, int]) -> BoxMap:
    """How normalised boxes of the frame read in the crop."""
    width, height = cut_size
    return BoxMap(
        frame_size[0] * placement.stretch_x / width,
        frame_size[1] * placement.stretch_y / height,
        -placement.left / width,
        -placement.top / height,
    )


def _place(frame: Image.Image, edges: Grey, stretch_x: float, stretch_y: float, scale: float) -> Placement:
    stretched = _gradient(frame, scale, stretch_x, stretch_y)
    if stretched.shape[0] < edges.shape[0] or stretched.shape[1] < edges.shape[1]:
        return Placement(-1.0, stretch_x, stretch_y, 0.0, 0.0)
    matches = _correlate(stretched - stretched.mean(), edges)
    top, left = np.unravel_index(int(matches.argmax()), matches.shape)
    return Placement(float(matches[top, left]), stretch_x, stretch_y, float(left) / scale, float(top) / scale)


def _gradient(image: Image.Image, scale: float, stretch_x: float = 1.0, stretch_y: float = 1.0) -> Grey:
    size = (round(image.width * stretch_x * scale), round(image.height * stretch_y * scale))
    levels = np.asarray(image.resize(size, Image.Resampling.BILINEAR), dtype=np.float64)
    down, right = np.gradient(levels)
    return np.asarray(np.log1p(np.hypot(down, right)))


def _correlate(field: Grey, pattern: Grey) -> Grey:
    """Normalised cross-correlation of `pattern` at every offset that lies wholly in `field`."""
    height, width = pattern.shape
    rows, columns = field.shape[0] - height + 1, field.shape[1] - width + 1
    centred = pattern - pattern.mean()
    product = np.fft.rfft2(field) * np.conj(np.fft.rfft2(centred, field.shape))
    overlap = np.fft.irfft2(product, field.shape)[:rows, :columns]
    count = height * width
    variance = _window_sum(field**2, height, width) - _window_sum(field, height, width) ** 2 / count
    return np.asarray(overlap / np.sqrt(np.maximum(variance * (centred**2).sum(), 1e-9)))


def _window_sum(values: Grey, height: int, width: int) -> Grey:
    total = np.pad(values, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    return np.asarray(
        total[height:, width:] - total[:-height, width:] - total[height:, :-width] + total[:-height, :-width]
    )
