"""Answerability: after a model's resize, crop or pad, is what the answer rests on still in view and large enough?"""

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from PIL import Image

from itb.records import Item
from tools.images import BoxMap, Framed, centre_crop, clip_box, letterbox, resize
from tools.records import BoxXyxyNorm

FRAMINGS: Mapping[str, Callable[[Image.Image, tuple[int, int]], Framed]] = {
    "letterbox": letterbox,
    "centre crop": centre_crop,
    "squash": resize,
}
"""LLaVA pads (letterbox), CLIP and LanguageBind crop the centre, others stretch."""
SIZES = (224, 336)
LEAST_VISIBLE = 0.5
"""Part of each box that must be in view."""
LEAST_PIXELS = 6.0
"""Geometric mean of a box's sides after framing: about half a patch of 14 pixels."""


class Answerability(NamedTuple):
    """How many items with evidence survive a framing.

    Attributes:
        items: with evidence boxes.
        in_view: of which every box is in view.
        large: of which every box is in view and large enough.
    """

    items: int
    in_view: int
    large: int


@functools.lru_cache(maxsize=4096)
def find_map(framing: str, size: int, width: int, height: int) -> BoxMap:
    """How boxes of a frame of width x height pixels get into the square of `size`."""
    return FRAMINGS[framing](Image.new("1", (width, height)), (size, size)).boxes


def is_in_view(box: BoxXyxyNorm, boxes: BoxMap) -> bool:
    """Whether enough of a box of the frame is in view."""
    moved = boxes.forward(box)
    seen = clip_box(moved)
    return seen is not None and _area(seen) >= LEAST_VISIBLE * _area(moved)


def is_large(box: BoxXyxyNorm, boxes: BoxMap, size: int) -> bool:
    """Whether what is in view of a box is large enough after framing to `size`."""
    seen = clip_box(boxes.forward(box))
    return seen is not None and _area(seen) ** 0.5 * size >= LEAST_PIXELS


def _area(box: BoxXyxyNorm) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def check_framings(items: Iterable[Item]) -> dict[str, dict[str, Answerability]]:
    """Task -> framing such as `centre crop 224` -> what survives. Items without evidence need the whole image."""
    tallies: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
    for item in items:
        if not item.evidence:
            continue
        for framing in FRAMINGS:
            for size in SIZES:
                boxes = find_map(framing, size, item.width, item.height)
                in_view = all(is_in_view(entry.box_xyxy_norm, boxes) for entry in item.evidence)
                large = in_view and all(is_large(entry.box_xyxy_norm, boxes, size) for entry in item.evidence)
                tally = tallies[item.task][f"{framing} {size}"]
                tally[0] += 1
                tally[1] += in_view
                tally[2] += large
    return {task: {name: Answerability(*tally) for name, tally in rows.items()} for task, rows in tallies.items()}
