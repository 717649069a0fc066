"""Counts: digits, numbers as words, "a dozen", "no pedestrians"."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from itb.answers.reader import CountRange, ReplyReader
from itb.answers.reading import AMBIGUOUS, NO_ANSWER, OUT_OF_RANGE, Reading
from itb.answers.text import strip_ends
from itb.records import Item

if TYPE_CHECKING:
    from itb.benchmark.ask import Question

LARGEST = 10_000
"""More than any task counts to; a benchmark that states its range is held to that."""

# fmt: off
_UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# fmt: on
_VALUES = {word: value for value, word in enumerate(_UNITS)} | {
    word: 10 * (place + 2) for place, word in enumerate(_TENS)
}
_FACTOR = rf"(?:an?|{'|'.join(_UNITS[1:])})"
_BELOW_TWENTY = "|".join(sorted(_UNITS, key=len, reverse=True))
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[\s-]+(?:{'|'.join(_UNITS[1:10])}))?|{_BELOW_TWENTY})"
_WORD = (
    rf"(?:{_FACTOR}\s+hundred(?:\s+(?:and\s+)?{_SMALL})?|hundred|half\s+a\s+dozen|(?:{_FACTOR}\s+)?dozen"
    rf"|a\s+(?:pair|couple)(?=\s+of\b)|a\s+single|{_SMALL})"
)
_NO_NOUN = r"no(?=\s+(?!doubt|idea|matter|more|less|fewer|longer|way|other|further|answer)[a-z])"
_NONE = (
    rf"(?:no\s+one|nobody|none(?!\s*-)|{_NO_NOUN}|not\s+one"
    r"|(?:not|cannot|n't)\s+(?:[a-z]+\s+)?(?:a\s+single|any))"
)
_BOUND = r"(?:(?:more|fewer|less|greater)\s+than|over|under|at\s+(?:least|most)|up\s+to|between)"
_DIGITS = r"(?<![\w.,])[-+]?\d+(?:,\d{3})*(?:\.\d+)?(?!\d)"
_PRONOUN = r"one\s+(?:of\s+(?:the|these|those|them|which)|another|by)\b"
_NUMBER = re.compile(
    rf"(?P<bound>\b{_BOUND}\s+)?"
    rf"(?:(?P<digits>{_DIGITS})(?P<glued>[^\W\d]*)"
    rf"|(?P<none>(?:\b|(?=n't)){_NONE})\b"
    rf"|\b(?!{_PRONOUN})(?P<word>{_WORD})\b)"
    rf"(?P<more>\s*\+|\s*(?:-|to|or)\s*(?=\d|{_SMALL}\b))?",
    re.IGNORECASE,
)
_ANSWER = re.compile(
    r"\b(?:answer|count|total(?: number)?|number|result)\b[^.\n]{0,60}?(?:\bis|\bare|\bof|:|=)\s*(?:there\s+are\s+)?$",
    re.IGNORECASE,
)
_ORDINAL_ENDS = ("st", "nd", "rd", "th")


class Found(NamedTuple):
    """A number in a text.

    Attributes:
        value: what it says, None when it is only a bound or an end of a range.
        is_marked: "the answer is" or the like stands before it.
    """

    value: float | None
    is_marked: bool


def read_count_strictly(text: str, count_range: tuple[int, int] | None) -> Reading:
    """Digits alone, or one number as a word."""
    bare = strip_ends(text)
    found = _NUMBER.fullmatch(bare)
    if not found or found["none"] or found["bound"] or found["more"] or found["glued"]:
        return NO_ANSWER
    return _check_range(_evaluate(found), count_range)


def read_count(text: str, count_range: tuple[int, int] | None) -> Reading:
    """The one count that a reply states.

    Several different numbers are ambiguous, unless one of them alone is called the answer, the count or the total. So
    are ranges and bounds ("3 to 5", "at least 4", "10+").
    """
    numbers = find_numbers(text)
    marked = [number for number in numbers if number.is_marked]
    if len({number.value for number in marked}) == 1:
        numbers = marked
    values = {number.value for number in numbers}
    if not values:
        return NO_ANSWER
    if len(values) > 1 or None in values:
        return AMBIGUOUS
    value = values.pop()
    return _check_range(value, count_range) if value is not None else AMBIGUOUS


def find_numbers(text: str) -> list[Found]:
    """Every number of a text, in order; ordinals ("2nd") are none."""
    return [
        Found(None if match["bound"] or match["more"] else _evaluate(match), _is_marked(text, match))
        for match in _NUMBER.finditer(text)
        if (match["glued"] or "").lower() not in _ORDINAL_ENDS
    ]


def _is_marked(text: str, match: re.Match[str]) -> bool:
    return bool(_ANSWER.search(text[max(0, match.start() - 100) : match.start()]))


def _evaluate(match: re.Match[str]) -> float:
    if match["none"]:
        return 0.0
    if match["word"]:
        return float(evaluate_words(match["word"]))
    return float(match["digits"].replace(",", ""))


def evaluate_words(words: str) -> int:
    """The value of a number in words: "twenty-one", "a hundred and five", "half a dozen", "a couple"."""
    total = last = 0
    for word in re.split(r"[\s-]+", words.lower()):
        match word:
            case "a" | "an":
                last = 1
            case "half":
                return 6
            case "pair" | "couple":
                return 2
            case "single":
                return 1
            case "dozen":
                return 12 * max(last, 1)
            case "hundred":
                total, last = 100 * max(last, 1), 0
            case "and":
                pass
            case _:
                last += _VALUES[word]
    return total + last


def _check_range(value: float, count_range: tuple[int, int] | None) -> Reading:
    least, most = count_range or (0, LARGEST)
    if not value.is_integer() or not least <= value <= most:
        return OUT_OF_RANGE
    return Reading(str(int(value)))


class Number(ReplyReader):
    """A count."""

    is_count = True
    guess = "1"

    def read_strictly(self, text: str, question: "Question") -> Reading:
        """Digits alone, or one number as a word."""
        return read_count_strictly(text, question.count_range)

    def read(self, text: str, question: "Question") -> Reading:
        """The one count that is stated."""
        return read_count(text, question.count_range)

    def find_trouble(self, item: Item) -> str:
        """Another answer than digits."""
        is_whole = item.answer.isascii() and item.answer.isdecimal()
        return "" if is_whole else f"the answer {item.answer!r} is no whole number"

    def is_right(self, item: Item, answer: str) -> bool:
        """The same number."""
        return int(answer) == int(item.answer)

    def list_candidates(self, options: Sequence[str], count_range: CountRange) -> tuple[str, ...]:
        """Every count of the stated range."""
        return tuple(str(count) for count in range(count_range[0], count_range[1] + 1)) if count_range else ()

    def order(self, answer: str) -> float:
        """By value."""
        return float(answer)


READER = Number()
