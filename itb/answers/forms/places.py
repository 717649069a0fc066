"""Points and boxes: numbers in brackets of any kind; every one that is said counts, and one too many costs."""

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from itb.answers.reader import ReplyReader
from itb.answers.reading import NO_ANSWER, Reading
from itb.records import Item

if TYPE_CHECKING:
    from itb.benchmark.ask import Question

Place = tuple[float, ...]

_DIGITS: Final = r"[-+]?\d{1,6}(?:\.\d{1,6})?"
REACH: Final = 5.0
"""Parts of 1000 within which a point is met."""
LEAST_IOU: Final = 0.5
MOST: Final = 500
"""Places that are read of a reply."""


def find_places(text: str, size: int) -> list[Place]:
    """Every group of `size` numbers with commas or blanks between them; all numbers in turn where no brackets stand."""
    inside = rf"\s*(?:[a-z]\d?\s*[=:]\s*)?({_DIGITS})\s*"
    pattern = re.compile(rf"[(\[{{]{inside}" + rf"[,\s]{inside}" * (size - 1) + r"[)\]}]", re.IGNORECASE)
    found = [tuple(map(float, match.groups())) for match in pattern.finditer(text)]
    if not found:
        numbers = [float(number) for number in re.findall(rf"(?<![\w.]){_DIGITS}(?![\w.]*\w)", text)]
        if numbers and len(numbers) % size == 0:
            found = [tuple(numbers[place : place + size]) for place in range(0, len(numbers), size)]
    return found[:MOST]


def pair_nearest(costs: Sequence[tuple[float, int, int]]) -> list[float]:
    """Costs of the pairs when the cheapest pair is made first, each of both sides once."""
    mine: set[int] = set()
    theirs: set[int] = set()
    paid = []
    for cost, one, other in sorted(costs):
        if one not in mine and other not in theirs:
            mine.add(one)
            theirs.add(other)
            paid.append(cost)
    return paid


class Met(NamedTuple):
    """How said places meet the right ones.

    Attributes:
        costs: of each pair that was made: distances of points, 1 - IoU of boxes.
        said, right: how many there are of each.
    """

    costs: tuple[float, ...]
    said: int
    right: int

    @property
    def f1(self) -> float:
        """1 where every place is met and no other was said; also where there are none at all."""
        return 2 * len(self.costs) / (self.said + self.right) if self.said + self.right else 1.0


def meet_points(said: Sequence[Place], right: Sequence[Place]) -> Met:
    """Points within `REACH` of each other."""
    costs = [(math.dist(one, other), i, j) for i, one in enumerate(said) for j, other in enumerate(right)]
    return Met(tuple(pair_nearest([cost for cost in costs if cost[0] <= REACH])), len(said), len(right))


def meet_boxes(said: Sequence[Place], right: Sequence[Place]) -> Met:
    """Boxes that overlap by `LEAST_IOU`."""
    costs = [(1 - find_iou(one, other), i, j) for i, one in enumerate(said) for j, other in enumerate(right)]
    return Met(tuple(pair_nearest([cost for cost in costs if cost[0] <= 1 - LEAST_IOU])), len(said), len(right))


def find_iou(box: Place, other: Place) -> float:
    """Overlap of two boxes by their union; of an empty or a turned box 0."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    inside = max(0.0, width) * max(0.0, height)
    areas = [max(0.0, one[2] - one[0]) * max(0.0, one[3] - one[1]) for one in (box, other)]
    return inside / (sum(areas) - inside) if inside else 0.0


def write_places(places: Sequence[Place]) -> str:
    """As a list of lists."""
    return "[" + ", ".join("[" + ", ".join(f"{number:g}" for number in place) + "]" for place in places) + "]"


class _Places(ReplyReader):
    """Places of so many numbers; right when all are met and no other is said."""

    is_exact = False
    _size: int

    def read_strictly(self, text: str, question: "Question") -> Reading:
        """Numbers, brackets and commas alone."""
        return self.read(text, question) if not re.search(r"[^\W\d_]", text) else NO_ANSWER

    def read(self, text: str, question: "Question") -> Reading:
        """Every place that is said; an empty list is an answer."""
        found = find_places(text, self._size)
        return Reading(write_places(found)) if found or re.search(r"\[\s*\]|\(\s*\)", text) else NO_ANSWER

    def find_trouble(self, item: Item) -> str:
        """An answer without places."""
        is_good = item.answer == "[]" or bool(find_places(item.answer, self._size))
        return "" if is_good else f"the answer {item.answer!r} has no place of {self._size} numbers"

    def is_right(self, item: Item, answer: str) -> bool:
        """As many, each met."""
        return self.meet(answer, item.answer).f1 == 1

    def meet(self, answer: str, right: str) -> Met:
        """How one answer meets another."""
        raise NotImplementedError


class Points(_Places):
    """Points, x and y in parts of 1000."""

    _size = 2

    def meet(self, answer: str, right: str) -> Met:
        """By distance."""
        return meet_points(find_places(answer, 2), find_places(right, 2))


class Boxes(_Places):
    """Boxes, left, top, right and bottom, in pixels of the image as the question shows it."""

    _size = 4

    def meet(self, answer: str, right: str) -> Met:
        """By overlap."""
        return meet_boxes(find_places(answer, 4), find_places(right, 4))


POINTS = Points()
BOXES = Boxes()
