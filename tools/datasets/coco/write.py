"""Images with captions and boxes as COCO's two files, which say of each image what its record says.

    with fill_folder(out, IMPORTED) as staged:
        written = write_coco(staged, photos)     # photos: makes the (file, Photo) pairs, as often as it is called

An id is what it was, so that a run on photographs calls them as before: a whole number where it is one, else a text.
Corners have the fewest digits that give the record's shares back.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from tools.files import Claim, replace_file
from tools.ids import read_number
from tools.records import Box, Photo

Named = tuple[str, Photo]
"""A file's path below the folder of the images, and its record."""
CAPTIONS: Final = "captions.json"
INSTANCES: Final = "instances.json"
IMPORTED: Final = Claim("import", "python -m agents import")
MOST_DECIMALS: Final = 6
"""Of pixels; a record's shares have six."""


class Written(NamedTuple):
    """What was written: images in each file, captions, boxes, and the files."""

    images: int
    captions: int
    boxes: int
    files: tuple[str, ...]


def write_coco(folder: Path, photos: Callable[[], Iterable[Named]]) -> Written:
    """Write `captions.json`, `instances.json`, or both: the file of which there is nothing to say is left out."""
    images = captions = boxes = 0
    labels: set[str] = set()
    for _, photo in photos():
        images, captions, boxes = images + 1, captions + len(photo.captions), boxes + len(photo.boxes)
        labels.update(box.label for box in photo.boxes)
    numbers = {label: number for number, label in enumerate(sorted(labels), 1)}
    files = []
    if captions:
        _write(folder / CAPTIONS, {"images": map(_make_image, photos()), "annotations": _list_captions(photos())})
        files.append(CAPTIONS)
    if boxes:
        categories = ({"id": number, "name": label} for label, number in numbers.items())
        rows = {"annotations": _list_boxes(photos(), numbers), "categories": categories}
        _write(folder / INSTANCES, {"images": map(_make_image, photos()), **rows})
        files.append(INSTANCES)
    return Written(images, captions, boxes, tuple(files))


def _write(path: Path, lists: dict[str, Iterator[dict[str, Any]]]) -> None:
    """A JSON object of lists, one row a line, written as it streams."""
    encode = msgspec.json.Encoder().encode
    with replace_file(path) as file:
        for place, (name, rows) in enumerate(lists.items()):
            file.write((b",\n" if place else b"{") + encode(name) + b": [")
            for number, row in enumerate(rows):
                file.write((b",\n" if number else b"\n") + encode(row))
            file.write(b"\n]")
        file.write(b"}\n")


def _make_image(named: Named) -> dict[str, Any]:
    file, photo = named
    size = {"width": photo.width, "height": photo.height} if photo.width and photo.height else {}
    return {"id": _write_id(photo.image_id), "file_name": file, **size}


def _write_id(image_id: str) -> int | str:
    number = read_number(image_id)
    return image_id if number is None else number


def _list_captions(photos: Iterable[Named]) -> Iterator[dict[str, Any]]:
    number = 0
    for _, photo in photos:
        for caption in photo.captions:
            number += 1
            yield {"id": number, "image_id": _write_id(photo.image_id), "caption": caption}


def _list_boxes(photos: Iterable[Named], numbers: dict[str, int]) -> Iterator[dict[str, Any]]:
    number = 0
    for _, photo in photos:
        for box in photo.boxes:
            number += 1
            sides = write_xywh(box, photo.width, photo.height)
            yield {
                "id": number,
                "image_id": _write_id(photo.image_id),
                "category_id": numbers[box.label],
                "bbox": sides,
                "area": round(sides[2] * sides[3], 2),
                "iscrowd": int(box.is_crowd),
            }


def write_xywh(box: Box, width: int, height: int) -> list[float]:
    """A box as left, top, width and height in pixels."""
    left, top, right, bottom = (
        _write_pixel(share, side) for share, side in zip(box.box_xyxy_norm, (width, height) * 2, strict=True)
    )
    return [left, top, round(right - left, MOST_DECIMALS), round(bottom - top, MOST_DECIMALS)]


def _write_pixel(share: float, side: int) -> float:
    """The pixel of a share of a side, with the fewest digits of which the share can be told."""
    for decimals in range(MOST_DECIMALS):
        pixel = round(share * side, decimals)
        if round(pixel / side, MOST_DECIMALS) == share:
            return pixel
    return round(share * side, MOST_DECIMALS)
