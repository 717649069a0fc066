"""A dataset of one's own in one file: `NAME.png` beside `NAME.txt`, whose first line is the label of the image.

python -m itb build --plugin tests/plugins/dummy_dataset.py --source dummy=DIR --out BENCH
"""

from collections.abc import Iterator
from pathlib import Path

from tools.datasets import Annotated, Dataset, Facts
from tools.datasets.files import BadRow, list_images
from tools.datasets.reading import RawBox, Reading, Row
from tools.registry import Entry, register

FACTS = Facts(
    title="A folder of images with a text file each",
    licence="yours",
    band="lwir",
    polarity="white-hot",
    tree="NAME.png + NAME.txt (label, then a line `name x1 y1 x2 y2` for each object)",
    how="Write the text files beside the images, and name their folder.",
)


def find_layout(root: Path) -> str | None:
    """Whether an image has its text file."""
    return "images with text files" if any((root / f"{stem}.txt").is_file() for stem in list_images(root)) else None


def read(reading: Reading) -> Iterator[Annotated]:
    """All images in the order of their names; each is a group of its own."""
    for stem, path in list_images(reading.root).items():
        try:
            label, *lines = (reading.root / f"{stem}.txt").read_text(encoding="utf-8").splitlines()
            boxes = [read_line(line) for line in lines]
        except FileNotFoundError:
            yield reading.reject(BadRow("no_annotation", f"there is no {stem}.txt"), path.name)
            continue
        except ValueError as error:
            yield reading.reject(BadRow("broken_line", str(error)), f"{stem}.txt")
            continue
        yield from reading.make(Row(path, path.name, stem, boxes, labels=(label,)))


def read_line(line: str) -> RawBox:
    """`name x1 y1 x2 y2`."""
    name, *corners = line.split()
    left, top, right, bottom = map(float, corners)
    return RawBox(name, (left, top, right, bottom))


register("dataset", Entry("dummy", "images with a text file each", load=Dataset("dummy", FACTS, find_layout, read)))
