"""What stands in the annotation files of rendered scenes: rows in COCO's form, made from the scenes' own records."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

CATEGORIES = {
    "person": 1, "bicycle": 2, "car": 3, "motorcycle": 4, "bus": 6, "dog": 18, "cow": 21, "building": 1101,
    "tree": 1102,
}  # fmt: skip
FLIR_CATEGORIES = {"person": 1, "bicycle": 2, "car": 3, "dog": 17}
Row = dict[str, Any]
HEADER: Row = {"info": {"description": "rendered scenes, segmentation is the box"}, "licenses": []}


class Thing(NamedTuple):
    """A thing of a scene's record, and the id of the image that shows it."""

    image_id: int
    thing: Row


def list_things(scenes: Sequence[Row]) -> list[Thing]:
    """The things of all scenes."""
    return [Thing(scene["image_id"], thing) for scene in scenes for thing in scene["objects"]]


def make_instances(images: Sequence[Row], things: Sequence[Thing], categories: dict[str, int]) -> Row:
    """A whole file of boxes; annotation ids start at 1."""
    boxes = [_annotate(number, thing, categories) for number, thing in enumerate(things, 1)]
    named = [{"id": number, "name": name} for name, number in categories.items()]
    return HEADER | {"images": images, "annotations": boxes, "categories": named}


def make_captions(images: Sequence[Row], scenes: Sequence[Row]) -> Row:
    """A whole file of captions."""
    texts = [(scene["image_id"], text) for scene in scenes for text in scene["captions"]]
    rows = [{"id": number, "image_id": image, "caption": text} for number, (image, text) in enumerate(texts, 1)]
    return HEADER | {"images": images, "annotations": rows}


def list_temperatures(things: Sequence[Thing], boxes: Sequence[Row]) -> Iterator[Row]:
    """The temperature of each thing beside its box."""
    for box, (_, thing) in zip(boxes, things, strict=True):
        yield {
            "image_id": box["image_id"], "annotation_id": box["id"], "label": thing["label"],
            "temperature_celsius": thing["celsius"], "bbox": box["bbox"],
        }  # fmt: skip


def _annotate(number: int, thing: Thing, categories: dict[str, int]) -> Row:
    left, top, right, bottom = thing.thing["box"]
    wide, high = right - left, bottom - top
    corners = [left, top, left, bottom, right, bottom, right, top]
    return {
        "id": number, "image_id": thing.image_id, "category_id": categories[thing.thing["label"]],
        "bbox": [left, top, wide, high], "area": wide * high, "iscrowd": 0, "segmentation": [corners],
    }  # fmt: skip
