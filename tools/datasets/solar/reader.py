"""InfraredSolarModules: thermal crops of single solar modules, 24 x 40 pixels, one of 12 conditions each."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from tools.datasets.dataset import Dataset
from tools.datasets.facts import read_facts
from tools.datasets.files import BadRow, join_inside, list_images, read_json, read_row
from tools.datasets.reading import Reading, Row
from tools.datasets.records import Annotated

METADATA = "module_metadata.json"


def find_layout(root: Path) -> str | None:
    """Whether the list of modules is there."""
    return "InfraredSolarModules" if (root / METADATA).is_file() else None


def read(reading: Reading) -> Iterator[Annotated]:
    """All modules in the order of their numbers."""
    try:
        rows = read_json(reading.root / METADATA, dict[str, msgspec.Raw])
    except BadRow as error:
        yield reading.reject(error, METADATA)
        return
    listed = set()
    for number, row in sorted(rows.items(), key=lambda item: (len(item[0]), item[0])):
        try:
            path, label = _read_row(reading, read_row(row))
        except BadRow as error:
            yield reading.reject(error, f"{METADATA}: {number}")
            continue
        listed.add(path)
        yield from reading.make(Row(path, f"images/{path.name}", path.stem, labels=(label,)))
    for path in list_images(reading.root / "images").values():
        if path not in listed:
            yield reading.reject(BadRow("no_annotation", f"{METADATA} does not list it"), f"images/{path.name}")


def _read_row(reading: Reading, row: object) -> tuple[Path, str]:
    name = row.get("image_filepath") if isinstance(row, dict) else None
    kind = row.get("anomaly_class") if isinstance(row, dict) else None
    if not isinstance(name, str) or not isinstance(kind, str):
        raise BadRow("broken_json", "a module without image_filepath or anomaly_class")
    if kind not in reading.facts.names:
        raise BadRow("unknown_class", f"the class {kind!r} is none of the twelve")
    return join_inside(reading.root, name), reading.facts.names[kind]


DATASET = Dataset("solar", read_facts(__file__), find_layout, read)
