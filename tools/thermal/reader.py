"""What a reader of infrared files is: the seam `thermal reader`, and how the one for a file is found."""

from pathlib import PurePath
from typing import NamedTuple, Protocol

from tools.registry import THERMAL_READERS
from tools.thermal.file import ThermalFile
from tools.thermal.records import Thermal
from tools.thermal.units import Scale


class Asked(NamedTuple):
    """What a user said of a file, for what the file does not say itself.

    Attributes:
        scale: how its numbers become degrees Celsius; None for nothing said, and then they are counts.
        polarity: what brightness means: `white-hot`, `black-hot`, `unknown`.
    """

    scale: Scale | None = None
    polarity: str = "unknown"


class ThermalReader(Protocol):
    """Reads files of one kind."""

    def knows(self, file: ThermalFile) -> bool:
        """Whether it is for this file, by ending or content; called for every file, so it must be quick."""

    def read(self, file: ThermalFile, asked: Asked) -> Thermal:
        """The file.

        Raises:
            RejectError: it cannot be read, or has to be exported first; says why and what to do.
            MissingError: a package is not installed; says the command.
        """


def find_reader(file: ThermalFile) -> ThermalReader:
    """The first reader that knows a file: a plugin's before those of the toolkit, which stand in their table's order.

    Raises:
        MissingError: a package that a reader needs to tell is not installed.
    """
    names = sorted(THERMAL_READERS.names(), key=THERMAL_READERS.is_built_in)  # stable: the table's order within each
    readers = (THERMAL_READERS.load(name) for name in names)
    found: ThermalReader = next(reader for reader in readers if reader.knows(file))  # the last one knows everything
    return found


def list_endings() -> frozenset[str]:
    """Endings of the files that are no pictures and that some reader reads, or refuses by name: `.npy`, `.seq`."""
    return frozenset(ending for entry in THERMAL_READERS.entries() for ending in entry.traits.get("endings", ()))


def is_data_file(path: PurePath) -> bool:
    """Whether a name is that of infrared data outside a picture."""
    return path.suffix.lower() in list_endings()
