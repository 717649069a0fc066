"""Claims that things reach over the whole image: "the dogs are scattered across both halves of the picture"."""

from collections.abc import Iterator
from typing import NamedTuple

from agents.english.categories import Mention
from agents.english.sentences import Sentence
from agents.english.words import word_set

SPREADING = word_set(
    """
    spread spreads stretch stretches stretched scattered scatter distributed extend extends reach reaches range ranges
    dotted span spans strewn dispersed run runs all way
    """
)
BOTH = (
    ("both", "halves"),
    ("both", "sides"),
    ("the", "two", "halves"),
    ("all", "four", "corners"),
    ("the", "four", "corners"),
)
"""Before "of the image"."""
EDGES = word_set("edge side border end margin hand")
ENDS = {("left", "right"): (0,), ("right", "left"): (0,), ("top", "bottom"): (1,), ("bottom", "top"): (1,)}


class SpreadClaim(NamedTuple):
    """Things are said to lie on both sides of the image's middle, across (0), down (1) or both; words start to end."""

    subject: Mention
    axes: tuple[int, ...]
    start: int
    end: int


def find_spreads(sentence: Sentence) -> Iterator[SpreadClaim]:
    """Find claims that "the dogs" reach over the image."""
    for place, word in enumerate(sentence.lowers):
        if word not in ("both", "the", "all", "from"):
            continue
        read = _read_ends(sentence, place) if word == "from" else _read_both(sentence, place)
        subject = None if read is None else _find_subject(sentence, place)
        if read is not None and subject is not None and not sentence.is_negated(place):
            axes, end = read
            yield SpreadClaim(subject, axes, subject.start, end)


def _read_both(sentence: Sentence, place: int) -> tuple[tuple[int, ...], int] | None:
    """Where "both halves of the image" ends."""
    for words in BOTH:
        end = place + len(words)
        if sentence.lowers[place:end] == words and sentence.word_at(end) == "of":
            picture = sentence.names_picture(end + 1)
            return None if picture is None else ((0, 1) if "corners" in words else (0,), picture)
    return None


def _read_ends(sentence: Sentence, place: int) -> tuple[tuple[int, ...], int] | None:
    """Where "from the left edge to the right edge" ends."""
    first = place + 1 + (sentence.word_at(place + 1) == "the")
    to = next((k for k in range(first + 1, first + 7) if sentence.word_at(k) == "to"), None)
    if to is None:
        return None
    last = to + 1 + (sentence.word_at(to + 1) in ("the", "its"))
    axes = ENDS.get((sentence.word_at(first), sentence.word_at(last)))
    is_reach = sentence.word_at(first + 1) in EDGES or sentence.word_at(place - 1) in SPREADING
    end = last + 1 + (sentence.word_at(last + 1) in EDGES)
    return None if axes is None or not is_reach else (axes, end)


def _find_subject(sentence: Sentence, place: int) -> Mention | None:
    """The things that are said to be spread, all of them."""
    first = sentence.clause(place)[0]
    own = [m for m in sentence.mentions if first <= m.start and m.end <= place]
    if len(own) != 1 or sentence.word_at(own[0].start - 1) not in ("the", "all"):
        return None
    words = sentence.lowers[own[0].end : place]
    return own[0] if not SPREADING.isdisjoint(words) or BE.intersection(words) else None


BE = word_set("is are lie stand sit found seen")
