"""Counts: digits, numbers as words, "a dozen", "no pedestrians"."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from itb.answers.grammar import Form, read_in_order
from itb.answers.numerals import Found, drop_list_marks, evaluate, find_numbers, match_number, names_any
from itb.answers.reader import CountRange, ReplyReader
from itb.answers.reading import AMBIGUOUS, NO_ANSWER, OUT_OF_RANGE, Reading
from itb.answers.text import strip_ends
from itb.records import Item
from tools.inflection import is_plural

if TYPE_CHECKING:
    from itb.benchmark.ask import Question

LARGEST = 10_000
"""More than any task counts to; a benchmark that states its range is held to that."""
KINDS = tuple(
    frozenset(words.split())
    for words in (
        "person pedestrian human adult child man woman individual figure",
        "car automobile sedan",
        "truck lorry",
        "bus",
        "van",
        "bicycle bike cyclist",
        "motorcycle motorbike",
        "tractor",
        "boat ship vessel",
        "plane airplane aircraft",
        "dog",
        "pickup",
        "vehicle",
    )
)
"""Words for one kind of thing; a question about one of them is not answered by the number of another."""
_LEAD = re.compile(
    r"[\s\"'(:,~≈-]*(?:(?:there\s+(?:are|is|were|appear\s+to\s+be|seem\s+to\s+be)|it\s+is|(?:i|we)\s+(?:count|see|have)"
    r"|about|around|approximately|roughly|nearly|almost|exactly|probably|likely|clearly|only|just|a\s+total\s+of|of|the"
    r"|equal\s+to|there|为|是|有|约|大约)\s*)*",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[^.;,:(\d\n]{0,60}?(?:[:(]|\s-\s)")
_NOUN = re.compile(r"(?:\s+[a-z-]+){0,3}\s*", re.IGNORECASE)
_ADDED = re.compile(r"^[^.;:(\n]*(?:\band\b|\bplus\b|\+|&)\s*$|^\s*,\s*$")
_ONE = re.compile(r"\b(?:an?|only\s+one)\s+((?:[a-z-]+\s+){0,2}?)([a-z]+)\b", re.IGNORECASE)
_COLLECTIVES = frozenset(
    ("group", "crowd", "number", "lot", "pair", "couple", "few", "line", "row", "bunch", "series", "total")
)


class _Count(Form):
    """How counts look."""

    def __init__(self, count_range: CountRange, question: str) -> None:
        self._range = count_range
        self._asked = _find_kinds(re.findall(r"[a-z]+", question.lower()))

    def begin(self, text: str) -> Reading | None:
        """The first number, with nothing but "about", "there are" before it."""
        lead = _LEAD.match(text)
        numbers = find_numbers(text)
        if not lead or not numbers or numbers[0].start > lead.end():
            return None
        is_addend = len(numbers) > 1 and _ADDED.search(text[numbers[0].end : numbers[1].start])
        return None if is_addend or self._is_of_others(numbers) else self._read(numbers[0])

    def end(self, text: str) -> Reading | None:
        """The last number, with nothing but a noun behind it."""
        numbers = find_numbers(text)
        is_last = bool(numbers) and _NOUN.fullmatch(text, numbers[-1].end) is not None
        return self._read(numbers[-1]) if is_last and not self._is_of_others(numbers[-1:]) else None

    def open(self, text: str) -> Reading | None:
        """The total of "5 people: 3 on the left and 2 on the right"."""
        numbers = find_numbers(text)
        if len(numbers) < 2 or self._is_of_others(numbers):
            return None
        parts = _PARTS.match(text, numbers[0].end)
        closed = text.find(")", parts.end()) if parts and parts[0].endswith("(") else len(text)
        return self._read(numbers[0]) if parts and numbers[-1].start < closed else None

    def mention(self, text: str) -> Reading:
        """The one number; where some are numbers of what is counted, those of other things are left aside."""
        numbers = find_numbers(text)
        if any(self._is_asked(number) for number in numbers):
            numbers = [number for number in numbers if not self._is_other(number)]
        elif all(map(self._is_other, numbers)):
            one = self._read_one(text)
            if one.answer is not None or not numbers:
                return one
        values = {number.value for number in numbers}
        if len(values) > 1 or None in values:
            return AMBIGUOUS
        return self._read(numbers[0])

    def admits(self, mark: str) -> bool:
        """Not "the number of cars is" where people are counted, nor "I count 5 people:"."""
        if find_numbers(mark):
            return False
        kinds = _find_kinds(re.findall(r"[a-z]+", mark.lower()))
        return not (self._asked and kinds) or bool(kinds & self._asked)

    def _is_of_others(self, numbers: Sequence[Found]) -> bool:
        """Whether the first is a number of something else, and what is asked about has its own."""
        return self._is_other(numbers[0]) and any(map(self._is_asked, numbers))

    def _is_asked(self, number: Found) -> bool:
        return bool(self._asked & _find_kinds(number.noun))

    def _is_other(self, number: Found) -> bool:
        kinds = _find_kinds(number.noun)
        return bool(self._asked and kinds) and not kinds & self._asked

    def _read_one(self, text: str) -> Reading:
        """A thing in the singular: "There is a person."."""
        for adjectives, noun in _ONE.findall(text):
            kinds = _find_kinds([noun.lower()])
            is_asked = bool(kinds & self._asked) if self._asked else bool(kinds)
            if is_asked and not is_plural(noun.lower()) and not _COLLECTIVES & set(adjectives.lower().split()):
                return self._check(1.0)
        return NO_ANSWER

    def _read(self, number: Found) -> Reading:
        return AMBIGUOUS if number.value is None else self._check(number.value)

    def _check(self, value: float) -> Reading:
        least, most = self._range or (0, LARGEST)
        return Reading(str(int(value))) if value.is_integer() and least <= value <= most else OUT_OF_RANGE


def read_count_strictly(text: str, count_range: CountRange) -> Reading:
    """Digits alone, or one number as a word."""
    found = match_number(strip_ends(text))
    return _Count(count_range, "")._check(evaluate(found)) if found else NO_ANSWER


def read_count(text: str, count_range: CountRange, question: str = "") -> Reading:
    """The one count that a reply states.

    Several different numbers are ambiguous, unless one of them alone is called the answer, the count or the total,
    opens the reply as the total of parts, or is the only one of what the question counts. So are ranges and bounds
    ("3 to 5", "at least 4", "10+").
    """
    return read_in_order(_Count(count_range, question), drop_list_marks(text))


def _find_kinds(words: Sequence[str]) -> frozenset[int]:
    """Places in `KINDS` of the first word that names a kind: what a number is a number of."""
    for word in words:
        found = frozenset(place for place, nouns in enumerate(KINDS) if names_any([word], nouns))
        if found:
            return found
    return frozenset()


class Number(ReplyReader):
    """A count."""

    is_count = True
    guess = "1"

    def read_strictly(self, text: str, question: "Question") -> Reading:
        """Digits alone, or one number as a word."""
        return read_count_strictly(text, question.count_range)

    def read(self, text: str, question: "Question") -> Reading:
        """The one count that is stated."""
        return read_count(text, question.count_range, question.item.question)

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
