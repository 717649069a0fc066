"""Claims that things are around another one: "the dogs surround the bus", "there are dogs on both sides of the bus"."""

from collections.abc import Iterator
from typing import NamedTuple

from agents.english.categories import Mention
from agents.english.sentences import Sentence
from agents.english.words import word_set

SURROUND = word_set("surround surrounds encircle encircles ring rings enclose encloses")
FLANK = word_set("flank flanks bracket brackets sandwich")
BY = {"surrounded": "amid", "encircled": "amid", "ringed": "amid", "flanked": "both sides", "sandwiched": "both sides"}
AMID = word_set("amid amidst among amongst")
MIDST = (("in", "the", "midst", "of"), ("in", "the", "middle", "of"), ("in", "the", "thick", "of"))
BOTH = ("both", "either", "each", "every")
REACH = 4


class Amid(NamedTuple):
    """The things `around` are said to be around `inner`, or, with `both sides`, left and right of it; start to end."""

    around: Mention
    relation: str
    inner: Mention
    start: int
    end: int


def find_amid(sentence: Sentence) -> Iterator[Amid]:
    """Find claims that several things are around one."""
    for place, word in enumerate(sentence.lowers):
        found = None
        if word in SURROUND or word in FLANK:
            found = _join(sentence, place, place + 1, "both sides" if word in FLANK else "amid", is_inner_first=False)
        elif word in BY and (by := _find_by(sentence, place)) is not None:
            found = _join(sentence, place, by, BY[word], is_inner_first=True)
        elif word in AMID or sentence.lowers[place : place + 4] in MIDST:
            found = _join(sentence, place, place + (1 if word in AMID else 4), "amid", is_inner_first=True)
        elif word in BOTH and sentence.word_at(place + 1) in ("side", "sides") and sentence.word_at(place + 2) == "of":
            found = _join(sentence, place - 1, place + 3, "both sides", is_inner_first=False)
        elif word == "between" and sentence.word_at(place + 1) in ("the", "both", "these", "two", "all"):
            found = _join(sentence, place, place + 1, "between", is_inner_first=True)
        if found is not None and not sentence.is_negated(place) and not _is_of_two(sentence, found):
            yield found


def _find_by(sentence: Sentence, place: int) -> int | None:
    """Behind "by", or "on both sides by"."""
    sides = sentence.lowers[place + 1 : place + 4]
    led = place + 3 * (sides in (("on", "both", "sides"), ("on", "either", "side")))
    return led + 2 if sentence.word_at(led + 1) == "by" else None


def _is_of_two(sentence: Sentence, amid: Amid) -> bool:
    """Whether "between the dogs on the left and the bus on the right" is said, "flanked by dogs and a bus"."""
    if amid.relation not in ("between", "both sides"):
        return False
    joined = next((k for k in range(amid.end, amid.end + 2 * REACH) if sentence.word_at(k) == "and"), None)
    return joined is not None and any(joined < m.start <= joined + 3 for m in sentence.mentions)


def _join(sentence: Sentence, place: int, end: int, relation: str, *, is_inner_first: bool) -> Amid | None:
    first, last = sentence.clause(place)
    before = [m for m in sentence.mentions if first <= m.start and m.end <= place]
    behind = [m for m in sentence.mentions if end <= m.start < min(end + 2 * REACH, last)]
    if before:
        behind = [m for m in behind if m.start < end + REACH]
    if len(behind) == 2 and not before and sentence.word_at(behind[0].end) in ("there", "are", "stand", "sit", "lie"):
        inner, around = behind
    elif not before or not behind:
        return None
    else:
        around, inner = (behind[0], before[-1]) if is_inner_first else (before[-1], behind[0])
    if not around.noun.is_plural or around.noun.labels == inner.noun.labels or inner.noun.is_plural:
        return None
    return Amid(around, relation, inner, min(around.start, inner.start, place), max(around.end, inner.end))
