"""Amounts as English says them: "two", "half a dozen", "a pair of", "between three and five", "at least twenty-one"."""

from collections.abc import Sequence
from typing import NamedTuple

from agents.english.words import word_set

NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
NUMBERS = {word: value for value, word in enumerate(NUMBER_WORDS.split(" "))}
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
ORDINALS = {
    word: value
    for value, word in enumerate(
        ["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"], 2
    )
}
MOST_DIGITS = 4
SETS = {
    "pair": 2, "duo": 2, "couple": 2, "twosome": 2, "trio": 3, "threesome": 3, "triplet": 3, "triad": 3, "quartet": 4,
    "foursome": 4, "quintet": 5, "sextet": 6, "septet": 7, "octet": 8,
}  # fmt: skip
"""Before "of dogs": how many they are."""
SEVERAL = {
    "several": 3, "few": 2, "many": 4, "numerous": 4, "multiple": 2, "various": 2, "countless": 7, "plenty of": 3,
    "lots of": 3, "lot of": 3, "number of": 2, "handful of": 3, "dozens of": 13, "scores of": 20, "hundreds of": 100,
    "group of": 2, "crowd of": 4, "herd of": 2, "flock of": 2, "bunch of": 2,
}  # fmt: skip
"""Words without a number, with the least that they ask for. No upper bound: people use them freely."""
SOLE = word_set("single lone solitary sole")
GATHERED = word_set(
    """
    group row line cluster set collection bunch series array total crowd herd flock pack team gang circle string fleet
    formation stack pile party family column arrangement assortment class band
    """
)
"""Before "of three dogs": the dogs all together."""
AT_LEAST = {("at", "least"): 0, ("more", "than"): 1, ("upwards", "of"): 0, ("minimum", "of"): 0}
AT_MOST = {("at", "most"): 0, ("less", "than"): 1, ("fewer", "than"): 1, ("maximum", "of"): 0}
NEARLY = word_set("about around approximately roughly nearly almost some circa")
EACH = word_set("each one any every none all both either neither")
WHOLE = word_set("total overall exact full complete entire whole combined final actual precise")
"""Before "number of": it is stated elsewhere."""
PARTIAL = word_set("the its other these those every first last next another further more")
"""Before a number: some of more."""


class Amount(NamedTuple):
    """How many there are said to be.

    Attributes:
        low, high: least and most; `high` None is open.
        start: the place of its first word.
        is_part: of more that there may be.
        is_all: "all three", "both", "each of the three": there are no more than these.
    """

    low: int
    high: int | None
    start: int
    is_part: bool = False
    is_all: bool = False


def read_number(word: str) -> int | None:
    """`three`, `3` or `twenty-one` as an integer."""
    if word.isascii() and word.isdigit() and len(word) <= MOST_DIGITS:
        return int(word)
    tens, dash, unit = word.partition("-")
    if dash and tens in TENS and 0 < NUMBERS.get(unit, 0) < 10:
        return TENS[tens] + NUMBERS[unit]
    return NUMBERS.get(word, TENS.get(word))


def read_amount(words: Sequence[str], place: int) -> Amount | None:
    """The amount whose last word stands at `place`; None: there is none, or it sets no bound."""
    word = _at(words, place)
    number = read_number(word)
    if number is not None:
        return _widen(words, place, number)
    if word in ("both", "no"):
        return Amount(2, 2, place, is_all=True) if word == "both" else Amount(0, 0, place)
    if word == "dozen":
        return _widen_set(words, _read_dozen(words, place))
    if word == "of" and _at(words, place - 1).removesuffix("s") in SETS:
        return _widen_set(words, _read_sets(words, place - 1))
    return _read_sole(words, place) or _read_several(words, place)


def _widen_set(words: Sequence[str], amount: Amount) -> Amount:
    """A set with what stands before it: "at most half a dozen", "no less than a pair of"."""
    three, two, one = (_at(words, amount.start - k) for k in (3, 2, 1))
    if amount.high is None or (two, one) not in {**AT_LEAST, **AT_MOST}:
        return amount
    is_denied = three in ("no", "not")
    is_least = ((two, one) in AT_LEAST) != is_denied
    return _bound(amount.start, amount.low if is_least else amount.high, (two, one), is_denied=is_denied)


def _read_sole(words: Sequence[str], place: int) -> Amount | None:
    """ "The only", "a single"; "a third", after which there are three; "four or more"."""
    word, before = _at(words, place), _at(words, place - 1)
    if word in SOLE or (word == "only" and before in ("the", "its", "their")):
        is_led = before in ("a", "the", "one", "its", "their", "every")
        return Amount(1, 1, place - is_led, is_part=before == "every")
    if word in ORDINALS and before in ("a", "the", "another"):
        return Amount(ORDINALS[word], None, place - 1, is_part=True)
    least = read_number(_at(words, place - 2)) if (before, word) == ("or", "more") else None
    return None if least is None else Amount(least, None, place - 2)


