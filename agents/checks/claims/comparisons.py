"""Claimed comparisons of numbers: "there are more dogs than cats", "the dogs outnumber the cats"."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from agents.checks.claims.tails import OWNING, SEEING
from agents.english.categories import Mention
from agents.english.sentences import PICTURE_WORDS, Sentence
from agents.english.words import FORMS_OF_BE, word_set

MORE = {"more": "more", "fewer": "fewer", "less": "fewer"}
OPENING = FORMS_OF_BE | SEEING | OWNING | word_set("there also slightly even far many are")
LAST = word_set(". , ; ! in here there visible altogether overall") | {""}


class ComparisonClaim(NamedTuple):
    """There are said to be more, fewer or as many (`same`) of one thing than of another; words start to end."""

    first: Mention
    relation: str
    second: Mention
    start: int
    end: int


def find_comparisons(sentence: Sentence) -> Iterator[ComparisonClaim]:
    """Find comparisons of how many there are of two things."""
    for first, second in pairwise(sentence.mentions):
        is_plural = first.noun.is_plural and first.noun.labels != second.noun.labels
        between = sentence.lowers[first.end : second.start]
        if not is_plural or not _ends(sentence, second.end) or sentence.is_negated(first.start):
            continue
        before, place = sentence.word_at(first.start - 1), first.start - 1
        if before in MORE and between == ("than",) and sentence.word_at(place - 1) in OPENING:
            yield ComparisonClaim(first, MORE[before], second, place, second.end)
        elif before == "many" and between == ("as",) and sentence.word_at(place - 1) == "as":
            yield from _compare_many(sentence, first, second)
        elif between in (("outnumber", "the"), ("outnumber",), ("are", "outnumbered", "by", "the")):
            relation = "fewer" if "by" in between else "more"
            yield ComparisonClaim(first, relation, second, first.start, second.end)
        elif between == ("and",) and sentence.lowers[first.start - 3 : first.start] in (SAME_NUMBER, EQUAL_NUMBER):
            yield ComparisonClaim(first, "same", second, first.start - 3, second.end)


SAME_NUMBER = ("same", "number", "of")
EQUAL_NUMBER = ("equal", "number", "of")


def _compare_many(sentence: Sentence, first: Mention, second: Mention) -> Iterator[ComparisonClaim]:
    """ "As many dogs as cats" are no fewer; "twice as many" are more."""
    times = sentence.word_at(first.start - 3)
    relation = "more" if times in ("twice", "times") else "no fewer"
    if times in ("half", "nearly", "almost"):
        return
    yield ComparisonClaim(first, relation, second, first.start - 2, second.end)


def _ends(sentence: Sentence, place: int) -> bool:
    """Whether nothing narrows the second thing down."""
    after = sentence.word_at(place)
    if after in ("in", "within"):
        return sentence.names_picture(place + 1) is not None or sentence.word_at(place + 1) in ("total", "view")
    return after in LAST and after not in PICTURE_WORDS
