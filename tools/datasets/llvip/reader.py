"""LLVIP: registered visible and thermal pairs of streets, persons annotated; a name is two digits scene, four frame."""

from collections.abc import Iterator
from pathlib import Path

from tools.datasets.dataset import Dataset
from tools.datasets.facts import read_facts
from tools.datasets.files import BadRow, list_images
from tools.datasets.formats.voc import read_voc
from tools.datasets.reading import Reading, Row
from tools.datasets.records import Annotated

SPLITS = ("train", "test")
SCENE_DIGITS = 2


def find_layout(root: Path) -> str | None:
    """Which splits there are."""
    splits = [split for split in SPLITS if (root / "infrared" / split).is_dir()]
    return f"LLVIP: {', '.join(splits)}" if splits and (root / "Annotations").is_dir() else None


def read(reading: Reading) -> Iterator[Annotated]:
    """All frames, split by split, then annotations of which there is no image."""
    seen = set()
    for split in SPLITS:
        visible = list_images(reading.root / "visible" / split)
        for stem, path in list_images(reading.root / "infrared" / split).items():
            seen.add(stem)
            try:
                voc = read_voc(reading.root / "Annotations" / f"{stem}.xml")
            except BadRow as error:
                code = "no_annotation" if error.code == "missing_annotation" else error.code
                image = path if code == "no_annotation" else None
                yield reading.reject(BadRow(code, str(error)), f"{split}/{path.name}", image, split)
                continue
            where, group, photo = f"{split}/{path.name}", stem[:SCENE_DIGITS], visible.get(stem)
            row = Row(path, where, group, voc.boxes, voc.rejects, size=voc.size, split=split, photo=photo)
            yield from reading.make(row)
    for path in sorted((reading.root / "Annotations").glob("*.xml")):
        if path.stem not in seen:
            yield reading.reject(BadRow("missing_image", "infrared has no image of it"), f"Annotations/{path.name}")


DATASET = Dataset("llvip", read_facts(__file__), find_layout, read)
