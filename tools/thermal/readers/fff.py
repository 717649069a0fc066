"""FLIR's own containers: `.fff`, one frame, and `.seq`, frames one after the other, of which the first is read."""

import struct
from pathlib import Path
from typing import Final

from tools.images import MAX_PIXELS
from tools.thermal.file import ThermalFile
from tools.thermal.reader import Asked
from tools.thermal.readers.frames import (
    DIRECTORY_ENTRY,
    HEADER_BYTES,
    MOST_RECORDS,
    STARTS,
    find_directory,
    find_order,
    read_frame,
)
from tools.thermal.readers.thermogram import import_flyr, unpack_checked
from tools.thermal.records import CELSIUS, WHITE_HOT, Thermal

_MOST_BYTES: Final = 4 * MAX_PIXELS


class Fff:
    """FFF and SEQ files."""

    def knows(self, file: ThermalFile) -> bool:
        """By its first bytes."""
        return file.start.startswith(STARTS)

    def read(self, file: ThermalFile, asked: Asked) -> Thermal:
        """The first frame, in degrees Celsius."""
        import_flyr()
        found = unpack_checked(lambda: read_frame(_read_first(file.path), file.path), file.path)
        return Thermal(found.celsius, CELSIUS, WHITE_HOT, "fff", settings=found.settings)


def _read_first(path: Path) -> bytes:
    """The first frame, up to the end of its last record; a sequence of hours is not loaded whole."""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
        order, (start, count) = find_order(head), find_directory(head)
        if count > MOST_RECORDS:
            raise ValueError(f"its directory of {count} records is longer than the file")
        file.seek(start)
        entries = file.read(DIRECTORY_ENTRY * count)
        places = range(0, len(entries) - DIRECTORY_ENTRY + 1, DIRECTORY_ENTRY)
        ends = [sum(struct.unpack_from(f"{order}II", entries, place + 12)) for place in places]
        file.seek(0)
        return file.read(min(max([start + len(entries), HEADER_BYTES, *ends]), _MOST_BYTES))


FFF = Fff()
"""The reader `fff`."""
