"""Temperatures that lie across their file's picture: some cameras turn only the picture when they are held upright."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_LEAST_DIFFERENCE: Final = 1.1
"""Ratio of the sides, from which on an image stands or lies."""
_COMPARED: Final = 96


def is_across(values: NDArray[np.float32], size: tuple[int, int]) -> bool:
    """Whether values (H, W) stand and a picture of this width and height lies, or the other way round."""
    low, high = sorted((values.shape[1] / values.shape[0], size[0] / size[1]))
    return bool(low < 1 / _LEAST_DIFFERENCE and high > _LEAST_DIFFERENCE)


def turn_across(values: NDArray[np.float32], picture: Image.Image) -> NDArray[np.float32]:
    """Values after the quarter turn, left or right, after which they agree better with the picture.

    Their ranks are compared: every usual palette shows warmer places brighter on the whole.

    Args:
        values: (H, W), of any unit.
        picture: of the same file, upright.
    """
    grey = np.asarray(picture.convert("L").resize((_COMPARED, _COMPARED)), np.float64)
    turns = [np.ascontiguousarray(np.rot90(values, quarters)) for quarters in (1, 3)]
    return max(turns, key=lambda turned: _correlate(turned, grey))


def _correlate(values: NDArray[np.float32], grey: NDArray[np.float64]) -> float:
    image = Image.fromarray(values).resize((_COMPARED, _COMPARED))
    ranks = [np.argsort(np.argsort(plane, axis=None, kind="stable")) for plane in (np.asarray(image), grey)]
    return float(np.asarray(np.corrcoef(np.stack(ranks)))[0, 1])
