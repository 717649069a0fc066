"""How close two grey images are: SSIM, correlation, and how far an object stands out from its surroundings."""

from typing import Final

import numpy as np
import numpy.typing as npt

from tools.records import BoxXyxyNorm

Grey = npt.NDArray[np.float64]

WINDOW: Final = 11
_RANGE: Final = 255.0
_RING: Final = 0.5  # the ring reaches half the box's width and height beyond it, on each side


def ssim(one: Grey, other: Grey) -> float:
    """Mean structural similarity of two 8-bit grey images of equal shape (Wang et al. 2004).

    Uniform window of 11 x 11 pixels, whole windows only, K1 = 0.01, K2 = 0.03, sample (n - 1) covariance: equals
    scikit-image's `structural_similarity(..., win_size=11, data_range=255)`.
    """
    unbias = WINDOW**2 / (WINDOW**2 - 1)
    mean_one, mean_other = _window_mean(one), _window_mean(other)
    variance_one = unbias * (_window_mean(one * one) - mean_one**2)
    variance_other = unbias * (_window_mean(other * other) - mean_other**2)
    covariance = unbias * (_window_mean(one * other) - mean_one * mean_other)
    c1, c2 = (0.01 * _RANGE) ** 2, (0.03 * _RANGE) ** 2
    likeness = (2 * mean_one * mean_other + c1) * (2 * covariance + c2)
    norm = (mean_one**2 + mean_other**2 + c1) * (variance_one + variance_other + c2)
    return float((likeness / norm).mean())


def correlation(one: Grey, other: Grey) -> float:
    """Pearson correlation of the pixels; 0 when one of the images is flat."""
    a, b = one - one.mean(), other - other.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / norm if norm > 0 else 0.0


def contrast(image: Grey, box_xyxy_norm: BoxXyxyNorm, others: tuple[BoxXyxyNorm, ...] = ()) -> float | None:
    """How far a box stands out: (mean inside - mean of the ring around it) / standard deviation of the image.

    Args:
        image: grey levels, white-hot.
        box_xyxy_norm: the object.
        others: boxes of further objects, left out of the ring.

    Returns:
        The contrast; None for a box under 4 x 4 pixels or one with no ring left.
    """
    height, width = image.shape
    left, top, right, bottom = _pixels(box_xyxy_norm, width, height)
    if right - left < 4 or bottom - top < 4:
        return None
    reach_x, reach_y = max(3, round(_RING * (right - left))), max(3, round(_RING * (bottom - top)))
    ring = np.zeros(image.shape, dtype=bool)
    ring[max(0, top - reach_y) : bottom + reach_y, max(0, left - reach_x) : right + reach_x] = True
    for other in (box_xyxy_norm, *others):
        x1, y1, x2, y2 = _pixels(other, width, height)
        ring[y1:y2, x1:x2] = False
    spread = float(image.std())
    if int(ring.sum()) < 16 or spread == 0:
        return None
    return float(image[top:bottom, left:right].mean() - image[ring].mean()) / spread


def _pixels(box_xyxy_norm: BoxXyxyNorm, width: int, height: int) -> tuple[int, int, int, int]:
    x1, y1, x2, y2 = (min(1.0, max(0.0, value)) for value in box_xyxy_norm)
    return round(x1 * width), round(y1 * height), round(x2 * width), round(y2 * height)


def _window_mean(values: Grey) -> Grey:
    total = np.pad(values, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    sums = total[WINDOW:, WINDOW:] - total[:-WINDOW, WINDOW:] - total[WINDOW:, :-WINDOW] + total[:-WINDOW, :-WINDOW]
    return np.asarray(sums / WINDOW**2)
