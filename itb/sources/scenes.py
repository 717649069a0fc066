"""Rendered scenes of `python -m tools scenes`: a stand-in for real datasets, with every object annotated."""

from collections.abc import Iterator
from pathlib import Path

from itb.sources.coco import read_coco
from itb.sources.files import BadRow, list_images, read_json
from itb.sources.reading import Entry, Reading, Row

BOXES, IMAGES, RECORDS = "annotations/instances_scenes.json", "thermal8", "scenes"
BACKDROP = frozenset({"building", "tree"})
"""Names that are never asked about: they are cut off by the frame and stand behind each other."""
LABELS = {"street": "street", "road": "street", "indoor": "indoor", "field": "field", "shore": "water"}
"""Kinds of scene -> the label of the benchmark; a yard may pass for a field, and from the air is a view."""
AERIAL = "aerial"


def find_layout(root: Path) -> str | None:
    """The one layout there is."""
    return "rendered scenes" if (root / BOXES).is_file() and (root / IMAGES).is_dir() else None


def read(reading: Reading) -> Iterator[Entry]:
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
        labels = [label for label in row.labels if label.name not in BACKDROP]
        others = {
            "label": LABELS.get(kind),
            "facts": {"version": "scenes", "view": AERIAL if kind == AERIAL else "ground"},
        }
        yield from reading.make(Row(images[stem], stem, stem, labels, row.rejects, row.size, others))


def read_kind(path: Path) -> str:
    """Which kind of scene a record says it is.

    Raises:
        BadRow: there is no such record, or it is broken.
    """
    record = read_json(path)
    if not isinstance(record, dict) or not isinstance(record.get("kind"), str):
        raise BadRow("broken_json", f"{path.name} names no kind of scene")
    return str(record["kind"])
