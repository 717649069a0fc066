"""Box and guided filter on small float images, in numpy alone (He, Sun, Tang 2010; "fast guided filter" 2015)."""

import numpy as np
import numpy.typing as npt
from PIL import Image

Plane = npt.NDArray[np.float32]


def box_mean(values: Plane, radius: int) -> Plane:
    """Mean over (2 radius + 1) squared pixels; the border is repeated."""
    return _mean_rows(_mean_rows(values, radius).T, radius).T


def _mean_rows(values: Plane, radius: int) -> Plane:
    rows, side = values.shape[0], 2 * radius + 1
    padded = np.pad(values, ((radius, radius), (0, 0)), mode="edge")
    total = padded[:rows] + padded[side - 1 : side - 1 + rows]
    for shift in range(1, side - 1):
        total += padded[shift : shift + rows]
    total *= np.float32(1 / side)
    return total


def guided_coefficients(guide: Plane, values: Plane, radius: int, epsilon: float) -> tuple[Plane, Plane]:
    """Slope and offset planes: `slope * guide + offset` is `values` smoothed along the edges of `guide`."""
    mean_guide, mean_values = box_mean(guide, radius), box_mean(values, radius)
    variance = box_mean(guide * guide, radius) - mean_guide**2
    slope = (box_mean(guide * values, radius) - mean_guide * mean_values) / (variance + np.float32(epsilon))
    return box_mean(slope, radius), box_mean(mean_values - slope * mean_guide, radius)


def guided_filter(guide: Plane, values: Plane, radius: int, epsilon: float) -> Plane:
    """`values` with its edges moved to those of `guide`; with `values` = `guide`, edge-preserving smoothing."""
    slope, offset = guided_coefficients(guide, values, radius, epsilon)
    return slope * guide + offset


def enlarge(values: Plane, size: tuple[int, int]) -> Plane:
    """Bilinear enlargement to `size` (width, height)."""
    image = Image.fromarray(values).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(image, dtype=np.float32)


def step(values: Plane, centre: float, softness: float) -> Plane:
    """A soft threshold: 0 well below `centre`, 1 well above, half at it."""
    return np.asarray(1.0 / (1.0 + np.exp(np.clip((centre - values) / softness, -30.0, 30.0))), dtype=np.float32)
