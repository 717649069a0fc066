"""Facts about labelled objects: against their surroundings, against each other, one half against the other."""

import itertools
from collections.abc import Iterator, Mapping, Sequence

from tools.evidence import recipe
from tools.evidence.comparing import compare
from tools.evidence.levels import Levels, PixelSample
from tools.evidence.records import Fact
from tools.evidence.regions import BoxXyxy, cut_core, cut_inside, cut_surrounded, halve, list_others

_OPPOSITE = {"left": "right", "upper": "lower"}


def _name(sign: int) -> str:
    return "brighter" if sign > 0 else "darker"


def find_surroundings(levels: Levels, boxes: Sequence[BoxXyxy], place: int) -> Iterator[Fact]:
    """Whether an object is brighter or darker than what surrounds it."""
    cut = cut_surrounded(levels, boxes[place], list_others(boxes, place))
    if cut is None:
        return
    sign, numbers = compare(levels, *cut)
    if sign:
        yield Fact(kind="surroundings", relation=_name(sign), subject=place, values=numbers)


def find_pairs(levels: Levels, cores: Mapping[int, PixelSample]) -> Iterator[Fact]:
    """Which of two objects is brighter, for every two of them that can be compared."""
    for one, other in itertools.combinations(cores, 2):
        sign, numbers = compare(levels, cores[one], cores[other])
        if sign:
            yield Fact(kind="pair", relation=_name(sign), subject=one, other=other, values=numbers)


def find_parts(levels: Levels, box: BoxXyxy, place: int) -> Iterator[Fact]:
    """Which half of an object is the brighter one, across and down."""
    for side, opposite in _OPPOSITE.items():
        here, there = (cut_core(levels, half) for half in halve(box, side))
        if min(len(here), len(there)) < recipe.LEAST_PART:
            continue
        sign, numbers = compare(levels, here, there)
        if sign:
            yield Fact(kind="part", relation=side if sign > 0 else opposite, subject=place, values=numbers)


def find_brightest(levels: Levels, boxes: Sequence[BoxXyxy], eligible: Sequence[int]) -> Iterator[Fact]:
    """The labelled object that leads all others; objects too small to be named are rivals all the same."""
    if len(boxes) < 2:
        return
    peaks = [_find_peak(levels, box, place in eligible) for place, box in enumerate(boxes)]
    order = sorted(range(len(boxes)), key=lambda place: -peaks[place])
    first, second = order[:2]
    lead = (peaks[first] - peaks[second]) / levels.span
    if first in eligible and lead >= recipe.LEAD:
        yield Fact(kind="brightest_object", subject=first, values={"lead": round(lead, 4)})


def _find_peak(levels: Levels, box: BoxXyxy, is_large: bool) -> float:
    values = cut_core(levels, box) if is_large else levels.sample(cut_inside(levels, box))
    return values.percentile(recipe.PEAK_PERCENTILE) if len(values) else float("-inf")
