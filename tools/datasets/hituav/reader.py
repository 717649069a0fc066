"""HIT-UAV: thermal images from drones; upright or rotated boxes as XML, or COCO-like JSON with keys of its own."""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
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
GAP = 100
"""Frames of one time of day less than so many numbers apart are of one flight. In the whole set flights are at least
132 numbers apart, frames within them 30 at most: parts of the set are grouped alike."""
DO_NOT_CARE = "DontCare"
SPLITS = frozenset({"train", "val", "test"})
TIMES = {"0": "day", "1": "night"}
Flights = Mapping[str, str]


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
    root, flights = reading.root, find_flights(_list_stems(reading.root))
    if (root / "normal_xml/Annotations").is_dir():
        yield from _read_xml(reading, root / "normal_xml", flights)
    elif _list_json(root):
        yield from _read_json(reading, flights)
    else:
        yield from _read_xml(reading, root / "rotate_xml", flights)


def _list_stems(root: Path) -> list[str]:
    """Names of all frames that are annotated."""
    for folder in ("normal_xml", "rotate_xml"):
        if folder == "rotate_xml" and _list_json(root):
            return [Path(name).stem for path in _list_json(root) for name in _list_names(path)]
        found = [path.stem for path in (root / folder / "Annotations").glob("*.xml")]
        if found:
            return found
    return []


def _list_names(path: Path) -> list[str]:
    try:
        return [row.name for row in read_coco(path, "filename", "annotation") if not isinstance(row, BadRow)]
    except BadRow:  # it is a reject where the file is read
        return []


def find_flights(stems: Iterable[str]) -> dict[str, str]:
    """Frame -> its flight: day or night, and the first number of the flight. Other names are left out."""
    numbers: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for stem in stems:
        match = NAME.fullmatch(stem)
        if match:
            numbers[TIMES[match[1]]][stem] = int(match[5])
    flights = {}
    for time, frames in numbers.items():
        first = last = -GAP
        for stem, number in sorted(frames.items(), key=lambda row: (row[1], row[0])):
            first = number if number - last >= GAP else first
            last = number
            flights[stem] = f"{time}-{first:05d}"
    return flights


def _read_xml(reading: Reading, folder: Path, flights: Flights) -> Iterator[Annotated]:
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
        yield from _make(reading, images[path.stem], where, flights, voc.boxes, voc.rejects, voc.size)
    known = {path.stem for path in annotations}
    for stem, path in images.items():
        if stem not in known:
            yield reading.reject(BadRow("no_annotation", "Annotations has no file of it"), f"{folder.name}/{path.name}")


def _read_json(reading: Reading, flights: Flights) -> Iterator[Annotated]:
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
                yield from _make(reading, image, where, flights, row.boxes, row.rejects, row.size, split)
        except BadRow as error:
            yield reading.reject(error, f"annotations/{path.name}")


def _make(
    reading: Reading,
    path: Path,
    where: str,
    flights: Flights,
    boxes: list[RawBox],
    rejects: list[BadRow],
    size: Size | None,
    split: str | None = None,
) -> Iterator[Annotated]:
    known = [box for box in boxes if box.name != DO_NOT_CARE]
    doubtful = [
        RawBox(name, box.box_xyxy, False) for box in boxes if box.name == DO_NOT_CARE for name in reading.facts.names
    ]
    group = flights.get(path.stem, path.stem)
    yield from reading.make(
        Row(path, where, group, [*known, *doubtful], rejects, size=size, split=split, facts=read_name(path.stem))
    )


def read_name(stem: str) -> dict[str, str | float]:
    """Facts of `T_HHH_AA_W_NNNNN`: day or night, height, angle of the camera, weather, frame."""
    match = NAME.fullmatch(stem)
    if match is None:
        return {}
    time, height, angle, _, _ = match.groups()
    return {"time": TIMES[time], "height_m": float(height), "angle_degrees": float(angle)}


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
