"""Claimed arrangements: "the dogs form a horizontal row", "are stacked vertically"."""

from collections.abc import Iterator
from typing import NamedTuple

from agents.english.categories import Mention
from agents.english.sentences import Sentence
from agents.english.words import word_set

ACROSS, DOWN = 0, 1
DIRECTIONS = {"horizontal": ACROSS, "horizontally": ACROSS, "vertical": DOWN, "vertically": DOWN}
ROWS = word_set("row line string band column stack formation arrangement")
BETWEEN = word_set(
    """
    are form forms make up a in arranged aligned lined stacked placed positioned all single neat straight long loose
    spread
    stand lie sit organized organised grouped laid out clear
    """
)


class ArrangementClaim(NamedTuple):
    """All of the things are said to follow one another across the image (axis 0) or down (1); words start to end."""

    subject: Mention
    axis: int
    start: int
    end: int


def find_arrangements(sentence: Sentence) -> Iterator[ArrangementClaim]:
    """Find claims that "the dogs" stand in a row or a column of a named direction."""
    if DIRECTIONS.keys().isdisjoint(sentence.lowers):
        return
    for place, word in enumerate(sentence.lowers):
        axis = DIRECTIONS.get(word)
        if axis is None or sentence.is_negated(place):
            continue
        is_row = sentence.word_at(place + 1) in ROWS
        thing = next((m for m in reversed(sentence.mentions) if m.end <= place), None)
        if thing is None or not thing.noun.is_plural or (word in ("horizontal", "vertical") and not is_row):
            continue
        if sentence.word_at(thing.start - 1) == "the" and BETWEEN.issuperset(sentence.lowers[thing.end : place]):
            yield ArrangementClaim(thing, axis, thing.start, place + 1 + is_row)
