"""Temperatures as a FLIR file gives them, and the checks that damaged bytes make necessary."""

import math
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.errors import RejectError
from tools.registry.extras import require
from tools.thermal.units import KELVIN

HOTTEST: Final = 5000.0
"""Degrees Celsius that no camera measures any more."""
REMEDY: Final = (
    "it is damaged, or was changed after the camera wrote it: take the camera's own file, or export its temperatures "
    "as CSV with FLIR's software, or leave it out"
)
_PLAIN_REASON: Final = re.compile(r"[A-Za-z0-9 ,.()/:\-]{1,160}")  # what quotes no bytes of the file


class Thermogram(NamedTuple):
    """Temperatures of a picture and what they were computed with.

    Attributes:
        celsius: (H, W) float32, as the camera's own settings give them, upright as the picture beside them.
        emissivity: of the surface, as set in the camera.
        reflected_celsius, distance_m: further settings of the camera.
        fits_picture: whether the file's picture shows the same part of the scene: not so in picture-in-picture.
    """

    celsius: NDArray[np.float32]
    emissivity: float
    reflected_celsius: float
    distance_m: float
    fits_picture: bool = True

    @property
    def settings(self) -> dict[str, float]:
        """As `Thermal.settings` has them."""
        found = {
            "emissivity": self.emissivity,
            "distance_m": self.distance_m,
            "reflected_celsius": self.reflected_celsius,
        }
        return {name: round(value, 3) for name, value in found.items()}


def import_flyr() -> Any:
    """The package that knows FLIR's formula.

    Raises:
        MissingError: it is not installed.
    """
    require("cameras", "a radiometric FLIR file", "flyr")
    import flyr

    return flyr


def describe(found: Any) -> Thermogram:
    """What flyr found, as numbers."""
    settings = found.metadata
    return Thermogram(
        np.asarray(found.celsius, np.float32),
        float(settings["emissivity"]),
        float(settings["reflected_apparent_temperature"]) - KELVIN,
        float(settings["object_distance"]),
    )


def unpack_checked(unpack: Callable[[], Thermogram], path: Path) -> Thermogram:
    """What a parser of bytes finds, checked: damaged ones make it fail in every way there is.

    Raises:
        RejectError: it fails, or finds what nothing has (`no_thermogram`).
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = unpack()
    except RejectError:
        raise
    except Exception as error:  # a parser of bytes fails on damaged ones in every way there is
        said = str(error) if _PLAIN_REASON.fullmatch(str(error)) else type(error).__name__
        why = f"{path.name} holds no temperatures that flyr can read ({said}); {REMEDY}"
        raise RejectError("no_thermogram", why) from error
    fault = _find_fault(found)
    if fault is not None:
        raise RejectError("no_thermogram", f"{path.name} holds {fault}; {REMEDY}")
    return found


def _find_fault(found: Thermogram) -> str | None:
    """What cannot be measured, None where nothing is wrong."""
    if found.celsius.ndim != 2 or not found.celsius.size or not np.isfinite(found.celsius).all():
        return "temperatures that are no numbers"
    if float(found.celsius.min()) < -KELVIN or float(found.celsius.max()) > HOTTEST:
        return "temperatures that nothing has"
    settings = (found.emissivity, found.reflected_celsius, found.distance_m)
    if not all(map(math.isfinite, settings)) or not 0 < found.emissivity <= 1 or found.distance_m < 0:
        return "settings that no camera has"
    return None
