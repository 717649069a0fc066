"""Rendered scenes of `python -m tools scenes`: a stand-in for real datasets, with every object annotated."""

from collections.abc import Iterator
from pathlib import Path

from tools.datasets.dataset import Dataset
from tools.datasets.facts import read_facts
from tools.datasets.files import BadRow, list_images, read_json
from tools.datasets.formats.coco_json import CocoRow, read_coco
from tools.datasets.reading import Reading, Row
from tools.datasets.records import Annotated

BOXES, IMAGES, RECORDS = "annotations/instances_scenes.json", "thermal8", "scenes"
BACKDROP = frozenset({"building", "tree"})
"""Names that are never asked about: they are cut off by the frame and stand behind each other."""
LABELS = {"street": "street", "road": "street", "indoor": "indoor", "field": "field", "shore": "water"}
"""Kinds of scene -> the label of the benchmark; a yard may pass for a field, and from the air is a view."""
AERIAL = "aerial"


def find_layout(root: Path) -> str | None:
    """The one layout there is."""
    return "rendered scenes" if (root / BOXES).is_file() and (root / IMAGES).is_dir() else None


def read(reading: Reading) -> Iterator[Annotated]:
    """All frames, in the order of their numbers; each scene is a group of its own."""
    images = list_images(reading.root / IMAGES)
    try:
        rows = list(read_coco(reading.root / BOXES))
    except BadRow as error:
        yield reading.reject(error, BOXES)
        return
    for row in rows:
        if isinstance(row, BadRow):
            yield reading.reject(row, BOXES)
            continue
        stem = Path(row.name).stem
        try:
            if stem not in images:
                raise BadRow("missing_image", f"{IMAGES} has no image {stem}")
            kind = read_kind(reading.root / RECORDS / f"{stem}.json")
        except BadRow as error:
            yield reading.reject(error, stem)
            continue
        yield from reading.make(_make_row(images[stem], row, kind))


def _make_row(image: Path, row: CocoRow, kind: str) -> Row:
    boxes = [box for box in row.boxes if box.name not in BACKDROP]
    labels = (LABELS[kind],) if kind in LABELS else ()
    facts = {"version": "scenes", "view": AERIAL if kind == AERIAL else "ground"}
    return Row(image, image.stem, image.stem, boxes, row.rejects, size=row.size, labels=labels, facts=facts)


def read_kind(path: Path) -> str:
    """Which kind of scene a record says it is.

    Raises:
        BadRow: there is no such record, or it is broken.
    """
    record = read_json(path)
    if not isinstance(record, dict) or not isinstance(record.get("kind"), str):
        raise BadRow("broken_json", f"{path.name} names no kind of scene")
    return str(record["kind"])


DATASET = Dataset("scenes", read_facts(__file__), find_layout, read)
