"""Claimed numbers: "three cars", "a few people", "no dogs", and which of them speak about all that is in the image."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agents.checks.claims.regions import Region, read_region
from agents.checks.claims.totals import Scope, is_list, read_scope, read_stated_number
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
        stated = _find_stated(sentence, mention) if amount is None else None
        if stated is not None:
            yield stated
        if amount is None:
            if previous_end is not None and not is_list(sentence, previous_end, mention.start):
                previous_end = None
            continue
        is_listed = previous_end is not None and is_list(sentence, previous_end, amount.start)
        scope = read_scope(sentence, amount, mention, is_listed=is_listed, is_it_picture=is_it_picture)
        previous_end = mention.end if scope.is_total else None
        yield _make_claim(mention, amount, scope)


def _make_claim(mention: Mention, amount: Amount, scope: Scope) -> CountClaim:
    return CountClaim(
        mention.noun.labels,
        mention.noun.strength,
        amount.low,
        amount.high,
        scope.is_total and not scope.is_loose,
        amount.start,
        mention.end,
        scope.region,
        scope.is_total and scope.is_loose,
        amount.is_all or amount.is_part,
    )


def _find_stated(sentence: Sentence, mention: Mention) -> CountClaim | None:
    """ "The number of dogs is three", "the dogs are three in number", "the dogs form a row of three"."""
    after, start = sentence.word_at(mention.end), mention.start - 1
    start -= sentence.word_at(start) == "the" and sentence.word_at(start - 2) in ("number", "count", "total")
    is_numbered = sentence.word_at(start) == "of" and sentence.word_at(start - 1) in ("number", "count", "total")
    start -= 3 * is_numbered
    if not mention.noun.is_plural or (sentence.word_at(mention.start - 2) == "of" and not is_numbered):
        return None
    if is_numbered:
        stated = _read_number_of(sentence, mention.end)
        if stated is not None:
            return _state(mention, *stated)
    leading = _read_leading(sentence, mention)
    if leading is not None:
        return _state(mention, leading, mention.end)
    region = read_region(sentence, mention.end)
    place = mention.end if region is None else region.end  # "the dogs on the left | number five"
    after, number = sentence.word_at(place), read_number(sentence.word_at(place + 1))
    behind = sentence.lowers[place + 2 : place + 4]
    is_stated = after in ("is", "equals", "gives") if is_numbered else after in ("number", "numbered")
    is_said = after in ("is", "are") and (behind == ("in", "number") or behind[:1] == ("strong",))
    if number and (is_stated or is_said):
        return _state(mention, number, place + 2)
    stated = None if is_numbered else read_stated_number(sentence, mention.end)
    return None if stated is None else _state(mention, *stated)


def count_of_them(sentence: Sentence, antecedents: Sequence[Mention]) -> Iterator[CountClaim]:
    """ "There are four of them", after the dogs were named: so many at least."""
    if len(antecedents) != 1 or not antecedents[0].noun.is_plural or sentence.mentions:
        return
    own = antecedents[0].noun
    for place in range(1, len(sentence.words) - 1):
        number = read_number(sentence.word_at(place - 1))
        if number and sentence.lowers[place : place + 2] == ("of", "them") and not sentence.is_negated(place - 1):
            yield CountClaim(own.labels, own.strength, number, None, False, place - 1, place + 2)


def _read_number_of(sentence: Sentence, place: int) -> tuple[int, int] | None:
    """The number in "the number of dogs | in the image is three", "comes to three"."""
    if sentence.word_at(place) in ("in", "within"):
        place = sentence.names_picture(place + 1) or place
    for k in range(place, place + 4):
        number = read_number(sentence.word_at(k))
        if number is not None:
            return (number, k + 1) if k > place else None
        if sentence.word_at(k) not in EQUALS:
            return None
    return None


EQUALS = word_set("is equals gives comes amounts to exactly just adds up reaches totals stands at was")


def _read_leading(sentence: Sentence, mention: Mention) -> int | None:
    """The number in "of the dogs there are three"."""
    words = sentence.lowers
    is_led = (
        mention.start == 2 and words[:2] == ("of", "the") and words[mention.end : mention.end + 2] == ("there", "are")
    )
    number = read_number(sentence.word_at(mention.end + 2)) if is_led else None
    return number if sentence.word_at(mention.end + 3) in ("", ".", ",", "in", "altogether") else None


def _state(mention: Mention, number: int, end: int) -> CountClaim:
    own = mention.noun
    return CountClaim(own.labels, own.strength, number, number, True, max(0, mention.start - 1), end)


def find_amount(sentence: Sentence, mention: Mention) -> Amount | None:
    """The amount before a noun, read back over its adjectives."""
    for place in range(mention.start - 1, max(-1, mention.start - 2 - MODIFIERS_AT_MOST), -1):
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


def _read_part(sentence: Sentence, place: int) -> Amount | None:
    """ "Two of the chairs": so many at least, and maybe more."""
    if sentence.word_at(place) in ("the", "these", "those") and sentence.word_at(place - 1) == "of":
        if sentence.word_at(place - 2) == "both":
            return Amount(2, 2, place - 2, is_all=True)
        number = read_number(sentence.word_at(place - 2))
        if number and sentence.word_at(place - 3) == "all":
            return Amount(number, number, place - 3, is_all=True)
        if number:
            return Amount(number, None, place - 2, is_part=True)
    return None


def _agrees(amount: Amount, mention: Mention) -> bool:
    """Whether amount and noun agree in number: "one holding cups" claims no cups, "two car garage" no cars."""
    if amount.high == 0 or (amount.low == amount.high == 1 and not mention.noun.is_plural):
        return True
    if amount.high is None and amount.is_part and amount.low > 1 and not mention.noun.is_plural:
        return True  # "a third dog"
    return mention.noun.is_plural and amount.low != 1 and amount.high != 1
