"""Everything that can be said of one image."""

from collections.abc import Iterator, Sequence

from tools.evidence import recipe
from tools.evidence.levels import Levels
from tools.evidence.objects import find_brightest, find_pairs, find_parts, find_surroundings
from tools.evidence.places import find_brightest_place, find_ninths, find_thirds, smooth
from tools.evidence.records import Evidence, Fact
from tools.evidence.regions import BoxXyxy, cut_core
from tools.evidence.temperatures import find_image_temperature, find_object_temperatures

Subject = BoxXyxy
"""An object to measure: its corners in pixels, x1, y1, x2, y2."""
CELSIUS = "celsius"


def measure(levels: Levels, boxes: Sequence[Subject] = ()) -> Evidence:
    """Facts in a fixed order: image, objects, pairs, temperatures.

    Args:
        boxes: of the labelled objects, those that cannot be counted among them: they are rivals and no surroundings.

    Returns:
        Only what holds by the recipe's thresholds; `Fact.subject` counts in the order of `boxes`.
    """
    cores = {place: cut_core(levels, box) for place, box in enumerate(boxes)}
    large = [place for place, core in cores.items() if len(core) >= recipe.LEAST_CORE]
    ranked = sorted(sorted(large, key=lambda place: (-_area(boxes[place]), place))[: recipe.MOST_RANKED])
    means = smooth(levels)

    def find() -> Iterator[Fact]:
        yield from find_thirds(levels)
        yield from find_ninths(levels)
        yield from find_brightest_place(levels, means, boxes)
        for place in large:
            yield from find_surroundings(levels, boxes, place)
            yield from find_parts(levels, boxes[place], place)
        yield from find_pairs(levels, {place: cores[place] for place in ranked})
        yield from find_brightest(levels, boxes, large)
        if levels.unit == CELSIUS:
            yield from find_image_temperature(levels, means)
            yield from find_object_temperatures(levels, means, boxes, ranked)

    return Evidence(
        polarity=levels.polarity,
        unit=levels.unit,
        contrast=round(levels.span, 2),
        facts=tuple(find()),
        measured=tuple(large),
        ranked=tuple(ranked),
        shown=levels.shown,
        settings=levels.settings,
    )


def _area(box: Subject) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
