"""Several of the options at once: letters, texts, both, "all of them", or what a sentence says is not there."""

import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from itb.answers.forms.parts import join_parts, split_parts
from itb.answers.reader import CountRange, ReplyReader
from itb.answers.reading import AMBIGUOUS, NO_ANSWER, Reading
from itb.records import Item

if TYPE_CHECKING:
    from itb.benchmark.ask import Question

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST = 6
"""Options of which every choice is listed."""

_LETTER = re.compile(
    r"[(\[]\s*([A-Z])\s*[)\]]|(?<![A-Za-z0-9_'-])([A-Z])(?=\s*(?:[.,;:)&/\"'!]|$|\s(?:and|or|is|are)\s))", re.MULTILINE
)
_ALL = re.compile(r"\b(?:all\s+(?:of\s+(?:them|the\s+above|these)|four|options|objects)|all\s+the\s+options)\b", re.I)
_ABSENT = re.compile(
    r"\b(?:no|not|n't|none|neither|nor|without|absent|missing|lacks?|cannot|never|nowhere)\b|n't\b", re.IGNORECASE
)
_PRESENT = re.compile(r"\b(?:only|appears?|visible|present|shows?|there\s+(?:is|are)|contains?|see|has|have)\b", re.I)
_ASKS_ABSENT = re.compile(r"\b(?:not|absent|missing|lacking)\b|n't\b", re.IGNORECASE)
_CLAUSE = re.compile(r"[.;!?\n]+|,?\s+\b(?:but|while|whereas|however|though|although)\b")


def read_several(text: str, options: Sequence[str], question: str = "") -> Reading:
    """All options that a tidied reply chooses, in the order shown.

    Args:
        question: where it asks what is not there, "no dog and no car" chooses both.
    """
    lettered = _find_letters(text, options)
    named = _find_names(text, options, _ASKS_ABSENT.search(question) is not None)
    if lettered is None or named is None:
        return AMBIGUOUS
    if not lettered and not named:
        return Reading(join_parts(options)) if _ALL.search(text) else NO_ANSWER
    if lettered and named and not (lettered <= named or named <= lettered):
        return AMBIGUOUS
    chosen = lettered | named
    return Reading(join_parts([option for option in options if option in chosen]))


def _find_letters(text: str, options: Sequence[str]) -> set[str] | None:
    """Options whose letters stand there; None where one of them is denied."""
    chosen: set[str] = set()
    for found in _LETTER.finditer(text):
        place = LETTERS.index(found[1] or found[2])
        if re.search(r"\b(?:not|except|but)\s*[(\[]?\s*$", text[: found.start()], re.IGNORECASE):
            return None
        if place < len(options):
            chosen.add(options[place])
    return chosen


def _find_names(text: str, options: Sequence[str], asks_absent: bool) -> set[str] | None:
    """Options named by their texts; where absence is asked about, clauses that deny count, and none that affirm."""
    plain: set[str] = set()
    denied: set[str] = set()
    affirmed: set[str] = set()
    for clause in _CLAUSE.split(text):
        here = _find_in(clause, options)
        if not here:
            continue
        if _ABSENT.search(clause):
            denied |= here
        elif asks_absent and _PRESENT.search(clause):
            affirmed |= here
        else:
            plain |= here
    if not asks_absent:
        return None if denied & plain else plain
    chosen = plain | denied
    return None if chosen & affirmed else chosen


def _find_in(clause: str, options: Sequence[str]) -> set[str]:
    """Whole words, the longest name at a place: "other vehicle" is no "vehicle"."""
    order = sorted(options, key=len, reverse=True)
    names = "|".join(re.escape(option).replace(r"\ ", r"[\s-]+") for option in order)
    pattern = re.compile(rf"(?<![A-Za-z0-9_])({names})(?:e?s)?(?![A-Za-z0-9_])", re.IGNORECASE)
    plain = {re.sub(r"[\s-]+", " ", option.lower()): option for option in options}
    return {plain[re.sub(r"[\s-]+", " ", found[1].lower())] for found in pattern.finditer(clause)}


class Several(ReplyReader):
    """Several of the options; right when exactly these are chosen."""

    def read_strictly(self, text: str, question: "Question") -> Reading:
        """Letters, texts or both, with commas, blanks or "and" between them."""
        rest = text
        for option in sorted(question.options, key=len, reverse=True):
            rest = re.sub(rf"(?i)(?<!\w){re.escape(option)}(?!\w)", " ", rest)
        is_bare = not re.sub(r"\(?\b[A-Z]\b[).:]?|\band\b|[\s,;.&]", "", rest)
        return read_several(text, question.options, question.item.question) if is_bare else NO_ANSWER

    def read(self, text: str, question: "Question") -> Reading:
        """All that are chosen."""
        return read_several(text, question.options, question.item.question)

    def find_trouble(self, item: Item) -> str:
        """No answer, an answer that is no option, or an option with a comma, which parts answers."""
        if any("," in option for option in item.options):
            return f"an option has a comma: {list(item.options)}"
        parts = split_parts(item.answer)
        return "" if parts and set(parts) <= set(item.options) else f"{item.answer!r} are not of {list(item.options)}"

    def is_right(self, item: Item, answer: str) -> bool:
        """The same options."""
        return set(split_parts(answer)) == set(split_parts(item.answer))

    def list_candidates(self, options: Sequence[str], count_range: CountRange) -> tuple[str, ...]:
        """Every choice of one or more, where the options are few."""
        sizes = range(1, len(options) + 1) if len(options) <= MOST else ()
        return tuple(join_parts(chosen) for size in sizes for chosen in itertools.combinations(options, size))

    def say(self, answer: str, options: Sequence[str]) -> tuple[str, ...]:
        """By their letters."""
        return (join_parts([f"({LETTERS[options.index(part)]})" for part in split_parts(answer) if part in options]),)


READER = Several()
