"""Temperatures that lie turned against their file's picture: cameras turn the picture when they are held upright."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

_LEAST_DIFFERENCE: Final = 1.1
"""Ratio of width to height, from which on one of two images is upright and the other is not."""
_COMPARED: Final = 96


def turn_upright(values: NDArray[np.float32], picture: Image.Image) -> NDArray[np.float32]:
    """Values as the picture shows the scene.

    Where one of the two is upright and the other lies, the quarter turn after which both agree better is made: by the
    correlation of their brightness, which no common palette turns round. Where both lie or both stand, nothing is done.

    Args:
        values: (H, W), of any unit.
        picture: of the same file.
    """
    picture = ImageOps.exif_transpose(picture)
    height, width = values.shape
    is_wide, shows_wide = width / height, picture.width / picture.height
    if not _differ(is_wide, shows_wide):
        return values
    grey = np.asarray(picture.convert("L").resize((_COMPARED, _COMPARED)), np.float64)
    turns = [np.rot90(values, quarters) for quarters in (1, 3)]
    return np.ascontiguousarray(max(turns, key=lambda turned: _correlate(turned, grey)))


def _differ(one: float, other: float) -> bool:
    """Whether one ratio is that of a lying image and the other of a standing one."""
    low, high = sorted((one, other))
    return low < 1 / _LEAST_DIFFERENCE and high > _LEAST_DIFFERENCE


def _correlate(values: NDArray[np.float32], grey: NDArray[np.float64]) -> float:
    """Correlation of the ranks: only which is warmer counts."""
    image = Image.fromarray(np.ascontiguousarray(values, np.float32)).resize((_COMPARED, _COMPARED))
    ranks = [np.argsort(np.argsort(plane, axis=None, kind="stable")) for plane in (np.asarray(image), grey)]
    return float(np.corrcoef(*ranks)[0, 1])
