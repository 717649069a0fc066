"""What the boxes say that can be put into words: groups of a kind, where they are, and how they lie to each other."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from agents.checks.places.geometry import find_area, find_centre
from agents.english.categories import is_bunched, is_usable_label, name_label
from agents.english.numbers import NUMBERS
from tools.inflection import choose_article
from tools.prompts.lexicon import Lexicon
from tools.records import Box, BoxXyxyNorm

NUMBER_NAMES = {value: word for word, value in NUMBERS.items()}
# A thing is said to be left (or at the top) when its centre lies before the first bound, right (below) after the other.
SIDES = (0.4, 0.6)
HEIGHTS = (0.33, 0.67)
# Of several things of a kind, those between these bounds are "in the middle".
SPREAD = (0.4, 0.6)
# Share of the image from which a thing "fills most" of it or takes up "a large part".
MOST = 0.55
LARGE = 0.25
# A thing smaller than this share of the image is counted, but its place is not described.
SMALLEST_DESCRIBED = 0.002
# How far apart two centres must be for a statement about their order, and how much larger a larger thing must be.
ORDER_GAP = 0.12
SIZE_RATIO = 2.0
NEAR_GAP = 0.03
LABELS_AT_MOST = 30


@dataclass(frozen=True)
class Group:
    """All objects of a kind.

    Attributes:
        label: as the dataset has it.
        noun, plural: as they are written.
        boxes: from left to right, crowd regions left out.
        has_crowd: there are more than can be counted.
        is_bunched: a box may hold a whole bunch.
    """

    label: str
    noun: str
    plural: str
    boxes: tuple[BoxXyxyNorm, ...]
    has_crowd: bool
    is_bunched: bool = False

    @property
    def count(self) -> int:
        """Number of boxes."""
        return len(self.boxes)

    @property
    def is_single(self) -> bool:
        """Whether there is exactly one, which "the dog" can then mean."""
        return self.count == 1 and not self.has_crowd and not self.is_bunched

    @property
    def area(self) -> float:
        """Sum of the areas as a share of the image."""
        return sum(find_area(box) for box in self.boxes)

    @property
    def definite(self) -> str:
        """`the dog` or `the dogs`."""
        return f"the {self.noun if self.is_single else self.plural}"

    def name_amount(self) -> str:
        """`a dog`, `two dogs`, `at least 14 people`."""
        if self.is_bunched:
            return f"some {self.plural}"
        if not self.boxes:
            return f"a group of {self.plural}"
        if self.has_crowd:
            return f"at least {name_number(self.count)} {self.plural if self.count > 1 else self.noun}"
        if self.count == 1:
            return f"{choose_article(self.noun)} {self.noun}"
        return f"{name_number(self.count)} {self.plural}"

    def name_all(self) -> str:
        """`Both dogs` or `All four dogs`."""
        return f"Both {self.plural}" if self.count == 2 else f"All {name_number(self.count)} {self.plural}"

    def inflect(self) -> dict[str, str]:
        """The slots of a sentence about the group."""
        single = self.is_single
        return {
            "noun": self.noun,
            "plural": self.plural,
            "number": name_number(self.count),
            "the": self.definite,
            "The": capitalise(self.definite),
            "is": "is" if single else "are",
            "has": "has" if single else "have",
            "it": "it" if single else "they",
            "them": "it" if single else "them",
            "its": "its" if single and self.label != "person" else "their",
            "s": "s" if single else "",
        }


class Relation(NamedTuple):
    """`first` lies to a side of `second`: left_of, right_of, above or below."""

    first: Group
    name: str
    second: Group


def group_boxes(boxes: Iterable[Box], lexicon: Lexicon, categories: Collection[str]) -> list[Group]:
    """Group boxes by label, the group with the largest area first; labels that cannot be said are left out.

    "Other vehicles" come last: what they are other than has then been named.
    """
    by_label: dict[str, list[Box]] = {}
    for box in boxes:
        by_label.setdefault(box.label, []).append(box)
    groups = [_make_group(label, own) for label, own in by_label.items() if is_usable_label(label)]
    groups.sort(key=lambda group: (group.label.startswith("other "), -group.area, group.label))
    said = groups[:LABELS_AT_MOST]
    return [group for group in said if not lexicon.find(f"{choose_article(group.noun)} {group.noun}.", categories)]


def name_place(box: BoxXyxyNorm) -> str | None:
    """The part of the image around a box's centre, None when it lies on a border between two parts."""
    x, y = find_centre(box)
    side = "left" if x < SIDES[0] else "right" if x > SIDES[1] else "centre"
    height = "upper" if y < HEIGHTS[0] else "lower" if y > HEIGHTS[1] else ""
    is_on_border = any(abs(x - bound) < 0.02 for bound in SIDES) or any(abs(y - bound) < 0.02 for bound in HEIGHTS)
    return None if is_on_border or find_area(box) < SMALLEST_DESCRIBED else f"{height} {side}".strip()


