"""Pictures: 8 bits and colours as grey levels, deeper ones of one channel as numbers of the unit that was stated."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.errors import RejectError
from tools.images import load_rgb, load_values
from tools.thermal.file import ThermalFile
from tools.thermal.overlays import find_overlays
from tools.thermal.reader import Asked
from tools.thermal.records import CELSIUS, WHITE_HOT, Thermal

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


class Picture:
    """Any image file; what none of the other readers knows is read as one, and refused as one.

    Args:
        source: what `Thermal.source` says.
        starts: first bytes of its files; none for everything.
    """

    def __init__(self, source: str, starts: tuple[bytes, ...] = ()) -> None:
        self._source = source
        self._starts = starts

    def knows(self, file: ThermalFile) -> bool:
        """By its first bytes."""
        return not self._starts or file.start.startswith(self._starts)

    def read(self, file: ThermalFile, asked: Asked) -> Thermal:
        """Numbers where it has more than 8 bits in one channel, else the levels of a picture."""
        values = load_values(file.path)
        if values is not None:
            return make_measured(values, file, asked, self._source)
        if asked.scale is not None:
            why = f"{file.path.name}: a picture of 8 bits or of colours holds no temperatures, only how they were shown"
            raise RejectError("no_values", f"{why}; leave --unit out, or export 16-bit, float or CSV from the camera")
        image = load_rgb(file.path)
        found = find_overlays(image)
        levels = np.asarray(image.convert("L"))
        return Thermal(levels, "gray", asked.polarity, "picture", found.names, palette=found.palette)


def make_measured(values: NDArray[Any], file: ThermalFile, asked: Asked, source: str) -> Thermal:
    """Numbers without a unit of their own: degrees Celsius where the user stated how, else counts.

    Raises:
        RejectError: no pixel was measured, or the unit cannot be right.
    """
    if not np.isfinite(values).any():
        raise RejectError("no_values", f"{file.path.name} holds no measured pixel; copy it again, or leave it out")
    if asked.scale is None:
        return Thermal(np.asarray(values, np.float32), "counts", asked.polarity, source)
    return Thermal(asked.scale.convert(values, file.path), CELSIUS, WHITE_HOT, source)


TIFF = Picture("tiff", _TIFF)
"""TIFF: float and 16 bit as numbers, else as a picture."""
PICTURE = Picture("picture")
"""PNG, JPEG, BMP and all others that Pillow's allowed decoders open."""
