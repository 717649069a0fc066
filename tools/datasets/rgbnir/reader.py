"""EPFL RGB-NIR Scene: near-infrared and visible pairs; the folder's name is the scene."""

from collections.abc import Iterator
from pathlib import Path

from tools.datasets.dataset import Dataset
from tools.datasets.facts import read_facts
from tools.datasets.files import BadRow, list_folders, list_images
from tools.datasets.reading import Reading, Row
from tools.datasets.records import Annotated

NEAR, VISIBLE = "nir", "rgb"


def _find_base(root: Path) -> Path:
    return root / "nirscene1" if (root / "nirscene1").is_dir() else root


def _pair(folder: Path) -> dict[str, tuple[Path | None, Path | None]]:
    """Near-infrared and visible image by what their names share: `0001_nir` and `0001_rgb`, `nir_x` and `rgb_x`."""
    pairs: dict[str, tuple[Path | None, Path | None]] = {}
    for stem, path in list_images(folder).items():
        words = stem.split("_")
        for place, kind in ((0, NEAR), (1, VISIBLE)):
            if kind in words:
                shared = "_".join(word for word in words if word != kind)
                found = list(pairs.get(shared, (None, None)))
                found[place] = path
                pairs[shared] = (found[0], found[1])
    return pairs


def find_layout(root: Path) -> str | None:
    """How many categories; or pairs that lie about without one."""
    base = _find_base(root)
    categories = [folder.name for folder in list_folders(base) if any(near for near, _ in _pair(folder).values())]
    if categories:
        return f"RGB-NIR Scene: {len(categories)} categories"
    return "RGB-NIR Scene: pairs without a category" if _pair(base) else None


def read(reading: Reading) -> Iterator[Annotated]:
    """All near-infrared images, category by category; loose pairs have no label."""
    base = _find_base(reading.root)
    for folder in [base, *list_folders(base)]:
        category = reading.facts.names.get(folder.name) if folder != base else None
        if folder != base and category is None:
            if _pair(folder):
                error = BadRow("unknown_class", f"the folder {folder.name!r} is none of the nine categories")
                yield reading.reject(error, reading.relate(folder))
            continue
        for shared, (near, visible) in _pair(folder).items():
            where = f"{folder.name}/{shared}"
            if near is None:
                yield reading.reject(BadRow("missing_image", "there is no near-infrared image"), where)
                continue
            if category is None:
                yield reading.reject(BadRow("no_annotation", "the image lies in no category's folder"), where)
            labels = () if category is None else (category,)
            yield from reading.make(Row(near, where, where, photo=visible, labels=labels))


DATASET = Dataset("rgbnir", read_facts(__file__), find_layout, read)
