"""Every image below a folder; the folder it lies in is its group, so that a sequence stays together."""

import os
from collections.abc import Iterator
from pathlib import Path

from tools.datasets.dataset import Dataset
from tools.datasets.facts import read_facts
from tools.datasets.files import is_image_file
from tools.datasets.reading import Reading, Row
from tools.datasets.records import Annotated


def list_files(root: Path) -> list[Path]:
    """Every image and infrared file below a folder, sorted by its path; what begins with a dot is passed over."""
    from tools.thermal import is_table

    found = []
    for folder, below, names in os.walk(root):
        below[:] = sorted(name for name in below if not name.startswith("."))
        found += [Path(folder, name) for name in names if not name.startswith(".")]
    return sorted(path for path in found if is_image_file(path) and not is_table(path))


def find_layout(root: Path) -> str | None:
    """How many images there are."""
    files = list_files(root)
    return f"{len(files)} images" if files else None


def read(reading: Reading) -> Iterator[Annotated]:
    """All images; one that cannot be opened is a reject."""
    for path in list_files(reading.root):
        yield from reading.make(Row(path, reading.relate(path), group=reading.relate(path.parent) or "."))


DATASET = Dataset("folder", read_facts(__file__), find_layout, read)
