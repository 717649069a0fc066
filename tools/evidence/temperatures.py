"""Facts in degrees: only of arrays that hold temperatures, every number with the region it was taken from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tools.evidence import recipe
from tools.evidence.levels import Levels
from tools.evidence.records import Fact
from tools.evidence.regions import BoxXyxy, cut_core, cut_inside

_ENDS: tuple[tuple[Literal["hottest_object", "coldest_object"], int], ...] = (
    ("hottest_object", -1),
    ("coldest_object", 0),
)


def find_image_temperature(levels: Levels, means: NDArray[np.float32]) -> Iterator[Fact]:
    """Warmest and coldest window in degrees, and the mean where hardly a pixel is without a value."""
    known = levels.sample(levels.values)
    if not len(known) or not np.isfinite(means).any():
        return
    values = {"warmest": float(np.nanmax(means)), "coldest": float(np.nanmin(means))}
    if len(known) >= recipe.LEAST_KNOWN * levels.values.size:
        values["mean"] = known.mean
    yield Fact(kind="image_temperature", values={name: round(value, 2) for name, value in values.items()})


def find_object_temperatures(
    levels: Levels, means: NDArray[np.float32], boxes: Sequence[BoxXyxy], eligible: Sequence[int]
) -> Iterator[Fact]:
    """Mean of each object's core and its warmest window; differences of every two; the hottest and the coldest."""
    found = {place: cut_core(levels, boxes[place]).mean for place in eligible}
    for place, mean in found.items():
        inside = cut_inside(Levels(means), boxes[place])
        warmest = float(np.nanmax(inside)) if np.isfinite(inside).any() else mean
        values = {"mean": round(mean, 2), "warmest": round(warmest, 2)}
        yield Fact(kind="region_temperature", subject=place, values=values)
    yield from _find_differences(found)
    if len(found) == len(boxes):  # an object too small to measure could be the hottest
        yield from _find_ends(levels, found)


def _find_differences(found: Mapping[int, float]) -> Iterator[Fact]:
    places = list(found)[: recipe.MOST_RANKED]
    for place, one in enumerate(places):
        for other in places[place + 1 :]:
            if abs(found[one] - found[other]) >= recipe.LEAST_DEGREES:
                degrees = round(found[one] - found[other], 2)
                yield Fact(kind="difference", subject=one, other=other, values={"degrees": degrees})


def _find_ends(levels: Levels, found: Mapping[int, float]) -> Iterator[Fact]:
    if len(found) < 2:
        return
    order = sorted(found, key=found.__getitem__)
    for kind, end in _ENDS:
        rival = order[-2] if end else order[1]
        lead = abs(found[order[end]] - found[rival])
        if lead >= recipe.LEAST_DEGREES and lead / levels.span >= recipe.LEAD:
            values = {"mean": round(found[order[end]], 2), "lead": round(lead, 2)}
            yield Fact(kind=kind, subject=order[end], values=values)
