"""One of several options: its letter, its text, or both."""

import functools
import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from itb.answers.reader import CountRange, ReplyReader
from itb.answers.reading import AMBIGUOUS, NO_ANSWER, OUT_OF_RANGE, Reading
from itb.answers.text import strip_ends
from itb.records import Item
from tools.registry import TASKS

if TYPE_CHECKING:
    from itb.benchmark.ask import Question

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MARK = (
    r"\b(?:answer|option|choice|letter)\b(?:\s+(?:is|would\s+be|must\s+be))?\s*:?\s*"
    r"(?:(?:option|letter|choice)\s+)?"
)
_LETTER_ENDS = r"(?=[\"')\].,:;!]|\s*$|\s*\n|\s+(?:which|because|as|since|-)\b)"
_MARKED_LETTER = re.compile(rf"{_MARK}[\"'(\[]*([A-Za-z]){_LETTER_ENDS}", re.IGNORECASE)
_LABEL = re.compile(r"^\W*([A-Za-z])(?:[.):,;\]]|\s*-\s|\s*$)", re.MULTILINE)
_OPENING = re.compile(r"^\W*([B-Zb-z])\s+(?=\w)")
_BRACKETED = re.compile(r"[(\[]\s*([A-Za-z])\s*[)\]]")
_ALONE = re.compile(
    r"(?<![\w'’.-])([B-HJ-Z]|A(?=\s*[.,;:!?)\"']|\s*$|\s+(?:or|and)\s+[A-Z]\b))(?![\w'’-])", re.MULTILINE
)
_NEGATION = re.compile(
    r"(?:\bnot|n't|\bno|\brather\s+than|\binstead\s+of|\bneither|\bnor|\bwithout|\bexcept(?:\s+for)?|\bunlike"
    r"|\bother\s+than|\bnever)"
    r"(?:\s+(?:be|see|seem|look|like|appear|show|contain|include|have|option|the|an?|any|shown|visible|to|of))*"
    r"\s*[\"'(]*\s*$",
    re.IGNORECASE,
)
_ABSENCE = re.compile(
    r"^[\"')]*\s*(?:(?:is|are|was|were)\s+(?:not|missing|absent|nowhere)|(?:is|are)n't|does\s+not|doesn't|do\s+not|don't"
    r"|cannot|can't|missing|absent)\b",
    re.IGNORECASE,
)
_REACH = 100
_CONCLUSION = re.compile(rf"{_MARK}[\"'(]*(?:the\s+|an?\s+)?$", re.IGNORECASE)


def read_option_strictly(text: str, options: Sequence[str]) -> Reading:
    """The letter, the option's text, or the letter and then the text; nothing else."""
    bare = strip_ends(text)
    for letter, option in zip(_LETTERS, options, strict=False):
        both = rf"{letter}(?:\s*[.):,-]+\s*|\s+){re.escape(option)}"
        if bare.upper() == letter or re.fullmatch(rf"{both}|{re.escape(option)}", bare, re.IGNORECASE):
            return Reading(option)
    is_letter = re.fullmatch(r"[A-Za-z]", bare) is not None
    return OUT_OF_RANGE if is_letter else NO_ANSWER


def read_option(text: str, options: Sequence[str], *, asks_absent: bool = False) -> Reading:
    """The one option that a reply chooses.

    Args:
        text: the reply.
        options: in the order they were shown.
        asks_absent: the question asks what is not there, so that "there is no dog" chooses the dog.
    """
    spans = _find_texts(text, tuple(options))
    letters, strays = _find_letters(text, len(options))
    named = _choose_texts(text, spans, asks_absent)
    if len(letters) == 1:
        chosen = options[letters.pop()]
        return Reading(chosen) if not named or chosen in named else AMBIGUOUS
    if letters:
        return AMBIGUOUS
    if len(named) > 1:
        named = {option for option, match in spans if _CONCLUSION.search(_look_back(text, match.start()))}
        return Reading(named.pop()) if len(named) == 1 else AMBIGUOUS
    if named:
        return Reading(named.pop()) if not strays else AMBIGUOUS
    return OUT_OF_RANGE if strays else NO_ANSWER


def _find_letters(text: str, count: int) -> tuple[set[int], bool]:
    """Places of the letters that are meant as such, and whether a letter beyond the options is among them."""
    for pattern in (_MARKED_LETTER, _LABEL, _OPENING, _BRACKETED, _ALONE):
        places = _place_letters(pattern, text)
        inside = {place for place in places if place < count}
        if inside:
            rivals = _find_label(text) if pattern is _MARKED_LETTER else _place_letters(_ALONE, text)
            return inside | {place for place in rivals if place < count}, False
        if places and pattern is not _OPENING:
            return set(), True
    return set(), False


def _place_letters(pattern: re.Pattern[str], text: str) -> set[int]:
    matches = (match for match in pattern.finditer(text) if not _NEGATION.search(_look_back(text, match.start(1))))
    return {_LETTERS.index(match[1].upper()) for match in matches}


def _find_label(text: str) -> set[int]:
    """The label that opens the reply, unless the reply first repeats the list of options."""
    labels = {match[1].upper() for match in _LABEL.finditer(text)}
    return {_LETTERS.index(labels.pop())} if len(labels) == 1 and _LABEL.match(text) else set()


def _choose_texts(text: str, spans: Iterable[tuple[str, re.Match[str]]], asks_absent: bool) -> set[str]:
    denied: set[str] = set()
    said: set[str] = set()
    for option, match in spans:
        is_denied = bool(_NEGATION.search(_look_back(text, match.start())) or _ABSENCE.search(text[match.end() :]))
        (denied if is_denied else said).add(option)
    if asks_absent:
        return denied or said
    return said


def _look_back(text: str, end: int) -> str:
    return text[max(0, end - _REACH) : end]


def _find_texts(text: str, options: tuple[str, ...]) -> list[tuple[str, re.Match[str]]]:
    """Where each option is named as whole words, in singular or plural; the longest name at a place counts."""
    pattern = _compile_names(options)
    return [(options[int(str(match.lastgroup)[1:])], match) for match in pattern.finditer(text)]


@functools.lru_cache(maxsize=4096)
def _compile_names(options: tuple[str, ...]) -> re.Pattern[str]:
    order = sorted(range(len(options)), key=lambda place: -len(options[place]))
    names = "|".join(f"(?P<o{place}>{re.escape(options[place])})" for place in order)
    return re.compile(rf"(?<!\w)(?:{names})(?:e?s)?(?!\w)", re.IGNORECASE)


class Option(ReplyReader):
    """One of several options."""

    is_choice = True

    def read_strictly(self, text: str, question: "Question") -> Reading:
        """Letter, text, or both."""
        return read_option_strictly(text, question.options)

    def read(self, text: str, question: "Question") -> Reading:
        """The one option that is chosen."""
        return read_option(text, question.options, asks_absent=TASKS.load(question.item.task).asks_absent)

    def find_trouble(self, item: Item) -> str:
        """Options that are too few, alike, or lack the answer."""
        if len(set(item.options)) < max(2, len(item.options)):
            return f"needs two or more different options, has {list(item.options)}"
        return "" if item.answer in item.options else f"the answer {item.answer!r} is none of {list(item.options)}"

    def list_candidates(self, options: Sequence[str], count_range: CountRange) -> tuple[str, ...]:
        """The options."""
        return tuple(options)

    def say(self, answer: str, options: Sequence[str]) -> tuple[str, ...]:
        """By the letter."""
        return (_LETTERS[options.index(answer)],)


READER = Option()
