"""From values of any unit to 8-bit grey levels: which pixels hold a value at all, and which range is shown."""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Values = NDArray[Any]
PERCENTILES: Final = (0.5, 99.5)
SENTINELS: Final = (-32768.0, -10000.0, -9999.0)
"""What writers of measured data put where nothing was measured."""
HUGE: Final = 1e30
"""From here on a float is no measurement: writers fill with the largest number of the type (3.4e38), or 1e30."""
_SENTINEL_GAP: Final = 0.1
_ZERO_GAP: Final = 1.0


class DisplayRange(NamedTuple):
    """What of an image is shown.

    Attributes:
        low, high: values, in the image's own unit, that become black and white; equal where all shown ones are.
        is_shown: (H, W) bool; False where a pixel holds no value (it is drawn black).
    """

    low: float
    high: float
    is_shown: Flags


def display_range(
    pixels: Values,
    nodata: float | None = None,
    percentiles: tuple[float, float] = PERCENTILES,
    is_shown: Flags | None = None,
) -> DisplayRange:
    """The range of an image's values between two percentiles, without the pixels that hold no value.

    No value is: what is not finite (or 1e30 and beyond), what equals `nodata`, and a fill value (`find_fill`). Where
    the percentiles coincide, the extremes are taken.

    Args:
        pixels: (H, W) or (H, W, channels), integers or floats of any unit (counts, kelvin, degrees Celsius, ...);
            channels share one range.
        nodata: the value, in the same unit, by which the file marks pixels without one.
        percentiles: of the shown values, 0 to 100.
        is_shown: (H, W) bool; pixels that are known to count (those that are not transparent). None for all.
    """
    shown = find_measured(pixels, nodata) if is_shown is None else is_shown & find_measured(pixels, nodata)
    values = pixels if shown.all() else pixels[shown]
    if not values.size:
        return DisplayRange(0.0, 0.0, shown)
    low, high = (float(value) for value in np.percentile(values, percentiles))
    if low == high:
        low, high = float(values.min()), float(values.max())
    return DisplayRange(low, high, shown)


def scale_levels(pixels: Values, shown: DisplayRange) -> NDArray[np.uint8]:
    """Grey levels 0 to 255, of the shape of `pixels`: linear from `low` to `high`, black where nothing is shown."""
    factor = 255.0 / (shown.high - shown.low) if shown.high > shown.low else 0.0
    if pixels.dtype in (np.uint8, np.uint16):  # a table needs an eighth of the memory
        table = (np.arange(np.iinfo(pixels.dtype).max + 1, dtype=np.float64) - shown.low) * factor
        levels = np.clip(np.rint(table), 0, 255).astype(np.uint8)[pixels]
    else:
        with np.errstate(invalid="ignore", over="ignore"):
            scaled = (np.asarray(pixels, np.float64) - shown.low) * factor
        levels = np.clip(np.rint(np.nan_to_num(scaled)), 0, 255).astype(np.uint8)
    levels[~shown.is_shown] = 0
    return levels


def find_measured(pixels: Values, nodata: float | None = None) -> Flags:
    """(H, W) True where a pixel holds a value."""
    planes = pixels if pixels.ndim == 3 else pixels[:, :, None]
    if np.issubdtype(pixels.dtype, np.floating):
        with np.errstate(invalid="ignore", over="ignore"):
            measured: Flags = np.asarray((np.abs(planes) < HUGE).all(axis=2), np.bool_)
    else:
        measured = np.ones(planes.shape[:2], np.bool_)
    if nodata is not None:
        measured = measured & np.asarray((planes != nodata).any(axis=2), np.bool_)
    values = planes.max(axis=2) if planes.shape[2] > 1 else planes[:, :, 0]
    while measured.any():
        fill = find_fill(values[measured])
        if fill is None:
            break
        measured &= values != fill
    return measured


def find_fill(values: Values) -> float | None:
    """The least of some values, where it is a fill value and no measurement; else None.

    A sentinel (-32768, -10000, -9999) is one if the gap to the next value is a tenth or more of the range of the
    others; a zero, which may well be measured, only if the gap is larger than that whole range, as round a rectified
    image of kelvin or counts far from zero. The range is that between the percentiles 0.5 and 99.5: a small spot of
    high values does not widen it.
    """
    least = float(values.min())
    if least != 0 and least not in SENTINELS:
        return None
    others = values[values != values.min()]
    if not others.size:
        return None if least == 0 else least
    low, high = (float(value) for value in np.percentile(others, PERCENTILES))
    gap, spread = float(others.min()) - least, high - low
    if least == 0:
        return least if 0 < spread < _ZERO_GAP * gap else None
    return least if gap > 0 and gap >= _SENTINEL_GAP * spread else None
