"""The four skews of an image: numbers that change their sign when it is inverted, and say little else of it."""

import functools
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.float64]

FEATURES: Final = ("histogram_skew", "detail_skew_8", "detail_skew_16", "tail_balance")
VERSION: Final = "skews-1"
"""A change of anything that changes a skew is a new version, and needs coefficients of its own."""
LONG_SIDE: Final = 256
_LEAST_SIDE: Final = 32
_MIDDLE: Final = 127.5
_SIGMAS: Final = (8.0, 16.0)
_RATIO: Final = 1.6  # of the wider Gaussian to the narrower one, in a difference of Gaussians
_MOST_SKEW: Final = 8.0  # one lamp in a black image has a skew of hundreds
_LEAST_SPAN: Final = 4.0
_REACH: Final = 4.0  # Gaussians end at so many sigma


def measure_skews(image: Image.Image) -> Plane:
    """(4,) in the order of `FEATURES`: skewness of the levels; of two differences of Gaussians; of the tails.

    Args:
        image: mode L, white-hot where that is known.
    """
    levels = _shrink(image)
    p1, p5, p50, p95, p99 = np.percentile(levels, (1, 5, 50, 95, 99))
    details = (_smooth(levels, sigma) - _smooth(levels, _RATIO * sigma) for sigma in _SIGMAS)
    balance = (p95 + p5 - 2 * p50) / max(p99 - p1, _LEAST_SPAN)
    return np.array([_skew(levels), *map(_skew, details), balance])


def _shrink(image: Image.Image) -> Plane:
    """Levels around 0 with a long side of 256, so that an inverted image is the same with its sign changed."""
    share = LONG_SIDE / max(image.size)
    width, height = (max(_LEAST_SIDE, round(side * share)) for side in image.size)
    way = Image.Resampling.LANCZOS if share < 1 else Image.Resampling.BICUBIC
    centred = np.asarray(image, dtype=np.float32) - np.float32(_MIDDLE)
    return np.asarray(Image.fromarray(centred).resize((width, height), way), dtype=np.float64)


def _skew(values: Plane) -> float:
    apart = values - values.mean()
    return float(np.clip((apart**3).mean() / (apart.std() + 1e-6) ** 3, -_MOST_SKEW, _MOST_SKEW))


def _smooth(levels: Plane, sigma: float) -> Plane:
    height, width = levels.shape
    return np.asarray(_weigh(height, sigma) @ levels @ _weigh(width, sigma).T)


@functools.lru_cache(maxsize=64)
def _weigh(count: int, sigma: float) -> Plane:
    """(count, count): what each place takes from each other; beyond the edge the image is mirrored."""
    reach = int(_REACH * sigma + 0.5)
    steps = np.arange(-reach, reach + 1)
    kernel = np.exp(-0.5 * (steps / sigma) ** 2)
    taken = np.mod(np.arange(count)[:, None] + steps, 2 * count)
    taken = np.where(taken < count, taken, 2 * count - 1 - taken)
    weights = np.zeros((count, count))
    np.add.at(weights, (np.arange(count)[:, None], taken), kernel / kernel.sum())
    return weights
