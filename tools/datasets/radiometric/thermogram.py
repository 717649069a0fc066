"""The temperatures inside a radiometric FLIR JPEG, through flyr."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tools.errors import RejectError
from tools.registry.extras import require

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KELVIN = 273.15
DIRECTORY_ENTRY = 32
"""Bytes of an entry in the directory of a FLIR file's records."""


class Thermogram(NamedTuple):
    """Temperatures of a picture and what they were computed with.

    Attributes:
        celsius: (H, W) float32, as the camera's own settings give them.
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
    import numpy as np

    try:
        _check_directory(path)
        found = flyr.unpack(str(path))
        celsius, settings = np.asarray(found.celsius, np.float32), found.metadata
    except (ValueError, LookupError, OSError, EOFError, ArithmeticError, TypeError, AttributeError) as error:
        why = f"{path.name} holds no temperatures that flyr can read ({type(error).__name__}: {error})"
        raise RejectError("no_thermogram", why) from error
    if celsius.ndim != 2 or not np.isfinite(celsius).all():
        raise RejectError("no_thermogram", f"{path.name} holds temperatures that are no numbers")
    reflected = float(settings["reflected_apparent_temperature"]) - KELVIN
    return Thermogram(celsius, float(settings["emissivity"]), reflected, float(settings["object_distance"]))


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
