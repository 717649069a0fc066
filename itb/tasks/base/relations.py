"""Where one object of an image is in relation to another, as far as it is beyond doubt."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from tools.datasets import AnnotatedBox, AnnotatedImage
from tools.datasets.records import BoxXyxy

Axis = Literal["horizontal", "vertical"]
AXES: tuple[Axis, ...] = ("horizontal", "vertical")
WORDS: dict[Axis, tuple[str, str]] = {"horizontal": ("left", "right"), "vertical": ("above", "below")}
"""The relation of what has the smaller coordinate, and of what has the larger one."""

GAP = 0.02
"""Clear space between two boxes along the axis, as a part of the frame's extent."""
LEAST_SIDE_PIXELS = 10.0
LEAST_AREA = 0.0012
"""Of a box that a statement names: its shorter side, and its area as a part of the frame (393 pixels of 640 x 512)."""
LARGER = 1.5
"""How many times the area of every other one the "largest" must have."""


class Named(NamedTuple):
    """An object that words single out: `only`, `largest`, `leftmost` or `rightmost` of its name."""

    how: str
    box: AnnotatedBox

    @property
    def id(self) -> str:
        """E.g. `largest car`."""
        return f"{self.how} {self.box.name}"


class Side(NamedTuple):
    """Two objects and which has the smaller coordinate along an axis; the name of `first` sorts before the other."""

    first: Named
    second: Named
    axis: Axis
    is_first_smaller: bool


def list_pairs(frame: AnnotatedImage, vague: frozenset[str]) -> list[tuple[Named, Named]]:
    """Objects of different names that can both be named without doubt; the first has the name that sorts before."""
    named = list(name_things(frame, vague))
    return [pair for pair in itertools.combinations(named, 2) if pair[0].box.name != pair[1].box.name]


def find_sides(pairs: Iterable[tuple[Named, Named]], frame: AnnotatedImage) -> Iterator[Side]:
    """The relations of pairs that leave no doubt: the boxes are clearly apart."""
    for one, other in pairs:
        for axis in AXES:
            order = compare(one.box.box_xyxy, other.box.box_xyxy, axis, frame)
            if order:
                yield Side(one, other, axis, order < 0)


def compare(first: BoxXyxy, second: BoxXyxy, axis: Axis, frame: AnnotatedImage) -> int:
    """-1 when `first` lies clearly before `second` along the axis, 1 when behind, 0 when there is any doubt."""
    low, high, extent = (0, 2, frame.width) if axis == "horizontal" else (1, 3, frame.height)
    gap = GAP * extent
    if first[high] + gap <= second[low]:
        return -1
    return 1 if second[high] + gap <= first[low] else 0


def name_things(frame: AnnotatedImage, vague: frozenset[str] = frozenset()) -> Iterator[Named]:
    """Objects that can be named without doubt, by name; one with an uncertain instance is left out."""
    uncertain = {box.name for box in frame.boxes if not box.is_certain}
    by_name: defaultdict[str, list[AnnotatedBox]] = defaultdict(list)
    for box in frame.boxes:
        by_name[box.name].append(box)
    for name in sorted(set(by_name) - uncertain - vague):
        for named in _single_out(by_name[name], frame):
            if _is_large(named.box.box_xyxy, frame):
                yield named


def _single_out(boxes: Sequence[AnnotatedBox], frame: AnnotatedImage) -> Iterator[Named]:
    if len(boxes) == 1:
        yield Named("only", boxes[0])
        return
    areas = [area(box.box_xyxy) for box in boxes]
    second, largest = sorted(areas)[-2:]
    if largest >= LARGER * second:
        yield Named("largest", boxes[areas.index(largest)])
    gap = GAP * frame.width
    first_left, *others = sorted(boxes, key=lambda box: box.box_xyxy[0])
    if first_left.box_xyxy[2] + gap <= others[0].box_xyxy[0]:
        yield Named("leftmost", first_left)
    last_left, before = others[-1], [first_left, *others[:-1]]
    if max([box.box_xyxy[2] for box in before]) + gap <= last_left.box_xyxy[0]:
        yield Named("rightmost", last_left)


def area(box: BoxXyxy) -> float:
    """Square pixels."""
    return (box[2] - box[0]) * (box[3] - box[1])


def _is_large(box: BoxXyxy, frame: AnnotatedImage) -> bool:
    side = min(box[2] - box[0], box[3] - box[1])
    return side >= LEAST_SIDE_PIXELS and area(box) >= LEAST_AREA * frame.width * frame.height


PLACES = (
    "upper left", "upper centre", "upper right", "left", "centre", "right", "lower left", "lower centre", "lower right",
)  # fmt: skip
"""The cells of a 3 x 3 grid."""


def find_place(box: BoxXyxy, frame: AnnotatedImage) -> str:
    """Which cell of a 3 x 3 grid holds the box's middle, e.g. `upper left`, `centre`."""
    column = _third((box[0] + box[2]) / 2 / frame.width)
    row = _third((box[1] + box[3]) / 2 / frame.height)
    return name_cell(row, column)


def name_cell(row: int, column: int) -> str:
    """The name of a cell of the grid; rows count from the top, columns from the left."""
    if row == 1:
        return ("left", "centre", "right")[column]
    return ("upper", "", "lower")[row] + " " + ("left", "centre", "right")[column]


def _third(share: float) -> int:
    return min(2, max(0, int(share * 3)))
