"""Claimed extremes: "the leftmost object is a bus", "the dog is the lowest thing in the image"."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agents.checks.places.placements import nouns_before
from agents.checks.places.regions import LAST
from agents.english.categories import Mention
from agents.english.sentences import Sentence
from agents.english.words import FORMS_OF_BE, word_set

EXTREMES = {
    "leftmost": "left", "left-most": "left", "rightmost": "right", "right-most": "right", "topmost": "above",
    "uppermost": "above", "bottommost": "below", "lowermost": "below",
}  # fmt: skip
THINGS = word_set("thing object item element objects things items")
FARTHEST = word_set("farthest furthest")
NAMING = FARTHEST.union(EXTREMES, ("first", "last"))
COMING = FORMS_OF_BE | word_set("comes come")
FILLING = word_set("to the over on out")


class ExtremeClaim(NamedTuple):
    """Nothing in the image is said to be farther `relation` (left, right, above, below) than one of the subjects."""

    subjects: tuple[Mention, ...]
    relation: str
    start: int
    end: int


def find_extremes(sentence: Sentence, antecedents: Sequence[Mention] = ()) -> Iterator[ExtremeClaim]:
    """Find claims about what comes first or last of all that is in the image."""
    for place, word in enumerate(sentence.lowers):
        if word not in NAMING:
            continue
        read = _read_extreme(sentence, place) or _read_first(sentence, place)
        if read is None or sentence.is_negated(place):
            continue
        relation, start, end = read
        after = sentence.word_at(end)
        if after in FORMS_OF_BE:
            thing = next((m for m in sentence.mentions if end < m.start <= end + 3), None)
            if thing is not None:
                yield ExtremeClaim((thing,), relation, start, thing.end)
        elif after in LAST:
            subjects, first = nouns_before(sentence, start, antecedents)
            is_stated = len(subjects) == 1 and not COMING.isdisjoint(sentence.lowers[first : start + 1])
            if is_stated:
                yield ExtremeClaim(subjects, relation, first, end)


def _read_first(sentence: Sentence, place: int) -> tuple[str, int, int] | None:
    """ "The first object from the left is", "going from left to right, the bus comes first"."""
    word, lowers = sentence.word_at(place), sentence.lowers
    if word not in ("first", "last"):
        return None
    end = place + 1 + (sentence.word_at(place + 1) in THINGS)
    sides = {"first": ("left", "right"), "last": ("right", "left")}[word]
    if lowers[end : end + 2] == ("from", "the") and sentence.word_at(end + 2) in sides:
        relation = sentence.word_at(end + 2) if word == "first" else sides[1 - sides.index(sentence.word_at(end + 2))]
        return relation, place - (sentence.word_at(place - 1) in ("the", "comes")), end + 3
    if sentence.word_at(place - 1) not in ("comes", "come") or "from" not in lowers[:3] or word == "last":
        return None
    way = [own for own in lowers[: place - 1] if own in ("left", "right")]
    return (way[0], place - 1, end) if len(way) == 2 and way[0] != way[1] else None


def _read_extreme(sentence: Sentence, place: int) -> tuple[str, int, int] | None:
    """Direction, and the words from where to where it is named: "the leftmost object in the image"."""
    relation, end = EXTREMES.get(sentence.word_at(place)), place + 1
    if sentence.word_at(place) in FARTHEST:
        while sentence.word_at(end) in FILLING:
            end += 1
        side = sentence.word_at(end)
        relation, end = (side, end + 1) if side in ("left", "right") else (None, end)
    if relation is None:
        return None
    if sentence.word_at(end) in THINGS:
        end += 1
    elif sentence.word_at(end) == "of" and sentence.word_at(end + 1) in ("all", "everything"):
        end += 2
    if sentence.word_at(end) in ("in", "of"):
        end = sentence.names_picture(end + 1) or end
    return relation, place - (sentence.word_at(place - 1) == "the"), end
