"""Boxes as people can use them: grouped by label and counted, the largest first, what cannot be counted marked so.

noted = group_boxes(photo.boxes)
noted.groups[0]     # label "chair", 4 boxes, 5 more that are tiny or overlap: its number is uncertain
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from agents.checks.places.geometry import find_area
from agents.english.categories import is_bunched
from tools.records import Box, BoxXyxyNorm, Record

MOST_GROUPS: Final = 12
"""Labels that are told with places; the rest stand in one line."""
MOST_PLACES: Final = 6
"""Boxes of one label that are told with their place."""
TINY: Final = 0.01
"""A box of which a side is shorter than this share of the image's is uncertain."""
COVERED: Final = 0.75
"""A box of which another of its label covers more than this share is uncertain: both may be drawn around one thing."""


class BoxGroup(Record):
    """All boxes of a label.

    Attributes:
        count: those that can be counted.
        uncertain: those that are tiny, or lie for the most part in another one of their label.
        is_exact: `count` is the number of things. It is not where boxes are uncertain, where there is a crowd, and for
            what annotators box by the bunch.
        boxes: the largest of those that can be counted; where there are none, the largest uncertain one.
        unplaced: how many of `count` are not in `boxes`.
        crowds: regions with an unknown number of them.
    """

    label: str
    count: int
    uncertain: int
    is_exact: bool
    boxes: tuple[BoxXyxyNorm, ...]
    unplaced: int = 0
    crowds: tuple[BoxXyxyNorm, ...] = ()


class NotedBoxes(NamedTuple):
    """The groups with the largest area first, and behind them the labels that found no place."""

    groups: tuple[BoxGroup, ...]
    others: tuple[BoxGroup, ...]

    def list_all(self) -> tuple[BoxGroup, ...]:
        """Every group."""
        return (*self.groups, *self.others)


def group_boxes(boxes: Sequence[Box]) -> NotedBoxes:
    """Group the dataset's boxes; those that a model proposed say nothing of numbers and are left out."""
    by_label: dict[str, list[Box]] = {}
    for box in boxes:
        if box.source == "dataset":
            by_label.setdefault(box.label, []).append(box)
    sizes = {label: round(sum(find_area(box.box_xyxy_norm) for box in own), 6) for label, own in by_label.items()}
    found = tuple(
        _group(label, by_label[label]) for label in sorted(by_label, key=lambda label: (-sizes[label], label))
    )
    return NotedBoxes(found[:MOST_GROUPS], found[MOST_GROUPS:])


def _group(label: str, boxes: Sequence[Box]) -> BoxGroup:
    crowds = tuple(box.box_xyxy_norm for box in boxes if box.is_crowd)
    single = sorted((box.box_xyxy_norm for box in boxes if not box.is_crowd), key=_order)
    sure: list[BoxXyxyNorm] = []
    for box in single:
        if not _is_tiny(box) and not any(_covers(larger, box) for larger in sure):
            sure.append(box)
    uncertain = len(single) - len(sure)
    return BoxGroup(
        label=label,
        count=len(sure),
        uncertain=uncertain,
        is_exact=not (uncertain or crowds or is_bunched(label)),
        boxes=tuple(sure[:MOST_PLACES] or single[:1]),
        unplaced=max(0, len(sure) - MOST_PLACES),
        crowds=crowds[:MOST_PLACES],
    )


def _order(box: BoxXyxyNorm) -> tuple[float, BoxXyxyNorm]:
    """The largest first; equal ones, whatever the last digits of their areas, from left to right."""
    return -round(find_area(box), 6), box


def _is_tiny(box: BoxXyxyNorm) -> bool:
    return min(box[2] - box[0], box[3] - box[1]) < TINY


def _covers(larger: BoxXyxyNorm, box: BoxXyxyNorm) -> bool:
    width = min(larger[2], box[2]) - max(larger[0], box[0])
    height = min(larger[3], box[3]) - max(larger[1], box[1])
    return width > 0 and height > 0 and width * height > COVERED * find_area(box)
