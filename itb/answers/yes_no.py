"""Yes or no."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from itb.answers.grammar import Form, read_in_order
from itb.answers.reader import CountRange, ReplyReader
from itb.answers.reading import AMBIGUOUS, NO_ANSWER, Reading, choose_only
from itb.answers.text import strip_ends
from itb.records import Item

if TYPE_CHECKING:
    from itb.benchmark.ask import Question

_YES = ("yes", "yeah", "yep", "y", "true", "correct", "right", "indeed")
_SURELY = ("absolutely", "certainly", "definitely", "of course")
"""Yes, and before "not" no more than its stress."""
_NO = ("no", "nope", "n", "false", "incorrect", "wrong", "negative")
_CHINESE = {"是的": "yes", "是": "yes", "对": "yes", "有": "yes"} | {
    "不是": "no",
    "不对": "no",
    "否": "no",
    "没有": "no",
    "不": "no",
}
_WORDS = dict.fromkeys(_YES, "yes") | dict.fromkeys(_NO, "no") | _CHINESE
_VERDICT = (
    rf"(?:(?P<denial>not\s+)?\b(?P<word>{'|'.join(sorted((*_YES, *_NO), key=len, reverse=True))})\b(?!['-]\w)"
    rf"|(?P<sure>{'|'.join(_SURELY)})\b(?P<not>\s+not\b)?"
    rf"|(?P<han>{'|'.join(sorted(_CHINESE, key=len, reverse=True))})(?=\W|$))"
)
_LEAD = r"[\s\"'(\[:,-]*(?:(?:is|it\s+is|that|likely|most|probably|clearly|simply|a|an|the|answer|still)\s+)*[\"'(\[]*"
_BEGINNING = re.compile(rf"{_LEAD}{_VERDICT}(?!\s+(?:of|side|half|part|hand|or|and)\b)", re.IGNORECASE)
_OPENING = re.compile(rf"[\s\"'(\[]*{_VERDICT}\s*(?:[.,;:!)\]\"'\n-]|$)", re.IGNORECASE)
_OPENING_AGAINST = {
    "yes": re.compile(
        r"[\s.,;:!-]*(?:there\s+(?:is|are)\s+no|(?:it|they|that|he|she|there)\s+(?:is|are|does|do)(?:n't|\s+not)|no\b(?!\s+[a-z])"
        r"|not\b)",
        re.IGNORECASE,
    ),
    "no": re.compile(
        r"[\s.,;:!-]*(?:yes\b|(?:it|they|that|he|she|there)\s+(?:is|are|does|do)\s*(?:[.!]|$))", re.IGNORECASE
    ),
}
_ALONE = re.compile(r"(?:^|[.!?;\n])[\s\"'(]*(yes|no)(?=\s*(?:[.,!;\n)\"']|$))", re.IGNORECASE)
_BOTH = re.compile(r"\byes\s*(?:or|/|and)\s*no\b", re.IGNORECASE)
_CHOICE = re.compile(r"\byes\s*(?:or|/)\s*no\b\s*(?:[?:]\s*(?=\w))", re.IGNORECASE)
_SAYING = re.compile(r"\b(?:yes|yeah|yep|no|nope)\b", re.IGNORECASE)
_JUDGING = re.compile(
    r"\b(not |isn't |n't )?(true|correct|right|false|incorrect|wrong)\b(?! (?:of|side|half|part|hand))", re.IGNORECASE
)
_SIDE = re.compile(r"\b(?:to|on|at|from|the|its|far|upper|lower)\s+(?:the\s+)?right\b|\bright\s+of\b", re.IGNORECASE)
_SHORT = re.compile(
    r"(?:it|they|that|this|there|he|she) (?:is|are|does|do|was|were)(n't| not)?(?: there)?", re.IGNORECASE
)
_SO = re.compile(r"\b(not|n't)?\s*\b(?:appear|seem|think|believe|say|suppose|guess|look)s?\s+so\b", re.IGNORECASE)
_DENYING = re.compile(
    r"\b(?:is|are|was|were|does|do|did|can|could)(?:\s+not\b|n't\b)|\bcannot\b|^\W*not\s+\w+", re.IGNORECASE
)
_UNSURE = re.compile(r"\bnot\s+(?:sure|certain|clear|known|enough|(?:possible|easy)\s+to)\b", re.IGNORECASE)
_UNMEANT = re.compile(r"\bno (?:doubt|matter|question|wonder|other|problem)\b", re.IGNORECASE)
_DIRECTIONS = re.compile(r"\b(?:left|right|above|below|over|under|behind|front|inside|outside)\b", re.IGNORECASE)


def read_yes_no_strictly(text: str) -> Reading:
    """The word alone, in any case, with or without a full stop."""
    word = strip_ends(text).lower()
    return Reading(word) if word in ("yes", "no") else NO_ANSWER


def read_yes_no(text: str, question: str = "") -> Reading:
    """The one verdict of a reply: `yes` and `no` as words, else "true", "not correct", "it is", "it is not".

    `no` before a noun ("no, there is no car") is a word like any other, so "yes, there is no car" is ambiguous.
    """
    return read_in_order(_Verdict(question), _CHOICE.sub(" Answer: ", _UNMEANT.sub(" ", text)).strip())


class _Verdict(Form):
    """How verdicts look."""

    def __init__(self, question: str) -> None:
        self._asked = {found.lower() for found in _DIRECTIONS.findall(question)}

    def begin(self, text: str) -> Reading | None:
        """The verdict that follows."""
        found = _BEGINNING.match(text)
        return Reading(_judge(found)) if found else None

    def open(self, text: str) -> Reading | None:
        """The verdict that opens the reply, unless the same breath or a later sentence says the opposite."""
        found = _OPENING.match(text)
        if not found:
            return None
        verdict = _judge(found)
        end = max(found.end(name) for name in ("word", "sure", "not", "han"))
        later = {word.lower() for word in _ALONE.findall(text[end:])}
        is_against = _OPENING_AGAINST[verdict].match(text, end) or later - {verdict}
        return AMBIGUOUS if is_against else Reading(verdict)

    def mention(self, text: str) -> Reading:
        """The verdict that is said anywhere, is judged, is short for one, or is a denial of what was asked."""
        said = {_WORDS[found.lower()] for found in _SAYING.findall(_BOTH.sub(" ", text))}
        if said:
            return choose_only(said)
        judged = [
            _turn(_WORDS[word.lower()], bool(negation)) for negation, word in _JUDGING.findall(_SIDE.sub(" ", text))
        ]
        if judged:
            return choose_only(judged)
        so = [_turn("yes", bool(negation)) for negation in _SO.findall(_spell_out(text))]
        if so:
            return choose_only(so)
        short = _SHORT.fullmatch(strip_ends(text))
        if short:
            return Reading("no" if short[1] else "yes")
        if _BOTH.search(text):
            return AMBIGUOUS
        return self._read_denial(text)

    def _read_denial(self, text: str) -> Reading:
        """ "The person is not on the left.": no, unless another direction was asked about."""
        if not _DENYING.search(text) or _UNSURE.search(text):
            return NO_ANSWER
        said = {found.lower() for found in _DIRECTIONS.findall(text)}
        return AMBIGUOUS if self._asked and said and not said & self._asked else Reading("no")


def _judge(found: re.Match[str]) -> str:
    verdict = "yes" if found["sure"] else _WORDS[(found["word"] or found["han"]).lower()]
    return _turn(verdict, bool(found["denial"] or found["not"]))


def _turn(verdict: str, is_denied: bool) -> str:
    return verdict if not is_denied else "no" if verdict == "yes" else "yes"


def _spell_out(text: str) -> str:
    """ "I don't think so" with the denial right before its verb."""
    return re.sub(r"(?:n't|\bnot)\s+(?:really\s+)?(?=\w+\s+so\b)", " not ", text)


class YesNo(ReplyReader):
    """Yes or no."""

    is_choice = True
    guess = "yes"

    def read_strictly(self, text: str, question: "Question") -> Reading:
        """The word alone."""
        return read_yes_no_strictly(text)

    def read(self, text: str, question: "Question") -> Reading:
        """The one verdict."""
        return read_yes_no(text, question.item.question)

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