def skip_back(words: Sequence[str], start: int) -> int:
    """Where "a group of", "a total of" begins that stands before an amount, else `start`."""
    if _at(words, start - 1) != "of" or _at(words, start - 2) not in GATHERED:
        return start
    place = start - 3
    if _at(words, place) not in ("a", "an", "the", "one"):
        place -= _at(words, place - 1) in ("a", "an", "the", "one")  # "a small group of"
    return place if _at(words, place) in ("a", "an", "the", "one") else start - 2


def _at(words: Sequence[str], place: int) -> str:
    return words[place] if 0 <= place < len(words) else ""


def _read_dozen(words: Sequence[str], place: int) -> Amount:
    """A dozen is said of eleven as well."""
    one, two = _at(words, place - 1), _at(words, place - 2)
    if (one == "half" and two == "a") or (one == "a" and two == "half"):
        return Amount(5, 7, place - 2)
    if one in ("half", "half-a"):
        return Amount(5, 7, place - 1)
    number = read_number(one) or 1
    start = place - (one == "a" or read_number(one) is not None)
    return Amount(number * 10, number * 14, start)


def _read_sets(words: Sequence[str], place: int) -> Amount:
    """ "A pair of", "two pairs of"."""
    word, before = _at(words, place), _at(words, place - 1)
    size, number = SETS[word.removesuffix("s")], read_number(before)
    if word.endswith("s"):
        return Amount(size * (number or 2), None if number is None else size * number, place - (number is not None))
    is_led = before in ("a", "the", "one", "another", "this", "that")
    is_part = before in ("another", "this", "that", "the") or (number or 1) > 1
    return Amount(size, size, place - is_led, is_part=is_part)


def _read_several(words: Sequence[str], place: int) -> Amount | None:
    pair = f"{_at(words, place - 1)} {_at(words, place)}"
    for key in (pair, _at(words, place)):
        start = place - key.count(" ")
        if key in SEVERAL and _at(words, start - 1) not in WHOLE | {
            "the",
            "how",
            "so",
            "as",
            "too",
            "very",
            "that",
            "these",
        }:
            return Amount(SEVERAL[key], None, start - (_at(words, start - 1) == "a"))
    return None


def _widen(words: Sequence[str], place: int, number: int) -> Amount | None:
    """A number with what stands before it: "at least two", "no more than two", "two or three", "all three"."""
    three, two, one = (_at(words, place - k) for k in (3, 2, 1))
    if (two, one) in AT_LEAST or (two, one) in AT_MOST:
        return _read_exact(words, place, number) or _bound(place, number, (two, one), is_denied=three in ("no", "not"))
    is_aim = one == "to" and two != "up" and read_number(two) is None  # "in addition to three"
    if (one in ("or", "to", "-", "–") and not is_aim) or (one == "and" and three == "between"):
        first = read_number(two)
        is_range = first is not None and first < number
        return Amount(first, number, place - 2 - (three in ("between", "from"))) if is_range and first else None
    if one in NEARLY:
        slack = max(1, number // 4)
        return Amount(max(0, number - slack), number + slack, place - 1)
    if one == "over":
        return Amount(number + 1, None, place - 1)
    start = _find_all(words, place)
    if start is not None:
        return Amount(number, number, start, is_all=True)
    return Amount(number, number, place, is_part=one in PARTIAL)


def _read_exact(words: Sequence[str], place: int, number: int) -> Amount | None:
    """ "Neither more nor less than four", "no fewer and no more than four"."""
    is_twice = tuple(_at(words, place - k) for k in (3, 4, 6)) == ("no", "and", "no")
    is_exact = is_twice or _at(words, place - 3) == "nor"
    return Amount(number, number, place - 2 - 4 * is_twice) if is_exact else None


def _bound(place: int, number: int, bound: tuple[str, str], *, is_denied: bool) -> Amount:
    """ "At least two", "no more than two"."""
    if is_denied:
        return Amount(0, number, place - 3) if bound in AT_LEAST else Amount(number, None, place - 3)
    if bound in AT_LEAST:
        return Amount(number + AT_LEAST[bound], None, place - 2)
    return Amount(0, number - AT_MOST[bound], place - 2)


def _find_all(words: Sequence[str], place: int) -> int | None:
    """Where "all", "all of the", "each of the" begins that stands before a number."""
    start = place - 1
    if _at(words, start) == "the":
        start -= 1
        if _at(words, start) == "of":
            start -= 1
            return start if _at(words, start) in EACH else None
    return start if _at(words, start) == "all" else None
