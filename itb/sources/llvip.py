"""LLVIP: registered visible and thermal pairs of streets, persons annotated; a name is two digits scene, four frame."""

from collections.abc import Iterator
from pathlib import Path

from itb.sources.files import BadRow, list_images
from itb.sources.reading import Entry, Reading, Row
from itb.sources.voc import read_voc

SPLITS = ("train", "test")
SCENE_DIGITS = 2


def find_layout(root: Path) -> str | None:
    """Which splits there are."""
    splits = [split for split in SPLITS if (root / "infrared" / split).is_dir()]
    return f"LLVIP: {', '.join(splits)}" if splits and (root / "Annotations").is_dir() else None


def read(reading: Reading) -> Iterator[Entry]:
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
                yield reading.reject(BadRow(code, str(error)), f"{split}/{path.name}")
                continue
            partner = reading.relate(visible[stem]) if stem in visible else None
            where, group = f"{split}/{path.name}", stem[:SCENE_DIGITS]
            yield from reading.make(Row(path, where, group, voc.labels, voc.rejects, voc.size, {"partner": partner}))
    for path in sorted((reading.root / "Annotations").glob("*.xml")):
        if path.stem not in seen:
            yield reading.reject(BadRow("missing_image", "infrared has no image of it"), f"Annotations/{path.name}")
