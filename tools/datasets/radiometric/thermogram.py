"""The temperatures inside a radiometric FLIR JPEG, through flyr."""

import math
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tools.errors import ImageError, RejectError
from tools.registry.extras import require

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KELVIN = 273.15
HOTTEST = 5000.0
"""Degrees Celsius that no thermal camera measures any more."""
_PLAIN_REASON = re.compile(r"[A-Za-z0-9 ,.()/:\-]{1,160}")  # what quotes no bytes of the file
DIRECTORY_ENTRY = 32
"""Bytes of an entry in the directory of a FLIR file's records."""


class Thermogram(NamedTuple):
    """Temperatures of a picture and what they were computed with.

    Attributes:
        celsius: (H, W) float32, as the camera's own settings give them, upright as the picture beside them.
        emissivity: of the surface, as set in the camera.
        reflected_celsius, distance_m: further settings of the camera.
    """

    celsius: "NDArray[np.float32]"
    emissivity: float
    reflected_celsius: float
    distance_m: float


def read_thermogram(path: Path) -> Thermogram:
    """The temperatures inside a file, through flyr.

    Raises:
        RejectError: the file holds none that flyr can read (`no_thermogram`).
        MissingError: flyr is not installed.
    """
    require("itb", "a radiometric picture", "flyr")
    import flyr

    try:
        _check_directory(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = _convert(flyr.unpack(str(path)))
    except Exception as error:  # a parser of bytes fails on damaged ones in every way there is
        said = str(error) if _PLAIN_REASON.fullmatch(str(error)) else type(error).__name__
        why = f"{path.name} holds no temperatures that flyr can read ({said}); copy it again, or leave it out"
        raise RejectError("no_thermogram", why) from error
    fault = _find_fault(found)
    if fault is not None:
        raise RejectError("no_thermogram", f"{path.name} holds {fault}; its header is damaged, copy it again")
    return found._replace(celsius=_turn_upright(found.celsius, path))


def _turn_upright(celsius: "NDArray[np.float32]", path: Path) -> "NDArray[np.float32]":
    """The temperatures turned with their picture; as they are where there is no picture, or one of another shape."""
    from tools.images import read_header, turn_pixels

    try:
        header = read_header(path)
    except ImageError:
        return celsius  # whoever needs the picture says why it cannot be read
    is_alike = (celsius.shape[0] > celsius.shape[1]) == (header.stored[1] > header.stored[0])
    return turn_pixels(celsius, header.orientation) if is_alike else celsius


def _find_fault(found: Thermogram) -> str | None:
    """What cannot be measured, None where nothing is wrong."""
    import numpy as np

    if found.celsius.ndim != 2 or not found.celsius.size or not np.isfinite(found.celsius).all():
        return "temperatures that are no numbers"
    if float(found.celsius.min()) < -KELVIN or float(found.celsius.max()) > HOTTEST:
        return "temperatures that nothing has"
    settings = (found.emissivity, found.reflected_celsius, found.distance_m)
    if not all(map(math.isfinite, settings)) or not 0 < found.emissivity <= 1 or found.distance_m < 0:
        return "settings that no camera has"
    return None


def _convert(found: Any) -> Thermogram:
    """What flyr found, as numbers."""
    import numpy as np

    settings = found.metadata
    return Thermogram(
        np.asarray(found.celsius, np.float32),
        float(settings["emissivity"]),
        float(settings["reflected_apparent_temperature"]) - KELVIN,
        float(settings["object_distance"]),
    )


def _check_directory(path: Path) -> None:
    """Refuse a directory of records longer than the file: flyr walks through it entry by entry, for minutes or hours.

    Raises:
        ValueError: the directory cannot be in there, as the header is damaged or in the other byte order.
    """
    from flyr.records import extract_flir_app1

    with path.open("rb") as file:
        held = extract_flir_app1(file).read()
    start, count = (int.from_bytes(held[place : place + 4], "big") for place in (0x18, 0x1C))
    if start + DIRECTORY_ENTRY * count > len(held):
        raise ValueError(f"its directory of {count} records is longer than the file")
