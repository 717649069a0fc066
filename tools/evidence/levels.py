"""An image's values ready to be measured: the span once, and comparisons that are quick for 8-bit images."""

from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tools.evidence import recipe

Values = NDArray[Any]
Mask = NDArray[np.bool_]
_LEVELS_8_BIT: Final = 256


class Levels:
    """One image: higher values are brighter, and warmer where polarity or unit say so.

    Args:
        values: (H, W), `uint8` levels of a picture, or float32 of any unit with NaN where nothing was measured.
        polarity: as a modality pack names it; only `white-hot` lets bright be called warm.
        unit: `celsius` where the values are temperatures.
        settings: what the file states about its temperatures.
        shown: what black and white of the picture stand for, where the values are temperatures.
    """

    def __init__(
        self,
        values: Values,
        polarity: str = "unknown",
        unit: str | None = None,
        settings: dict[str, float] | None = None,
        shown: tuple[float, float] | None = None,
    ) -> None:
        if values.ndim != 2:
            raise ValueError(f"evidence is measured in one channel of shape (H, W), not {values.shape}")
        self.values = values
        self.polarity = polarity
        self.unit = unit
        self.settings = settings or {}
        self.shown = shown
        self.is_8_bit = values.dtype == np.uint8

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        height, width = self.values.shape
        return width, height

    @cached_property
    def span(self) -> float:
        """P99 - P1, at least one level of a picture; what differences are shares of."""
        everything = self.sample(self.values)
        if not len(everything):
            return 1.0
        low, high = map(everything.percentile, recipe.SPAN_PERCENTILES)
        return max(high - low, 1.0 if self.is_8_bit else float(np.finfo(np.float32).eps))

    def sample(self, values: Values) -> "PixelSample":
        """A region's values, flattened, without what was not measured."""
        flat = values.ravel()
        return PixelSample(flat if self.is_8_bit else flat[np.isfinite(flat)])


class PixelSample:
    """Values of one region, flattened, known only: counted once for 8-bit images, sorted once for others."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many pixels have each of the 256 levels."""
        return np.bincount(self.values, minlength=_LEVELS_8_BIT)

    @cached_property
    def ordered(self) -> Values:
        """Ascending."""
        return np.sort(self.values)

    @cached_property
    def median(self) -> float:
        """The middle value, the mean of the two middle ones where their number is even."""
        return self.percentile(50.0)

    @property
    def mean(self) -> float:
        """In the values' own unit."""
        return float(self.values.mean())

    def percentile(self, at: float) -> float:
        """As `numpy.percentile` gives it, between two values by their distance."""
        place = at / 100 * (len(self) - 1)
        low = int(place)
        high = min(low + 1, len(self) - 1)
        if self.values.dtype == np.uint8:
            running = self.counts.cumsum()
            below, above = (float(running.searchsorted(index, "right")) for index in (low, high))
        else:
            below, above = float(self.ordered[low]), float(self.ordered[high])
        return below + (above - below) * (place - low)


def exceeds(here: PixelSample, there: PixelSample) -> float:
    """P(a pixel of `here` > one of `there`) plus half the chance of a tie: the AUC, 0.5 where they are alike."""
    if here.values.dtype == np.uint8:
        below = there.counts.cumsum() - there.counts / 2
        return float(here.counts @ below / (len(here) * len(there)))
    low, high = (np.searchsorted(there.ordered, here.values, side) for side in ("left", "right"))
    return float((low + high).mean() / 2 / len(there))
