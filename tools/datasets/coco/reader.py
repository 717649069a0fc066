"""COCO as a dataset of the table: photographs with captions and boxes, split by split, by ascending id.

The agents read the two files they are given themselves (`load_coco`); this finds them in COCO's own folders.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tools.datasets.coco.dataset import CocoDataset
from tools.datasets.coco.load import load_coco
from tools.datasets.dataset import Dataset
from tools.datasets.facts import read_facts
from tools.datasets.files import BadRow, join_inside
from tools.datasets.reading import RawBox, Reading, Row
from tools.datasets.records import Annotated, AnnotatedImage, BoxXyxy
from tools.errors import UsageError
from tools.records import Box

CAPTIONS, INSTANCES = "captions_", "instances_"
SPLIT = re.compile(r"(train|val|test)\d*")
DECIMALS = 2
"""Of pixels, as COCO writes them; the loader keeps boxes normalised, to six decimals."""


class _Part(NamedTuple):
    """A captions file, its instances file where there is one, and the folder of their images."""

    name: str
    captions: Path
    instances: Path | None
    images: Path


def _list_parts(root: Path) -> list[_Part]:
    """Every captions file of which there are images."""
    parts = []
    for captions in sorted((root / "annotations").glob(f"{CAPTIONS}*.json")):
        name = captions.stem.removeprefix(CAPTIONS)
        instances = captions.with_name(f"{INSTANCES}{name}.json")
        images = next((place for place in (root / name, root / "images" / name) if place.is_dir()), None)
        if images is not None:
            parts.append(_Part(name, captions, instances if instances.is_file() else None, images))
    return parts


def find_layout(root: Path) -> str | None:
    """Which parts there are."""
    parts = [part.name for part in _list_parts(root)]
    return f"COCO: {', '.join(parts)}" if parts else None


def read(reading: Reading) -> Iterator[Annotated]:
    """All images, part by part.

    Raises:
        DamagedError: a file is damaged, or is of another kind.
    """
    for part in _list_parts(reading.root):
        coco = load_coco(part.captions, part.instances, photographs=part.images)
        for place in range(len(coco)):
            yield from _read_image(reading, part, coco, place)


def _read_image(reading: Reading, part: _Part, coco: CocoDataset, place: int) -> Iterator[Annotated]:
    photo, reject = coco.photo(place), coco.reject(place)
    where = f"{part.name}/{photo.image_id}"
    if reject is not None:
        yield reading.reject(BadRow(*reject), where)
        return
    try:
        path = join_inside(part.images, photo.file_name)
    except BadRow as bad:
        yield reading.reject(bad, where)
        return
    rejects = [BadRow(caption.code, caption.reason) for caption in coco.caption_rejects(place)]
    row = Row(
        path=path,
        where=where,
        group=photo.image_id,
        boxes=[_make_box(box, photo.width, photo.height) for box in photo.boxes],
        rejects=rejects,
        size=(photo.width, photo.height),
        id=photo.image_id,
        split=name_split(part.name),
        captions=photo.captions,
    )
    yield from reading.make(row)


def _make_box(box: Box, width: int, height: int) -> RawBox:
    left, top, right, bottom = box.box_xyxy_norm
    corners: BoxXyxy = (left * width, top * height, right * width, bottom * height)
    return RawBox(box.label, tuple(round(value, DECIMALS) for value in corners), not box.is_crowd)  # type: ignore[arg-type]


def name_split(part: str) -> str:
    """`train` of `train2017`; another name as it is."""
    match = SPLIT.fullmatch(part)
    return match[1] if match else part


class CocoIndex(Mapping[str, AnnotatedImage]):
    """The images by id: both files are in memory, in columns, and a record is made when it is asked for."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._parts = [
            (part, load_coco(part.captions, part.instances, photographs=part.images))
            for part in _list_parts(reading.root)
        ]

    def __getitem__(self, id: str) -> AnnotatedImage:
        for part, coco in self._parts:
            try:
                place = coco.index_of(id)
            except UsageError:
                continue
            for entry in _read_image(self._reading, part, coco, place):
                if isinstance(entry, AnnotatedImage):
                    return entry
        raise KeyError(id)

    def __iter__(self) -> Iterator[str]:
        return (image_id for _, coco in self._parts for image_id in coco.ids)

    def __len__(self) -> int:
        return sum(len(coco) for _, coco in self._parts)


DATASET = Dataset("coco", read_facts(__file__), find_layout, read, CocoIndex)
