"""FLIR ADAS: thermal frames of drives. v1 as of July 2018 (a JSON file an image) and as 1_3 (a COCO file a split); v2.

The colour images beside the thermal ones are of another camera and not registered: no photos.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.datasets.boxes import read_xywh
from tools.datasets.coco.ids import read_key
from tools.datasets.dataset import Dataset
from tools.datasets.facts import read_facts
from tools.datasets.files import BadRow, join_inside, list_images, read_json
from tools.datasets.formats.coco_json import CocoRow, read_coco
from tools.datasets.reading import RawBox, Reading, Row
from tools.datasets.records import Annotated

COCO_1_3 = ("train", "val", "video")
JULY_2018 = ("training", "validation", "video")
V2 = ("images_thermal_train", "images_thermal_val", "video_thermal_test")
SPLITS = {
    "training": "train", "validation": "val",
    "images_thermal_train": "train", "images_thermal_val": "val", "video_thermal_test": "test",
}  # fmt: skip
"""The parts of which the names differ from what a split is called elsewhere."""
# The readme of July 2018 says 18 for dogs, later files say 17.
JULY_NAMES = {1: "person", 2: "bicycle", 3: "car", 17: "dog", 18: "dog", 91: "other vehicle"}
BLOCK = 100
"""Frames of v1 have running numbers and no drive: a hundred at a time are a group, cut anywhere from the part.

Whole videos are in one part, as its readme says; where one ends, neither numbers nor pictures tell: half a second
apart two frames look as unlike as two drives.
"""
V2_VIDEO = re.compile(r"video-([A-Za-z0-9]+)")


def find_layout(root: Path) -> str | None:
    """Which release, and which of its parts."""
    parts = [name for name in V2 if (root / name / "coco.json").is_file()]
    if parts:
        return f"FLIR ADAS v2: {', '.join(parts)}"
    parts = [name for name in COCO_1_3 if (root / name / "thermal_annotations.json").is_file()]
    if parts:
        return f"FLIR ADAS 1_3: {', '.join(parts)}"
    parts = [name for name in JULY_2018 if (root / name / "Annotations").is_dir()]
    return f"FLIR ADAS of July 2018: {', '.join(parts)}" if parts else None


def read(reading: Reading) -> Iterator[Annotated]:
    """All frames, split by split."""
    for part in V2:
        if (reading.root / part / "coco.json").is_file():
            yield from _read_coco(reading, part, "coco.json", "v2")
    for part in COCO_1_3:
        if (reading.root / part / "thermal_annotations.json").is_file():
            yield from _read_coco(reading, part, "thermal_annotations.json", "v1")
    for part in JULY_2018:
        if (reading.root / part / "Annotations").is_dir():
            yield from _read_july(reading, part)


def _read_coco(reading: Reading, part: str, name: str, version: str) -> Iterator[Annotated]:
    folder = reading.root / part
    listed: set[Path] = set()
    try:
        for row in read_coco(folder / name):
            if isinstance(row, BadRow):
                yield reading.reject(row, f"{part}/{name}")
                continue
            where = f"{part}/{row.name}"
            try:
                path = join_inside(folder, row.name)
            except BadRow as error:
                yield reading.reject(error, where)
                continue
            listed.add(path)
            yield from reading.make(_make_row(path, where, row, part, version))
    except BadRow as error:
        yield reading.reject(error, f"{part}/{name}")
        return
    below = folder / ("data" if version == "v2" else "thermal_8_bit")
    for path in list_images(below).values():
        if path not in listed:
            yield reading.reject(BadRow("no_annotation", f"{name} does not list it"), f"{part}/{path.name}")


def _make_row(path: Path, where: str, row: CocoRow, part: str, version: str) -> Row:
    group, facts, split = find_group(path.stem, part), {"version": version}, SPLITS.get(part, part)
    recording = None if group.startswith("v2-") else split
    return Row(path, where, group, row.boxes, row.rejects, size=row.size, split=split, recording=recording, facts=facts)


def find_group(stem: str, part: str) -> str:
    """The drive of a frame, as far as its name tells."""
    video = V2_VIDEO.match(stem)
    if video:
        return f"v2-{video[1]}"
    numbers = re.findall(r"\d+", stem)
    kind = "video" if part == "video" else "drive"
    return f"v1-{kind}-{int(numbers[-1]) // BLOCK}" if numbers else f"v1-{stem}"


def _read_july(reading: Reading, part: str) -> Iterator[Annotated]:
    folder = reading.root / part
    images = list_images(folder / "PreviewData")
    annotations = sorted((folder / "Annotations").glob("*.json"))
    for path in annotations:
        where = f"{part}/Annotations/{path.name}"
        try:
            boxes, rejects = _read_file(path)
            image = images.get(path.stem)
            if image is None:
                raise BadRow("missing_image", f"PreviewData has no image {path.stem}")
        except BadRow as error:
            yield reading.reject(error, where)
            continue
        group, facts, split = find_group(path.stem, part), {"version": "v1"}, SPLITS.get(part, part)
        yield from reading.make(Row(image, where, group, boxes, rejects, split=split, recording=split, facts=facts))
    known = {path.stem for path in annotations}
    for stem, path in images.items():
        if stem not in known:
            yield reading.reject(BadRow("no_annotation", "Annotations has no file of it"), f"{part}/{path.name}")


def _read_file(path: Path) -> tuple[list[RawBox], list[BadRow]]:
    document: Any = read_json(path)
    rows = document.get("annotation") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise BadRow("broken_json", f"{path.name} has no list `annotation`")
    boxes, rejects = [], []
    for row in rows:
        corners = read_xywh(row.get("bbox")) if isinstance(row, dict) else None
        if corners is None:
            rejects.append(BadRow("no_box", f"an annotation of {path.name} has no bbox of four numbers"))
            continue
        category = read_key(row.get("category_id"))
        name = JULY_NAMES.get(category, f"category {category}") if isinstance(category, int) else f"category {category}"
        boxes.append(RawBox(name, corners, not row.get("iscrowd")))
    return boxes, rejects


DATASET = Dataset("flir", read_facts(__file__), find_layout, read)
