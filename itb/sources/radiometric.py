"""Radiometric FLIR JPEGs: the picture is for people, the temperatures of every pixel stand beside it in the file.

The picture may carry a scale, a spot and a palette; what is asked about is drawn anew from the temperatures.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from itb.sources.files import BadRow, read_size
from itb.sources.reading import Entry, Reading, Row
from tools.errors import MissingError, RejectError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ENDINGS = frozenset({".jpg", ".jpeg"})
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
    try:
        import flyr
    except ImportError as error:
        hint = "pip install -e '.[itb]' -c requirements.lock"
        raise MissingError(f"radiometric pictures need the package flyr: {hint}") from error
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


def list_files(root: Path) -> list[Path]:
    """Every JPEG below a folder, sorted."""
    found = (Path(folder) / name for folder, _, names in os.walk(root) for name in names)
    return sorted(path for path in found if path.suffix.lower() in ENDINGS)


def find_layout(root: Path) -> str | None:
    """How many JPEGs there are; which of them are radiometric, only reading tells."""
    files = list_files(root)
    return f"{len(files)} JPEG files" if files else None


def read(reading: Reading) -> Iterator[Entry]:
    """All pictures that hold temperatures; each is a group of its own."""
    for path in list_files(reading.root):
        where = reading.relate(path)
        try:
            thermogram = read_thermogram(path)
            read_size(path)
        except RejectError as error:
            yield reading.reject(BadRow(error.code, str(error)), where)
            continue
        except BadRow as error:
            yield reading.reject(error, where)
            continue
        low, high = float(thermogram.celsius.min()), float(thermogram.celsius.max())
        facts: dict[str, str | float] = {
            "emissivity": round(thermogram.emissivity, 3),
            "reflected_celsius": round(thermogram.reflected_celsius, 2),
            "distance_m": round(thermogram.distance_m, 2),
            "lowest_celsius": round(low, 2),
            "highest_celsius": round(high, 2),
        }
        yield from reading.make(Row(path, where, where, others={"facts": facts}))
