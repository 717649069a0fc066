"""From temperatures to what a thermal camera writes."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tools.records import Record

KELVIN = 273.15
BINS = 512


class Sensor(Record):
    """A thermal camera.

    Attributes:
        noise_celsius: standard deviation of each pixel (NETD).
        row_noise_celsius: the same for whole rows.
        blur_pixels: of the optics, as a Gaussian's radius.
        gain: `auto` adapts to what is in view, `fixed` spreads the range `low`..`high` over the grey values.
        low_celsius, high_celsius: the fixed range.
    """

    noise_celsius: float = 0.12
    row_noise_celsius: float = 0.05
    blur_pixels: float = 0.7
    gain: Literal["auto", "fixed"] = "auto"
    low_celsius: float = -10.0
    high_celsius: float = 45.0

    def measure(self, celsius: NDArray[np.float32], generator: np.random.Generator) -> NDArray[np.float32]:
        """Temperatures as the sensor reads them: blurred, with noise; (H, W) float32, degrees C."""
        pixels = generator.normal(0, self.noise_celsius, celsius.shape)
        rows = generator.normal(0, self.row_noise_celsius, (celsius.shape[0], 1))
        return np.asarray(_blur(celsius, self.blur_pixels) + pixels + rows, np.float32)

    def expose(self, read: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Grey values, white is hot; (H, W) uint8."""
        if self.gain == "fixed":
            scaled = (read - self.low_celsius) / (self.high_celsius - self.low_celsius)
        else:
            scaled = _equalise(read)
        return np.asarray(np.clip(scaled * 255, 0, 255).round(), np.uint8)


def _equalise(read: NDArray[np.float32]) -> NDArray[np.float64]:
    """Automatic gain as thermal cameras do it: half linear, half an equalised histogram whose peaks are cut off."""
    low, high = (float(value) for value in np.percentile(read, (0.2, 99.8)))
    span = max(high - low, 1.0)
    counts, edges = np.histogram(read, BINS, (low, low + span))
    share = np.cumsum(np.minimum(counts, 4 * read.size / BINS)).astype(np.float64)
    equal = np.interp(read, edges[1:], share / share[-1])
    return np.asarray(0.5 * np.clip((read - low) / span, 0, 1) + 0.5 * equal)


def to_centikelvin(read: NDArray[np.float32]) -> NDArray[np.uint16]:
    """16-bit radiometric values: hundredths of a kelvin."""
    return np.asarray(np.clip((read + KELVIN) * 100, 0, 65535).round(), np.uint16)


def _blur(image: NDArray[np.float32], radius: float) -> NDArray[np.float32]:
    """A separable Gaussian, edges repeated."""
    reach = max(1, int(3 * radius + 0.5))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / radius) ** 2)
    weights = (weights / weights.sum()).astype(np.float32)
    for axis in (0, 1):
        padded = np.pad(image, [(reach, reach) if axis == a else (0, 0) for a in (0, 1)], mode="edge")
        length = image.shape[axis]
        image = sum(
            weight * np.take(padded, range(shift, shift + length), axis=axis) for shift, weight in enumerate(weights)
        )
    return image
