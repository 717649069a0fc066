"""Claimed numbers: "three cars", "a few people", "no dogs", and which of them speak about all that is in the image."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from agents.checks.claims.stated import find_stated
from agents.checks.claims.tails import is_list
from agents.checks.claims.totals import Scope, read_scope
from agents.checks.claims.wholes import SUMMING, read_number_first
from agents.checks.places.regions import NAMED, Region
from agents.english.categories import Mention, Strength
from agents.english.numbers import Amount, read_amount, read_number
from agents.english.sentences import Sentence
from agents.english.words import word_set

MODIFIERS_AT_MOST = 4
NOT_MODIFIERS = word_set(
    """
    a an the this that these those his her its their my your our of in on at by near with to from for and or
    but is are was were be have had who which while as next behind beside under over above below between
    around into out up down off than then there here it they he she i we you not other another more less
    same each every all some any only , . ; : ( ) ! ? "
    """
)
NEUTRAL_MODIFIERS = word_set("visible distinct separate clear annotated individual different similar identical")


class CountClaim(NamedTuple):
    """A number of things that a sentence claims.

    Attributes:
        labels, strength: the class it is about.
        low, high: least and most; `high` None is open.
        is_total: it speaks of all of them in the image, not of "two dogs on a sofa".
        start, end: its words in the sentence.
        region: in which part of the image, where it speaks of all of them there.
        is_loose: it names those that one sees at once, and may pass over a tiny one.
        is_again: it may mean those that were spoken of before.
    """

    labels: tuple[str, ...]
    strength: Strength
    low: int
    high: int | None
    is_total: bool
    start: int
    end: int
    region: Region | None = None
    is_loose: bool = False
    is_again: bool = False


def find_counts(sentence: Sentence, *, is_it_picture: bool = False) -> Iterator[CountClaim]:
    """Find the numbers that stand before the nouns of classes.

    Args:
        sentence: where to look.
        is_it_picture: "in it" means in the image.
    """
    previous_end = None
    for mention in sentence.mentions:
        amount = find_amount(sentence, mention)
        stated = _find_stated(sentence, mention) if amount is None or amount.high is None else None
        if stated is not None:
            yield stated
        if amount is None:
            if previous_end is not None and not is_list(sentence, previous_end, mention.start):
                previous_end = None
            continue
        is_listed = previous_end is not None and is_list(sentence, previous_end, amount.start)
        scope = read_scope(sentence, amount, mention, is_listed=is_listed, is_it_picture=is_it_picture)
        previous_end = mention.end if scope.is_total else None
        yield _make_claim(sentence, mention, amount, scope)


def find_known(sentence: Sentence) -> list[CountClaim]:
    """What even a sentence of what may be takes for known: "if each of the four dogs had an owner"."""
    if PRESUPPOSING.isdisjoint(sentence.lowers):
        return []
    known = (claim for claim in find_counts(sentence) if claim.is_again and claim.is_loose and claim.low == claim.high)
    return [claim for claim in known if not PRESUPPOSING.isdisjoint(sentence.lowers[claim.start - 1 : claim.end - 1])]


PRESUPPOSING = word_set("the all these both")


AT_MOST = (("at", "most"), ("at", "the", "most"), ("or", "fewer"), ("or", "less"))
"""Behind "five dogs"."""


def _make_claim(sentence: Sentence, mention: Mention, amount: Amount, scope: Scope) -> CountClaim:
    is_most = any(sentence.lowers[mention.end : mention.end + len(words)] == words for words in AT_MOST)
    return CountClaim(
        mention.noun.labels,
        mention.noun.strength,
        0 if is_most else amount.low,
        amount.high,
        scope.is_total and not scope.is_loose,
        amount.start,
        mention.end,
        scope.region,
        scope.is_total and scope.is_loose,
        amount.is_all or amount.is_part,
    )


def _find_stated(sentence: Sentence, mention: Mention) -> CountClaim | None:
    """A number that stands before the noun in another clause, or behind it."""
    first = read_number_first(sentence, mention)
    if first is not None:
        return _state(mention, first[0], 0, first[1])
    leading = _read_leading(sentence, mention)
    if leading is not None:
        return _state(mention, leading, mention.start - 1, mention.end)
    stated = find_stated(sentence, mention)
    return None if stated is None else _state(mention, *stated)


def count_of_them(sentence: Sentence, antecedents: Sequence[Mention]) -> Iterator[CountClaim]:
    """ "There are four of them", "they number four", after the dogs were named."""
    own_things = [m for m in sentence.mentions if m.noun.strength is not Strength.LOOSE]
    if len(own_things) == 1 and own_things[0].noun.is_plural and sentence.word_at(own_things[0].end) == ",":
        yield from _count_own(sentence, own_things[0])
        return
    if len(antecedents) != 1 or not antecedents[0].noun.is_plural or sentence.mentions[1:]:
        return
    if sentence.mentions and sentence.lowers[sentence.mentions[0].start] not in OF_THEM:
        return
    own = antecedents[0].noun
    for place in range(1, len(sentence.words)):
        number = read_number(sentence.word_at(place - 1))
        if not number or sentence.is_negated(place - 1):
            continue
        is_sum = sentence.word_at(place - 2) in THEIR_NUMBER and sentence.word_at(place) in ("", ".", ",", "in", "and")
        if sentence.lowers[place : place + 2] == ("of", "them"):
            there = place - 1 - (sentence.word_at(place - 2) in ("exactly", "only", "just", "clearly", "indeed"))
            is_all = sentence.lowers[max(0, there - 2) : there] == ("there", "are") and _closes(sentence, place + 2)
            high = number if is_all else None
            yield CountClaim(own.labels, own.strength, number, high, is_all, place - 1, place + 2)
        elif is_sum and "they" in sentence.lowers[:place]:
            yield CountClaim(own.labels, own.strength, number, number, True, max(0, place - 2), place)


def _count_own(sentence: Sentence, mention: Mention) -> Iterator[CountClaim]:
    """ "The smaller objects are dogs, and there are four | of them"."""
    for place in range(mention.end + 2, len(sentence.words)):
        number = read_number(sentence.word_at(place))
        is_them = sentence.lowers[place + 1 : place + 3] in (("of", "them"), ("of", "these"))
        if (
            number
            and is_them
            and sentence.lowers[place - 2 : place] == ("there", "are")
            and _closes(sentence, place + 3)
        ):
            own = mention.noun
            yield CountClaim(own.labels, own.strength, number, number, True, place, place + 3)
            return


OF_THEM = word_set("they them one")
THEIR_NUMBER = word_set("number total exactly")


def _closes(sentence: Sentence, place: int) -> bool:
    """Whether a sum ends here: "there are four of them | in total"."""
    return sentence.word_at(place) in ("", ".", ",") or any(
        sentence.lowers[place : place + len(words)] == words for words in SUMMING
    )


def _read_leading(sentence: Sentence, mention: Mention) -> int | None:
    """The number in "of the dogs there are three"."""
    words = sentence.lowers
    is_led = (
        mention.start == 2 and words[:2] == ("of", "the") and words[mention.end : mention.end + 2] == ("there", "are")
    )
    number = read_number(sentence.word_at(mention.end + 2)) if is_led else None
    return number if sentence.word_at(mention.end + 3) in ("", ".", ",", "in", "altogether") else None


def _state(mention: Mention, number: int, start: int, end: int) -> CountClaim:
    own = mention.noun
    return CountClaim(own.labels, own.strength, number, number, True, max(0, start), end)


def find_amount(sentence: Sentence, mention: Mention) -> Amount | None:
    """The amount before a noun, read back over its adjectives."""
    others = {k for own in sentence.mentions if own.end < mention.start for k in range(own.start, own.end)}
    for place in range(mention.start - 1, max(-1, mention.start - 2 - MODIFIERS_AT_MOST), -1):
        if place in others and sentence.word_at(place) not in SETS_OF:
            return None  # "two people own cats"
        amount = read_amount(sentence.lowers, place)
        if amount is not None and sentence.word_at(place) == "both" and sentence.word_at(mention.end) in ("and", "or"):
            return None  # "both dogs and cats"
        if amount is not None and _agrees(amount, mention):
            is_narrowed = not NEUTRAL_MODIFIERS.issuperset(sentence.lowers[place + 1 : mention.start])
            return amount._replace(is_part=amount.is_part or is_narrowed)
        if amount is not None:
            return None
        word = sentence.word_at(place)
        if word in NOT_MODIFIERS or word.endswith("ing"):
            return _read_part(sentence, place) if place == mention.start - 1 else None
    return None


SETS_OF = word_set("one couple family crowd group team")


def _read_part(sentence: Sentence, place: int) -> Amount | None:
    """ "Two of the chairs": so many at least, and maybe more."""
    if sentence.word_at(place) in ("the", "these", "those") and sentence.word_at(place - 1) == "of":
        if sentence.word_at(place - 2) == "both":
            return Amount(2, 2, place - 2, is_all=True)
        number = read_number(sentence.word_at(place - 2))
        is_sum = sentence.lowers[max(0, place - 4) : place - 2] == ("there", "are") and _closes_sum(sentence, place)
        if number and is_sum:
            return Amount(number, number, place - 2)  # "there are five of these dogs in total"
        if number and sentence.word_at(place - 3) == "all":
            return Amount(number, number, place - 3, is_all=True)
        if number:
            return Amount(number, None, place - 2, is_part=True)
    return None


def _closes_sum(sentence: Sentence, place: int) -> bool:
    rest = sentence.lowers[place:]
    if not NAMED.isdisjoint(rest):
        return False
    return "total" in rest or "altogether" in rest or any(pair == ("in", "all") for pair in pairwise(rest))


def _agrees(amount: Amount, mention: Mention) -> bool:
    """Whether amount and noun agree in number: "one holding cups" claims no cups, "two car garage" no cars."""
    if amount.high == 0 or (amount.low == amount.high == 1 and not mention.noun.is_plural):
        return True
    if amount.high is None and amount.is_part and amount.low > 1 and not mention.noun.is_plural:
        return True  # "a third dog"
    return mention.noun.is_plural and amount.low != 1 and amount.high != 1
