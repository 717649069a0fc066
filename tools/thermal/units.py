"""Units of numbers that a file does not explain: stated by the user, never guessed, and refused where they cannot be.

parse_unit("K*25")                  # the file's numbers are kelvin times 25: 0.04 K a step
"""

import math
import re
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.errors import RejectError, UsageError, shorten

KELVIN: Final = 273.15
PLAUSIBLE: Final = (-40.0, 120.0)
"""Degrees Celsius between which the median of an infrared image lies; raw counts taken for centikelvin do not."""
_TIMES_KELVIN: Final = re.compile(r"[kK]\*(\d+(?:\.\d+)?)")
_NAMED: Final = {"kelvin": 1.0, "centikelvin": 100.0}


class Scale(NamedTuple):
    """How numbers become degrees Celsius.

    Attributes:
        text: as the user wrote it.
        per_kelvin: the numbers are kelvin times this; None where they are degrees Celsius already.
    """

    text: str
    per_kelvin: float | None

    def convert(self, values: NDArray[Any], path: Path) -> NDArray[np.float32]:
        """Degrees Celsius.

        Raises:
            RejectError: the median is no temperature that a scene has (`implausible_unit`).
        """
        numbers = np.asarray(values, np.float64)
        celsius = np.asarray(numbers if self.per_kelvin is None else numbers / self.per_kelvin - KELVIN, np.float32)
        known = celsius[np.isfinite(celsius)]
        median = float(np.median(known)) if known.size else 0.0
        low, high = PLAUSIBLE
        if not low <= median <= high:
            raise RejectError(
                "implausible_unit",
                f"{path.name}: as {self.text} its median is {median:.6g} degrees Celsius, outside {low:g} to {high:g}; "
                "look up in the camera's manual what its numbers mean, or leave --unit out to use them as counts",
            )
        return celsius


def parse_unit(text: str | None) -> Scale | None:
    """What `--unit` says; None for nothing.

    Raises:
        UsageError: it is no unit.
    """
    if text is None:
        return None
    if text == "celsius":
        return Scale(text, None)
    found = _TIMES_KELVIN.fullmatch(text)
    factor = _NAMED.get(text) or (float(found[1]) if found else 0.0)
    if not 0 < factor < math.inf:
        raise UsageError(
            f"--unit {shorten(text)}: expected celsius, kelvin, centikelvin or K*N, where the file's numbers are "
            "kelvin times N, e.g. K*25 for steps of 0.04 K"
        )
    return Scale(text, factor)
