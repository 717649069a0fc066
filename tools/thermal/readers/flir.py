"""Radiometric FLIR JPEGs: the temperatures inside the file, through flyr; the picture is for people and is not used."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from tools.errors import ImageError
from tools.images import load_rgb, read_header, turn_pixels
from tools.thermal.file import ThermalFile
from tools.thermal.reader import Asked
from tools.thermal.readers.frames import STARTS, check_directory, find_order, read_frame
from tools.thermal.readers.thermogram import Thermogram, describe, import_flyr, unpack_checked
from tools.thermal.readers.turned import is_across, turn_across
from tools.thermal.records import CELSIUS, WHITE_HOT, Thermal
from tools.thermal.units import PLAUSIBLE

if TYPE_CHECKING:
    from flyr.picture_in_picture import PictureInPicture

_APP1: Final = 0xE1
_SEGMENT: Final = b"FLIR\0"
_LEAST_SHARE: Final = 0.9


class FlirJpeg:
    """JPEGs with a segment of FLIR's."""

    def knows(self, file: ThermalFile) -> bool:
        """By its segments."""
        return any(segment.marker == _APP1 and segment.start.startswith(_SEGMENT) for segment in file.segments)

    def read(self, file: ThermalFile, asked: Asked) -> Thermal:
        """Degrees Celsius; what a user states of other files is not asked, as this one says it itself.

        What is colder than any calibration reaches, as clear sky looks, has no temperature: NaN.
        """
        found = read_thermogram(file.path)
        measured = np.where(found.celsius >= PLAUSIBLE[0], found.celsius, np.float32(np.nan))
        return Thermal(
            measured,
            CELSIUS,
            WHITE_HOT,
            "flir",
            settings=found.settings,
            picture_size=read_header(file.path).upright,
            fits_picture=found.fits_picture,
        )


def read_thermogram(path: Path) -> Thermogram:
    """The temperatures inside a file, through flyr.

    Raises:
        RejectError: the file holds none that flyr can read (`no_thermogram`).
        MissingError: flyr is not installed.
    """
    import_flyr()
    found = unpack_checked(lambda: _unpack(path), path)
    return found._replace(celsius=_turn_upright(found.celsius, path))


def _unpack(path: Path) -> Thermogram:
    import flyr
    from flyr.records import extract_flir_app1

    with path.open("rb") as file:
        held = extract_flir_app1(file).read()
    check_directory(held)
    if held.startswith(STARTS) and find_order(held) == "<":  # flyr reads a directory of the other byte order only
        return read_frame(held, path)
    found = flyr.unpack(str(path))
    return describe(found)._replace(fits_picture=_fills(found.pip_info, found.celsius.shape))


def _turn_upright(celsius: NDArray[np.float32], path: Path) -> NDArray[np.float32]:
    """The temperatures turned with their picture, or against it where they lie across it; as they are without one."""
    try:
        header = read_header(path)
        if is_across(celsius, header.stored):
            return turn_across(celsius, load_rgb(path)) if is_across(celsius, header.upright) else celsius
        return np.ascontiguousarray(turn_pixels(celsius, header.orientation))
    except ImageError:
        return celsius  # whoever needs the picture says why it cannot be read


def _fills(inset: "PictureInPicture | None", shape: tuple[int, ...]) -> bool:
    """Whether the rectangle of the camera's picture-in-picture is the whole image, as it is without such a mode."""
    if inset is None:
        return True
    width, height = inset.pip_x2 - inset.pip_x1, inset.pip_y2 - inset.pip_y1
    if width <= 0 or height <= 0:
        return True  # never set
    return bool(width >= _LEAST_SHARE * shape[1] - 1 and height >= _LEAST_SHARE * shape[0] - 1)


FLIR = FlirJpeg()
"""The reader `flir`."""
