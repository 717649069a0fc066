"""Claims held against boxes: why one is wrong, or nothing where the boxes bear it out or do not settle it."""

import functools

from agents.checks.claims.comparisons import ComparisonClaim
from agents.checks.claims.quantities import CountClaim, find_counts
from agents.checks.evidence import Evidence
from agents.checks.places.arrangements import ArrangementClaim
from agents.checks.places.extremes import ExtremeClaim
from agents.checks.places.geometry import (
    count_in_region,
    crosses_middle,
    find_area,
    find_centre,
    is_amid,
    is_between,
    is_clearly_in_region,
    is_related,
    lies_beside,
)
from agents.checks.places.placements import PlaceClaim
from agents.checks.places.relations import RelationClaim
from agents.checks.places.spreads import SpreadClaim
from agents.english.categories import Nouns, Strength, is_bunched
from agents.english.sentences import split_sentences
from tools.records import Box

MOST_PAIRS = 10_000
LEAST_SIZE = 0.4
"""How large a thing is, as a share of the last one counted, that nobody passes over who counts."""
MOST_OUTSIDE = 0.5
"""Share of "the dogs" that need not be where they are said to be."""
EXTREME_MARGIN = 0.1
LEAST_SPREAD = 0.1
"""How far things reach in a direction in which they clearly follow one another."""


def find_wrong_number(claim: CountClaim, evidence: Evidence) -> int | None:
    """How many there are instead of the number claimed, None where it may be right.

    Where nothing says "there are", a caption that counts the same lets a number pass.
    """
    label = claim.labels[0]
    boxes = evidence.counted.get(label)
    if not boxes or claim.strength is Strength.LOOSE:
        return None
    is_open = label in evidence.crowds or is_bunched(label)
    if claim.low > len(boxes) and not is_open:
        return len(boxes)
    if claim.strength is not Strength.SAME or claim.high is None:
        return None
    if claim.is_total:
        return len(boxes) if len(boxes) > claim.high else None
    found = _count_evident(claim, boxes) if claim.is_loose else 0
    return found if found > claim.high and not _is_captioned(claim, evidence) else None


def _count_evident(claim: CountClaim, boxes: list[Box]) -> int:
    """How many of the things would be counted by anybody, in the claim's part of the image."""
    region = claim.region
    own = boxes if region is None else [box for box in boxes if is_clearly_in_region(box.box_xyxy_norm, region)]
    areas = sorted((find_area(box.box_xyxy_norm) for box in own), reverse=True)
    if not claim.high or len(areas) <= claim.high:
        return 0
    return sum(area >= LEAST_SIZE * areas[claim.high - 1] for area in areas)


def _is_captioned(claim: CountClaim, evidence: Evidence) -> bool:
    number = (claim.labels[0], claim.low, claim.high)
    return any(number in _list_numbers(caption, evidence.nouns) for caption in evidence.captions)


@functools.lru_cache(maxsize=512)
def _list_numbers(caption: str, nouns: Nouns) -> frozenset[tuple[str, int, int | None]]:
    return frozenset(
        (claim.labels[0], claim.low, claim.high)
        for sentence in split_sentences(caption, nouns)
        for claim in find_counts(sentence)
    )


def is_wrong_comparison(claim: ComparisonClaim, evidence: Evidence) -> bool:
    """Whether the boxes say that it is the other way round."""
    numbers = []
    for mention in (claim.first, claim.second):
        label, boxes = mention.noun.labels[0], evidence.boxes_of(mention)
        if boxes is None or is_bunched(label) or mention.noun.strength is not Strength.SAME:
            return False
        numbers.append(len(boxes))
    first, second = numbers
    return {
        "more": first <= second, "fewer": first >= second, "same": first != second, "no fewer": first < second
    }[claim.relation]  # fmt: skip


def is_misplaced(claim: PlaceClaim, evidence: Evidence) -> bool:
    """Whether none of the things can be said to be there, or of all of them too few."""
    region = claim.region
    for mention in claim.subjects:
        boxes = evidence.boxes_of(mention)
        if boxes is None:
            return False
        least = min(claim.number, len(boxes))
        if claim.is_all:
            least = max(1, round(len(boxes) * (1 - MOST_OUTSIDE)))
        if count_in_region(boxes, region) >= least:
            return False
        others = [box for label, own in evidence.counted.items() if label not in mention.noun.labels for box in own]
        if region.is_relative and any(lies_beside(box, boxes, region.horizontal) for box in others):
            return False
    return True


def is_unrelated(claim: RelationClaim, evidence: Evidence) -> bool:
    """Whether no two of the things stand in the relation."""
    seconds = evidence.boxes_of(claim.second)
    if seconds is None:
        return False
    for mention in claim.firsts:
        firsts = evidence.boxes_of(mention)
        if firsts is None or len(firsts) * len(seconds) > MOST_PAIRS:
            return False
        if claim.relation == "between":
            if is_between(firsts, seconds):
                return False
            continue
        if claim.relation in ("amid", "both sides"):
            if is_amid(firsts, seconds, is_flanked=claim.relation == "both sides"):
                return False
            continue
        pairs = [(one, other) for one in firsts for other in seconds if one is not other]
        found = sum(is_related(one.box_xyxy_norm, other.box_xyxy_norm, claim.relation) for one, other in pairs)
        if found and (not claim.is_all or found >= MOST_OUTSIDE * len(pairs)):
            return False
    return True


def is_not_spread(claim: SpreadClaim, evidence: Evidence) -> bool:
    """Whether all of the things lie on one side of the image."""
    boxes = evidence.boxes_of(claim.subject)
    return boxes is not None and not all(crosses_middle(boxes, axis) for axis in claim.axes)


def is_disarranged(claim: ArrangementClaim, evidence: Evidence) -> bool:
    """Whether things that are said to follow one another across the image clearly do so downwards, or the reverse."""
    boxes = evidence.boxes_of(claim.subject)
    if boxes is None or len(boxes) < 2:
        return False
    centres = [find_centre(box.box_xyxy_norm) for box in boxes]
    spreads = [max(own[axis] for own in centres) - min(own[axis] for own in centres) for axis in (0, 1)]
    return spreads[1 - claim.axis] > LEAST_SPREAD + 2 * spreads[claim.axis]


def is_no_extreme(claim: ExtremeClaim, evidence: Evidence) -> bool:
    """Whether something else lies clearly farther out than any of the things."""
    sign = -1 if claim.relation in ("left", "above") else 1
    axis = 0 if claim.relation in ("left", "right") else 1
    for mention in claim.subjects:
        boxes = evidence.boxes_of(mention)
        if boxes is None:
            return False
        own = max(sign * find_centre(box.box_xyxy_norm)[axis] for box in boxes)
        others = (box for label, found in evidence.counted.items() if label not in mention.noun.labels for box in found)
        if not any(sign * find_centre(box.box_xyxy_norm)[axis] > own + EXTREME_MARGIN for box in others):
            return False
    return True
