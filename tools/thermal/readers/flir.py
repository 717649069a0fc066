"""Radiometric FLIR JPEGs: the temperatures inside the file, through flyr; the picture is for people and is not used."""

import math
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.errors import ImageError, MissingError, RejectError
from tools.images import read_header
from tools.thermal.file import ThermalFile
from tools.thermal.reader import Asked
from tools.thermal.readers.turned import turn_upright
from tools.thermal.records import CELSIUS, WHITE_HOT, Thermal
from tools.thermal.units import KELVIN

if TYPE_CHECKING:
    from flyr.picture_in_picture import PictureInPicture

Found = TypeVar("Found")
HOTTEST: Final = 5000.0
"""Degrees Celsius that no camera measures any more."""
DIRECTORY_ENTRY: Final = 32
"""Bytes of an entry in the directory of a FLIR file's records."""
INSTALL: Final = "pip install -e '.[cameras]' -c requirements.lock"
_PLAIN_REASON: Final = re.compile(r"[A-Za-z0-9 ,.()/:\-]{1,160}")  # what quotes no bytes of the file
_APP1: Final = 0xE1
_SEGMENT: Final = b"FLIR\0"
_LEAST_SHARE: Final = 0.9


class Thermogram(NamedTuple):
    """Temperatures of a picture and what they were computed with.

    Attributes:
        celsius: (H, W) float32, as the camera's own settings give them, upright as the file's picture is.
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
        numbers = (self.emissivity, self.distance_m, self.reflected_celsius)
        return dict(zip(("emissivity", "distance_m", "reflected_celsius"), map(_round, numbers), strict=True))


class FlirJpeg:
    """JPEGs with a segment of FLIR's."""

    def knows(self, file: ThermalFile) -> bool:
        """By its segments."""
        return any(segment.marker == _APP1 and segment.start.startswith(_SEGMENT) for segment in file.segments)

    def read(self, file: ThermalFile, asked: Asked) -> Thermal:
        """Degrees Celsius; what a user states of other files is not asked, as this one says it itself."""
        found = read_thermogram(file.path)
        size = read_header(file.path).upright
        return Thermal(
            found.celsius,
            CELSIUS,
            WHITE_HOT,
            "flir",
            settings=found.settings,
            picture_size=size,
            fits_picture=found.fits_picture,
        )


def read_thermogram(path: Path) -> Thermogram:
    """The temperatures inside a file, through flyr.

    Raises:
        RejectError: the file holds none that flyr can read (`no_thermogram`).
        MissingError: flyr is not installed.
    """
    flyr = import_flyr()

    def unpack() -> Thermogram:
        _check_directory(path)
        found = flyr.unpack(str(path))
        return describe(found)._replace(fits_picture=_fills(found.pip_info, found.celsius.shape))

    found = read_bytes(unpack, path)
    try:
        with Image.open(path, formats=("JPEG", "MPO")) as picture:
            upright = turn_upright(found.celsius, picture)
    except (ImageError, OSError, SyntaxError, ValueError):
        return found  # temperatures in a file without a picture have nothing to be turned against
    return found._replace(celsius=upright)


def import_flyr() -> Any:
    """The package that knows FLIR's formula.

    Raises:
        MissingError: it is not installed.
    """
    try:
        import flyr
    except ImportError as error:
        raise MissingError(f"radiometric FLIR files need the package flyr: {INSTALL}") from error
    return flyr


def read_bytes(unpack: Callable[[], Thermogram], path: Path) -> Thermogram:
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
    except Exception as error:
        said = str(error) if _PLAIN_REASON.fullmatch(str(error)) else type(error).__name__
        why = f"{path.name} holds no temperatures that flyr can read ({said}); copy it again, or leave it out"
        raise RejectError("no_thermogram", why) from error
    fault = _find_fault(found)
    if fault is not None:
        raise RejectError("no_thermogram", f"{path.name} holds {fault}; its header is damaged, copy it again")
    return found


def describe(found: Any) -> Thermogram:
    """What flyr found, as numbers."""
    settings = found.metadata
    return Thermogram(
        np.asarray(found.celsius, np.float32),
        float(settings["emissivity"]),
        float(settings["reflected_apparent_temperature"]) - KELVIN,
        float(settings["object_distance"]),
    )


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


def _fills(inset: "PictureInPicture | None", shape: tuple[int, ...]) -> bool:
    """Whether the rectangle of the camera's picture-in-picture is the whole image, as it is without such a mode."""
    if inset is None:
        return True
    width, height = inset.pip_x2 - inset.pip_x1, inset.pip_y2 - inset.pip_y1
    if width <= 0 or height <= 0:
        return True  # never set
    return width >= _LEAST_SHARE * shape[1] and height >= _LEAST_SHARE * shape[0]


def _round(value: float) -> float:
    return round(value, 3)


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


FLIR = FlirJpeg()
"""The reader `flir`."""