def split_by_side(boxes: Sequence[BoxXyxyNorm]) -> dict[str, int]:
    """How many boxes are left, in the middle and right, without empty parts."""
    centres = [find_centre(box)[0] for box in boxes]
    parts = {
        "left": sum(x < SPREAD[0] for x in centres),
        "centre": sum(SPREAD[0] <= x <= SPREAD[1] for x in centres),
        "right": sum(x > SPREAD[1] for x in centres),
    }
    return {name: count for name, count in parts.items() if count}


def find_relations(groups: Sequence[Group]) -> list[Relation]:
    """How single things lie to each other, where the image leaves no doubt."""
    singles = [group for group in groups if group.is_single and group.area >= SMALLEST_DESCRIBED]
    found = []
    for first, second in combinations(singles, 2):
        name = _relate(first.boxes[0], second.boxes[0])
        if name is not None:
            found.append(Relation(first, name, second))
    return found


def find_near_pairs(groups: Sequence[Group]) -> list[tuple[Group, Group]]:
    """Pairs of single things of which neither covers the other and that have hardly a gap between them."""
    singles = [group for group in groups if group.is_single and group.area >= SMALLEST_DESCRIBED]
    return [pair for pair in combinations(singles, 2) if _is_near(pair[0].boxes[0], pair[1].boxes[0])]


def find_size_pairs(groups: Sequence[Group]) -> list[tuple[Group, Group]]:
    """Pairs of single things, the first of which is clearly larger in the image."""
    singles = [group for group in groups if group.is_single and group.area >= SMALLEST_DESCRIBED]
    return [pair for pair in combinations(singles, 2) if pair[0].area >= SIZE_RATIO * pair[1].area]


def name_number(number: int) -> str:
    """A number up to twenty as a word, above in digits."""
    return NUMBER_NAMES.get(number, str(number))


def join_list(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def capitalise(text: str) -> str:
    """The text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def _make_group(label: str, boxes: Sequence[Box]) -> Group:
    noun, plural = name_label(label)
    counted = sorted(box.box_xyxy_norm for box in boxes if not box.is_crowd)
    return Group(label, noun, plural, tuple(counted), any(box.is_crowd for box in boxes), is_bunched(label))


def _relate(first: BoxXyxyNorm, second: BoxXyxyNorm) -> str | None:
    (x, y), (other_x, other_y) = find_centre(first), find_centre(second)
    if abs(x - other_x) >= ORDER_GAP and _overlap(first[0], first[2], second[0], second[2]) < 0.3:
        return "left_of" if x < other_x else "right_of"
    if abs(y - other_y) >= ORDER_GAP and _overlap(first[1], first[3], second[1], second[3]) < 0.15:
        return "above" if y < other_y else "below"
    return None


def _overlap(low: float, high: float, other_low: float, other_high: float) -> float:
    """Shared length as a part of the shorter interval."""
    shorter = min(high - low, other_high - other_low)
    return max(0.0, min(high, other_high) - max(low, other_low)) / shorter if shorter > 0 else 1.0


def _is_near(first: BoxXyxyNorm, second: BoxXyxyNorm) -> bool:
    across = _overlap(first[0], first[2], second[0], second[2])
    along = _overlap(first[1], first[3], second[1], second[3])
    gap_x = max(first[0], second[0]) - min(first[2], second[2])
    gap_y = max(first[1], second[1]) - min(first[3], second[3])
    is_covered = across > 0.6 and along > 0.6
    return not is_covered and gap_x < NEAR_GAP and gap_y < NEAR_GAP
