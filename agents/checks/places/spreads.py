"""Claims that things reach over the whole image: "the dogs are scattered across both halves of the picture"."""

from collections.abc import Iterator
from typing import NamedTuple

from agents.english.categories import Mention
from agents.english.numbers import read_number
from agents.english.sentences import Sentence
from agents.english.words import word_set

SPREADING = word_set(
    """
    spread spreads stretch stretches stretched scattered scatter distributed extend extends reach reaches range ranges
    dotted span spans strewn dispersed run runs all way sprinkled
    """
)
OVER = word_set("throughout across over around")
WHOLE = word_set("the entire whole full all width of parts its")
"""Between "across" and the image."""
SCATTERED = SPREADING - word_set("all way reach reaches run runs") | word_set("located placed")
BOTH = (
    ("both", "halves"),
    ("both", "sides"),
    ("either", "side"),
    ("the", "two", "halves"),
)
"""Before "of the image"."""
CORNERS = (
    ("all", "four", "corners"), ("the", "four", "corners"), ("all", "corners"), ("every", "corner"), ("each", "corner"),
    ("all", "the", "corners"), ("each", "of", "the", "four", "corners"), ("each", "of", "the", "corners"),
)  # fmt: skip
EDGES = word_set("edge side border end margin hand")
ENDS = {("left", "right"): (0,), ("right", "left"): (0,), ("top", "bottom"): (1,), ("bottom", "top"): (1,)}
STARTS = word_set("both either the all from every each throughout across over around spans span fill fills")


class SpreadClaim(NamedTuple):
    """Things are said to lie on both sides of the image's middle, across (0), down (1) or both; words start to end."""

    subject: Mention
    axes: tuple[int, ...]
    start: int
    end: int


def find_spreads(sentence: Sentence) -> Iterator[SpreadClaim]:
    """Find claims that "the dogs" reach over the image."""
    last = 0
    for place, word in enumerate(sentence.lowers):
        if word not in STARTS or place < last:
            continue
        read = _read(sentence, place, word)
        subject = None if read is None else _find_subject(sentence, place, read[1])
        if read is not None and subject is not None and not sentence.is_negated(place):
            axes, last = read
            yield SpreadClaim(subject, axes, min(subject.start, place), max(last, subject.end))


def _read(sentence: Sentence, place: int, word: str) -> tuple[tuple[int, ...], int] | None:
    if word == "from":
        return _read_ends(sentence, place)
    if word in OVER or word in ("span", "spans", "fill", "fills"):
        return _read_whole(sentence, place, word)
    return _read_both(sentence, place)


def _read_both(sentence: Sentence, place: int) -> tuple[tuple[int, ...], int] | None:
    """Where "both halves of the image", "all four corners" ends."""
    for words in (*BOTH, *CORNERS):
        end = place + len(words)
        if sentence.lowers[place:end] == words:
            is_corner = words in CORNERS
            picture = sentence.names_picture(end + 1) if sentence.word_at(end) == "of" else None
            is_end = is_corner and sentence.word_at(end) in ("", ".", ",", "and")
            return None if picture is None and not is_end else ((0, 1) if is_corner else (0,), picture or end)
    return None


def _read_whole(sentence: Sentence, place: int, word: str) -> tuple[tuple[int, ...], int] | None:
    """Where "throughout the image", "across the entire frame", "the whole width of the image" ends."""
    before = sentence.lowers[max(0, place - 3) : place]
    is_verb = word not in OVER
    if not is_verb and SCATTERED.isdisjoint(before):
        return None
    end = place + 1
    while sentence.word_at(end) in WHOLE and sentence.names_picture(end) is None:
        end += 1
    picture = sentence.names_picture(end)
    led = sentence.lowers[place + 1 : picture]
    if picture is None or (is_verb and {"entire", "whole", "full", "width"}.isdisjoint(led)):
        return None
    return (0,), picture


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


def _find_subject(sentence: Sentence, place: int, end: int) -> Mention | None:
    """The things that are said to be spread, all of them."""
    first = sentence.clause(place)[0]
    own = [m for m in sentence.mentions if first <= m.start and m.end <= place]
    if not own and place - first <= 2:  # "each corner of the image has dogs"
        behind = [m for m in sentence.mentions if m.start >= end]
        is_had = sentence.word_at(end) in ("has", "holds", "contains", "are", "there")
        return behind[0] if is_had and len(behind) == 1 and behind[0].noun.is_plural else None
    if len(own) != 1:
        return None
    before, words = sentence.word_at(own[0].start - 1), sentence.lowers[own[0].end : place]
    is_there = before in ("are", "several", "many") and sentence.word_at(first) == "there"
    if is_there and own[0].noun.is_plural:
        return own[0] if words[-1:] in (("in",), ("on",), ("at",)) or not SCATTERED.isdisjoint(words) else None
    is_all = before in ("the", "all", "several", "many") or own[0].start == first or read_number(before) is not None
    if not is_all or not (own[0].noun.is_plural or before == "the"):
        return None
    is_verb = sentence.word_at(place) in ("span", "spans", "fill", "fills")
    return own[0] if is_verb or not SPREADING.isdisjoint(words) or BE.intersection(words) else None


BE = word_set("is are lie stand sit found seen")
