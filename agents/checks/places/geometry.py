"""Whether boxes bear out what is said about places, with the margins within which a claim is let pass.

A claim is contradicted only when no box, or no pair of boxes, satisfies it, margins included.
"""

from collections.abc import Sequence

from agents.checks.places.regions import Region
from tools.records import Box, BoxXyxyNorm

# How far beyond the middle of the image a box's centre may lie and still count as left, right, top or bottom of it.
SIDE_MARGIN = 0.06
# How far from the middle a box's centre may lie and still count as in the centre.
CENTRE_REACH = 0.25
# By how much the centres of two boxes may be in the wrong order.
ORDER_MARGIN = 0.03
# How much smaller, as a share, the "larger" of two boxes may be.
SIZE_MARGIN = 0.1
# How far from a border a box's nearer side may lie that is said to be along it.
BORDER_REACH = 0.25
# How far apart across the image two things may lie of which one is said to be directly above the other.
IN_LINE = 0.05
# How far outside of the outline of several things one may lie that is said to be between them.
HULL_MARGIN = 0.1
OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}


def count_in_region(boxes: Sequence[Box], region: Region) -> int:
    """Count the boxes that can be said to lie in a region."""
    return sum(is_in_region(box.box_xyxy_norm, region) for box in boxes)


def is_in_region(box_xyxy_norm: BoxXyxyNorm, region: Region) -> bool:
    """Whether a box can be said to lie left, right, at the top, at the bottom or in the centre."""
    x1, y1, x2, y2 = box_xyxy_norm
    return _is_along(x1, x2, region.horizontal, region.is_border) and _is_along(
        y1, y2, region.vertical, region.is_border
    )


def is_clearly_in_region(box_xyxy_norm: BoxXyxyNorm, region: Region) -> bool:
    """Whether nobody would say that a box lies elsewhere."""
    across = ((region.horizontal, 0), (region.vertical, 1))
    return is_in_region(box_xyxy_norm, region) and all(
        where not in OPPOSITE or not _is_along(*_span(box_xyxy_norm, axis), OPPOSITE[where]) for where, axis in across
    )


def _span(box_xyxy_norm: BoxXyxyNorm, axis: int) -> tuple[float, float]:
    return box_xyxy_norm[axis], box_xyxy_norm[axis + 2]


def lies_beside(box: Box, others: Sequence[Box], side: str) -> bool:
    """Whether one of the others can be said to lie on that side of a box."""
    return any(box is not other and is_related(other.box_xyxy_norm, box.box_xyxy_norm, side) for other in others)


def is_related(first: BoxXyxyNorm, second: BoxXyxyNorm, relation: str) -> bool:
    """Whether the first box can be said to stand in a relation to the second."""
    if relation.startswith("directly "):
        is_in_line = first[0] < second[2] + IN_LINE and second[0] < first[2] + IN_LINE
        return is_in_line and is_related(first, second, relation.removeprefix("directly "))
    (first_x, first_y), (second_x, second_y) = find_centre(first), find_centre(second)
    if relation in ("larger", "smaller"):
        larger, smaller = (first, second) if relation == "larger" else (second, first)
        return find_area(larger) > find_area(smaller) * (1 - SIZE_MARGIN)
    return {
        "left": first_x < second_x + ORDER_MARGIN,
        "right": first_x > second_x - ORDER_MARGIN,
        "above": first_y < second_y + ORDER_MARGIN,
        "below": first_y > second_y - ORDER_MARGIN,
        "beneath": first_y > second[1] - ORDER_MARGIN,  # what is beneath a thing may lie within its box
        "on top": first[0] < second[2] + ORDER_MARGIN
        and second[0] < first[2] + ORDER_MARGIN
        and first_y < second[3] + ORDER_MARGIN,
        "same side": not _are_parted(first_x, second_x),
        "opposite side": _are_parted(first_x, second_x, -SIDE_MARGIN),
    }[relation]


def is_amid(around: Sequence[Box], inner: Sequence[Box], *, is_flanked: bool) -> bool:
    """Whether one thing can be said to have others around it, or on both of its sides."""
    lefts, rights = [box.box_xyxy_norm[0] for box in around], [box.box_xyxy_norm[2] for box in around]
    if is_flanked:
        lefts = rights = [find_centre(box.box_xyxy_norm)[0] for box in around]
    centres = [find_centre(box.box_xyxy_norm)[0] for box in inner]
    return any(min(lefts) - ORDER_MARGIN < centre < max(rights) + ORDER_MARGIN for centre in centres)


def is_between(around: Sequence[Box], inner: Sequence[Box]) -> bool:
    """Whether one thing can be said to be between several others."""
    hull = [min(box.box_xyxy_norm[k] for box in around) for k in (0, 1)]
    hull += [max(box.box_xyxy_norm[k] for box in around) for k in (2, 3)]
    x1, y1, x2, y2 = hull
    centres = (find_centre(box.box_xyxy_norm) for box in inner)
    return any(x1 - HULL_MARGIN < x < x2 + HULL_MARGIN and y1 - HULL_MARGIN < y < y2 + HULL_MARGIN for x, y in centres)


def crosses_middle(boxes: Sequence[Box], axis: int) -> bool:
    """Whether things can be said to reach from one side of the image to the other; axis 0 is across, 1 is down."""
    low = min(box.box_xyxy_norm[axis] for box in boxes)
    high = max(box.box_xyxy_norm[axis + 2] for box in boxes)
    return low < 0.5 - SIDE_MARGIN / 2 and high > 0.5 + SIDE_MARGIN / 2


def _are_parted(one: float, other: float, margin: float = SIDE_MARGIN) -> bool:
    """Whether one place lies left and the other right of the middle, each by more than a margin."""
    return min(one, other) < 0.5 - margin and max(one, other) > 0.5 + margin


def find_centre(box_xyxy_norm: BoxXyxyNorm) -> tuple[float, float]:
    """Centre of a box, normalised to the image."""
    x1, y1, x2, y2 = box_xyxy_norm
    return (x1 + x2) / 2, (y1 + y2) / 2


def find_area(box_xyxy_norm: BoxXyxyNorm) -> float:
    """Area of a box as a share of the image."""
    x1, y1, x2, y2 = box_xyxy_norm
    return max(0.0, x2 - x1) * max(0.0, y2 - y1)


def _is_along(low: float, high: float, where: str, is_border: bool = False) -> bool:
    centre = (low + high) / 2
    match where:
        case "left" | "top":
            return centre < 0.5 + SIDE_MARGIN and not (is_border and low > BORDER_REACH)
        case "right" | "bottom":
            return centre > 0.5 - SIDE_MARGIN and not (is_border and high < 1 - BORDER_REACH)
        case "centre":
            return abs(centre - 0.5) <= CENTRE_REACH or low <= 0.5 <= high
        case _:
            return True
