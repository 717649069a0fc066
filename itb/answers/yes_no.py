"""Yes or no."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from itb.answers.reader import CountRange, ReplyReader
from itb.answers.reading import AMBIGUOUS, NO_ANSWER, Reading, choose_only
from itb.answers.text import strip_ends
from itb.records import Item

if TYPE_CHECKING:
    from itb.benchmark.ask import Question

_WORDS = {"yes": "yes", "yeah": "yes", "yep": "yes", "true": "yes", "correct": "yes", "right": "yes"} | {
    "no": "no",
    "nope": "no",
    "false": "no",
    "incorrect": "no",
    "wrong": "no",
}
_ANSWER = re.compile(r"\banswer(?: is|:| would be)?[\s:\"'(]*(?:is\s+)?(yes|no)\b", re.IGNORECASE)
_BOTH = re.compile(r"\byes\s*(?:or|/|and)\s*no\b", re.IGNORECASE)
_SAYING = re.compile(r"\b(?:yes|yeah|yep|no|nope)\b", re.IGNORECASE)
_JUDGING = re.compile(
    r"\b(not |isn't |n't )?(true|correct|right|false|incorrect|wrong)\b(?! (?:of|side|half|part|hand))", re.IGNORECASE
)
_SHORT = re.compile(
    r"(?:it|they|that|this|there|he|she) (?:is|are|does|do|was|were)(n't| not)?(?: there)?", re.IGNORECASE
)
_UNMEANT = re.compile(r"\bno (?:doubt|matter|question|wonder)\b", re.IGNORECASE)


def read_yes_no_strictly(text: str) -> Reading:
    """The word alone, in any case, with or without a full stop."""
    word = strip_ends(text).lower()
    return Reading(word) if word in ("yes", "no") else NO_ANSWER


def read_yes_no(text: str) -> Reading:
    """The one verdict of a reply: `yes` and `no` as words, else "true", "not correct", "it is", "it is not".

    `no` before a noun ("no, there is no car") is a word like any other, so "yes, there is no car" is ambiguous.
    """
    text = _UNMEANT.sub(" ", text)
    marked = {found.lower() for found in _ANSWER.findall(text)}
    said = {_WORDS[found.lower()] for found in _SAYING.findall(_BOTH.sub(" ", text))}
    if said:
        opening = _read_opening(text)
        if len(marked) == 1 and opening in (None, *marked):
            return Reading(marked.pop())
        return choose_only(said)
    judged = [_judge(negation, word) for negation, word in _JUDGING.findall(text)]
    if judged:
        return choose_only(judged)
    short = _SHORT.fullmatch(strip_ends(text))
    if short:
        return Reading("no" if short[1] else "yes")
    return AMBIGUOUS if _BOTH.search(text) else NO_ANSWER


def _read_opening(text: str) -> str | None:
    first = re.match(r"\W*(\w+)", text)
    return _WORDS.get(first[1].lower()) if first else None


def _judge(negation: str, word: str) -> str:
    verdict = _WORDS[word.lower()]
    return verdict if not negation else "no" if verdict == "yes" else "yes"


class YesNo(ReplyReader):
    """Yes or no."""

    is_choice = True
    guess = "yes"

    def read_strictly(self, text: str, question: "Question") -> Reading:
        """The word alone."""
        return read_yes_no_strictly(text)

    def read(self, text: str, question: "Question") -> Reading:
        """The one verdict."""
        return read_yes_no(text)

    def find_trouble(self, item: Item) -> str:
        """Another answer."""
        return "" if item.answer in ("yes", "no") else f"the answer {item.answer!r} is neither yes nor no"

    def list_candidates(self, options: Sequence[str], count_range: CountRange) -> tuple[str, ...]:
        """Both."""
        return "yes", "no"

    def say(self, answer: str, options: Sequence[str]) -> tuple[str, ...]:
        """With either initial."""
        return answer.capitalize(), answer


READER = YesNo()
