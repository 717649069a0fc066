"""HIT-UAV: thermal images from drones; upright or rotated boxes as XML, or COCO-like JSON with keys of its own."""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from tools.datasets.dataset import Dataset
from tools.datasets.facts import read_facts
from tools.datasets.files import BadRow, join_inside, list_images
from tools.datasets.formats.coco_json import read_coco
from tools.datasets.formats.voc import read_bndbox, read_numbers, read_voc
from tools.datasets.reading import RawBox, Reading, Row, Size
from tools.datasets.records import Annotated, BoxXyxy

NAME = re.compile(r"([01])_(\d+)_(\d+)_(\d)_(\d+)")
BLOCK = 500
DO_NOT_CARE = "DontCare"
SPLITS = frozenset({"train", "val", "test"})
NO_FACTS: dict[str, str | float] = {}


def find_layout(root: Path) -> str | None:
    """Which of the three forms is read."""
    if (root / "normal_xml/Annotations").is_dir():
        return "HIT-UAV: upright boxes, normal_xml"
    if _list_json(root):
        return "HIT-UAV: upright boxes, normal_json"
    return "HIT-UAV: rotated boxes, rotate_xml" if (root / "rotate_xml/Annotations").is_dir() else None


def _list_json(root: Path) -> list[Path]:
    return sorted((root / "normal_json/annotations").glob("*.json"))


def read(reading: Reading) -> Iterator[Annotated]:
    """All frames of the first form that is there."""
    root = reading.root
    if (root / "normal_xml/Annotations").is_dir():
        yield from _read_xml(reading, root / "normal_xml")
    elif _list_json(root):
        yield from _read_json(reading)
    else:
        yield from _read_xml(reading, root / "rotate_xml")


def _read_xml(reading: Reading, folder: Path) -> Iterator[Annotated]:
    images = list_images(folder / "JPEGImages") or list_images(reading.root / "normal_xml/JPEGImages")
    annotations = sorted((folder / "Annotations").glob("*.xml"))
    for path in annotations:
        where = f"{folder.name}/{path.name}"
        try:
            voc = read_voc(path, read_any_box)
            if path.stem not in images:
                raise BadRow("missing_image", f"JPEGImages has no image {path.stem}")
        except BadRow as error:
            yield reading.reject(error, where)
            continue
        yield from _make(reading, images[path.stem], where, voc.boxes, voc.rejects, voc.size)
    known = {path.stem for path in annotations}
    for stem, path in images.items():
        if stem not in known:
            yield reading.reject(BadRow("no_annotation", "Annotations has no file of it"), f"{folder.name}/{path.name}")


def _read_json(reading: Reading) -> Iterator[Annotated]:
    folder = reading.root / "normal_json"
    for path in _list_json(reading.root):
        split = path.stem if path.stem in SPLITS else None
        pictures = next(
            (place for place in (folder / path.stem, folder / "images", folder) if list_images(place)), folder
        )
        try:
            for row in read_coco(path, "filename", "annotation"):
                if isinstance(row, BadRow):
                    yield reading.reject(row, f"annotations/{path.name}")
                    continue
                try:
                    image = join_inside(pictures, row.name)
                except BadRow as error:
                    yield reading.reject(error, f"annotations/{path.name}")
                    continue
                where = f"{path.stem}/{row.name}"
                yield from _make(reading, image, where, row.boxes, row.rejects, row.size, split)
        except BadRow as error:
            yield reading.reject(error, f"annotations/{path.name}")


def _make(
    reading: Reading,
    path: Path,
    where: str,
    boxes: list[RawBox],
    rejects: list[BadRow],
    size: Size | None,
    split: str | None = None,
) -> Iterator[Annotated]:
    known = [box for box in boxes if box.name != DO_NOT_CARE]
    doubtful = [
        RawBox(name, box.box_xyxy, False) for box in boxes if box.name == DO_NOT_CARE for name in reading.facts.names
    ]
    group, facts = read_name(path.stem)
    yield from reading.make(Row(path, where, group, [*known, *doubtful], rejects, size=size, split=split, facts=facts))


def read_name(stem: str) -> tuple[str, dict[str, str | float]]:
    """Flight block and facts of `T_HHH_AA_W_NNNNN`: day or night, height, angle of the camera, weather, frame."""
    match = NAME.fullmatch(stem)
    if match is None:
        return stem, dict(NO_FACTS)
    time, height, angle, weather, frame = match.groups()
    facts: dict[str, str | float] = {
        "time": "night" if time == "1" else "day", "height_m": float(height), "angle_degrees": float(angle),
    }  # fmt: skip
    return f"{time}_{height}_{angle}_{weather}-{int(frame) // BLOCK}", facts


def read_any_box(element: Element) -> BoxXyxy:
    """`bndbox`, or the upright box around a rotated one."""
    rotated = element.find("robndbox")
    if rotated is None:
        return read_bndbox(element)
    x, y, width, height, angle = read_numbers(rotated, ("cx", "cy", "w", "h", "angle"), "robndbox")
    cosine, sine = abs(math.cos(angle)), abs(math.sin(angle))
    half_width, half_height = (width * cosine + height * sine) / 2, (width * sine + height * cosine) / 2
    return x - half_width, y - half_height, x + half_width, y + half_height


DATASET = Dataset("hituav", read_facts(__file__), find_layout, read)
