"""Radiometric FLIR JPEGs: the picture is for people, the temperatures of every pixel stand beside it in the file.

The picture may carry a scale, a spot and a palette; what is asked about is drawn anew from the temperatures.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from tools.datasets.dataset import Dataset
from tools.datasets.facts import read_facts
from tools.datasets.files import BadRow
from tools.datasets.reading import Reading, Row
from tools.datasets.records import Annotated
from tools.errors import RejectError
from tools.thermal.readers.flir import read_thermogram

ENDINGS = frozenset({".jpg", ".jpeg"})


def list_files(root: Path) -> list[Path]:
    """Every JPEG below a folder, sorted."""
    found = (Path(folder) / name for folder, _, names in os.walk(root) for name in names)
    return sorted(path for path in found if path.suffix.lower() in ENDINGS)


def find_layout(root: Path) -> str | None:
    """How many JPEGs there are; which of them are radiometric, only reading tells."""
    files = list_files(root)
    return f"{len(files)} JPEG files" if files else None


def read(reading: Reading) -> Iterator[Annotated]:
    """All pictures that hold temperatures; each is a group of its own."""
    for path in list_files(reading.root):
        where = reading.relate(path)
        try:
            thermogram = read_thermogram(path)
        except RejectError as error:
            yield reading.reject(BadRow(error.code, str(error)), where)
            continue
        low, high = float(thermogram.celsius.min()), float(thermogram.celsius.max())
        facts: dict[str, str | float] = {
            "emissivity": round(thermogram.emissivity, 3),
            "reflected_celsius": round(thermogram.reflected_celsius, 2),
            "distance_m": round(thermogram.distance_m, 2),
            "lowest_celsius": round(low, 2),
            "highest_celsius": round(high, 2),
        }
        yield from reading.make(Row(path, where, where, facts=facts))


DATASET = Dataset("radiometric", read_facts(__file__), find_layout, read)
