"""DroneVehicle (VisDrone): infrared images of traffic from drones, within a white border of 100 pixels."""

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from tools.datasets.boxes import surround
from tools.datasets.dataset import Dataset
from tools.datasets.facts import read_facts
from tools.datasets.files import BadRow, list_images
from tools.datasets.formats.voc import read_bndbox, read_numbers, read_voc
from tools.datasets.reading import Reading, Row
from tools.datasets.records import Annotated, BoxXyxy

SPLITS = ("train", "val", "test")
CONTENT = (100, 100, 740, 612)
CORNERS = range(1, 5)
BLOCK = 100
"""No flight is named; a hundred consecutive numbers stay together."""
NO_NAME = "*"
"""Of an object that the annotators did not name."""


def find_layout(root: Path) -> str | None:
    """Which splits there are."""
    splits = [split for split in SPLITS if (root / split / f"{split}imgr").is_dir()]
    return f"DroneVehicle: {', '.join(splits)}" if splits else None


def read(reading: Reading) -> Iterator[Annotated]:
    """All infrared frames with their infrared boxes, without the border."""
    for split in SPLITS:
        folder = reading.root / split
        images, labels = list_images(folder / f"{split}imgr"), folder / f"{split}labelr"
        visible = list_images(folder / f"{split}img")
        for stem, path in images.items():
            where = f"{split}/{path.name}"
            try:
                voc = read_voc(labels / f"{stem}.xml", read_polygon)
            except BadRow as error:
                code = "no_annotation" if error.code == "missing_annotation" else error.code
                yield reading.reject(BadRow(code, str(error)), where)
                continue
            boxes = [box for box in voc.boxes if box.name != NO_NAME]
            row = Row(
                path,
                where,
                find_group(split, stem),
                boxes,
                voc.rejects,
                nameless=len(voc.boxes) - len(boxes),
                size=voc.size,
                split=split,
                recording=split,
                photo=visible.get(stem),
                crop_xyxy=CONTENT,
            )
            yield from reading.make(row)
        for path in sorted(labels.glob("*.xml")) if labels.is_dir() else ():
            if path.stem not in images:
                yield reading.reject(BadRow("missing_image", f"{split}imgr has no image of it"), f"{split}/{path.name}")


def find_group(split: str, stem: str) -> str:
    """Split and block of numbers."""
    number = re.search(r"\d+", stem)
    return f"{split}-{int(number[0]) // BLOCK}" if number else f"{split}-{stem}"


def read_polygon(element: Element) -> BoxXyxy:
    """The upright box of an object's polygon, or its bndbox; some have neither."""
    polygon = element.find("polygon")
    if polygon is None:
        return read_bndbox(element)
    xs, ys = (read_numbers(polygon, [f"{axis}{corner}" for corner in CORNERS], "polygon") for axis in "xy")
    return surround(xs, ys)


DATASET = Dataset("dronevehicle", read_facts(__file__), find_layout, read)
