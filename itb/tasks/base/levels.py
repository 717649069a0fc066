"""Which marks of thermograms are asked about, so that no constant answer gets many of their temperatures right."""

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import NamedTuple

from itb.tasks.base.draft import Candidate
from tools.intervals import wilson

MARKS = 2
"""Pairs of marks, and single marks, that an image is asked about at most."""
LEVELS_APART = 0.3
"""Of the span: how far the values at the marks of one image are apart at least."""
GUESSED = 0.06
"""By how much one and the same answer, or place on the scale, may get more of the values right than a blind guess."""


class Spot(NamedTuple):
    """An evenly warm place: normalised position, and its mean temperature in degrees Celsius."""

    x: float
    y: float
    celsius: float


def choose_values(items: list[Candidate]) -> list[Candidate]:
    """Of each image at most `MARKS` marks, further apart than their tolerances, from the strata least asked about."""
    by_image: defaultdict[str, list[Candidate]] = defaultdict(list)
    for item in items:
        by_image[item.frame.image].append(item)
    asked: Counter[str] = Counter()
    kept: set[int] = set()
    for mine in by_image.values():
        chosen: list[Candidate] = []
        for item in sorted(mine, key=lambda item: asked[item.key[0]]):
            if len(chosen) < MARKS and all(_are_levels_apart(item, other) for other in chosen):
                chosen.append(item)
        asked.update(item.key[0] for item in chosen)
        kept.update(map(id, chosen))
    return [item for item in items if id(item) in kept]


def _are_levels_apart(one: Candidate, other: Candidate) -> bool:
    """Whether no answer could be right of both marks, and the eye sees their levels apart."""
    (first, tolerance), (second, _) = one.truth, other.truth
    low, high = _find_scale(one)
    return bool(abs(first.celsius - second.celsius) > max(2 * tolerance, LEVELS_APART * (high - low)))


def spread_values(items: list[Candidate]) -> list[Candidate]:
    """Without the last of those that one constant answer gets right, until it gets hardly more than a blind guess,
    or no more than so few questions leave to luck.

    Constant is a temperature ("20 degrees") as well as a place on the scale ("an eighth from below"). Fewer than four
    questions are left as they are: some answer always gets many of them right.
    """
    kept = list(items)
    while len(kept) >= 4:
        chance = sum(map(_guess_item, kept)) / len(kept)
        crowd = max((_find_crowd(kept, place) for place in (_in_celsius, _on_scale)), key=len)
        excess = len(crowd) - (chance + GUESSED) * len(kept)
        if excess <= 0 or wilson(len(crowd) / len(kept), len(kept))[0] <= chance:
            break
        for number in crowd[: -1 - max(1, int(excess / 2)) : -1]:
            del kept[number]
    return kept


def _guess_item(item: Candidate) -> float:
    spot, tolerance = item.truth
    return guess_evenly(*_find_scale(item), spot.celsius, tolerance)


def guess_evenly(low: float, high: float, value: float, tolerance: float) -> float:
    """What a guess drawn evenly from the scale gets right."""
    least, most = max(low, value - tolerance), min(high, value + tolerance)
    return max(0.0, most - least) / (high - low)


def _find_scale(item: Candidate) -> tuple[float, float]:
    return float(item.facts["scale_low_celsius"]), float(item.facts["scale_high_celsius"])


def _in_celsius(item: Candidate) -> tuple[float, float]:
    spot, tolerance = item.truth
    return spot.celsius - tolerance, spot.celsius + tolerance


def _on_scale(item: Candidate) -> tuple[float, float]:
    low, high = _find_scale(item)
    least, most = _in_celsius(item)
    return (least - low) / (high - low), (most - low) / (high - low)


def _find_crowd(items: list[Candidate], place: Callable[[Candidate], tuple[float, float]]) -> list[int]:
    """The items that the best constant answer gets right: the most ranges that share a point."""
    ends = [(end, is_end, number) for number, item in enumerate(items) for is_end, end in enumerate(place(item))]
    inside: set[int] = set()
    best: set[int] = set()
    for _, is_end, number in sorted(ends):
        if is_end:
            inside.discard(number)
        else:
            inside.add(number)
            best = set(inside) if len(inside) > len(best) else best
    return sorted(best)
