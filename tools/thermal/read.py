"""One reader for infrared files, whatever camera or software wrote them."""

from pathlib import Path

from tools.thermal.file import ThermalFile
from tools.thermal.reader import Asked, find_reader
from tools.thermal.readers.picture import Picture
from tools.thermal.records import Thermal, check_polarity
from tools.thermal.units import parse_unit


def read_thermal(path: Path, unit: str | None = None, polarity: str = "unknown") -> Thermal:
    """Read an infrared file, by the first reader of the seam `thermal reader` that knows it.

    Args:
        unit: of the values, where the file does not say: `celsius`, `kelvin`, `centikelvin` or `K*N`.
        polarity: what brightness of a picture means, where that is known.

    Raises:
        RejectError: the file cannot be read, is of a kind that has to be exported first, or is not of that unit.
        UsageError: that is no unit, or no polarity.
        MissingError: a package that this kind of file needs is not installed.
    """
    file = ThermalFile(path)
    return find_reader(file).read(file, Asked(parse_unit(unit), check_polarity(polarity)))


def is_picture(path: Path) -> bool:
    """Whether a file is read as any picture is, so that `tools.images` shows it with its colours.

    Raises:
        ImageError: it cannot be opened.
        MissingError: a package that is needed to tell is not installed.
    """
    return isinstance(find_reader(ThermalFile(path)), Picture)
