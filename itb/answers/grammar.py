"""The one order in which a reply of any form is read: what states the answer most plainly decides.

1. The answer that is stated finally: "Final answer: D", "the answer is B", "total: 24", "so yes". A final answer beats
   an answer, an answer beats a conclusion; of final answers the last counts, of others all have to agree. What was
   weighed on the way no longer matters, but an opening label that says something else makes it ambiguous.
2. The label that opens the reply: "B. person", "Yes, ...", "5 people: 3 on the left and 2 on the right".
3. A comparison: "A is warmer than B" (forms whose answers can be compared).
4. The single mention: the only answer that is named and not denied. Two are ambiguous, none is no answer.

A form says how its answers look at each place (`Form`); the order, and the words that announce an answer, stand here
alone. Boxes, answer tags and JSON have been opened before (`itb.answers.text`).
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import NamedTuple

from itb.answers.reading import AMBIGUOUS, NO_ANSWER, Reading


class Level(IntEnum):
    """How plainly words announce an answer."""

    CONCLUSION = 1
    ANSWER = 2
    FINAL = 3


_IS = (
    r"(?:\s+(?:is|are|was|were|(?:would|must|should|will)\s+be|(?:appear|seem)s?\s+to\s+be)\b\s*:?"
    r"|\s*(?:[:=]|[=-]>))"
)
_NOUNS = r"answer|choice|option|letter|result|verdict|response|prediction|conclusion"
_FIGURES = r"total|count|number|sum|temperature|value|reading"
_STATED = rf"(?:(?:{_NOUNS})\b(?:\s+(?:to|for)\s[^.:;\n]{{0,50}}?)?|(?:{_FIGURES})\b[^.:;\n]{{0,60}}?){_IS}"
_SUBJECT = r"(?:i|we)(?:'d|'ll|\s+would|\s+will|\s+must|\s+can)?"
_CHOOSE = r"(?:go\s+(?:with|for)|choose|pick|select|opt\s+for|say|answer|conclude|guess|estimate|settle\s+on)"
_CLAUSE = (
    rf"(?:(?:there|it|this|that|they)(?:'s|\s+(?:is|are|makes?|must\s+be))|{_SUBJECT}\s+(?:count|see|have|find|{_CHOOSE})"
    r"|(?:the|this|your)?\s*(?:image|picture|photo)\s+(?:shows|contains|has))"
)
_BEHIND = re.compile(
    r"\s*\b(?:in\s+(?:total|all)|altogether|total)\b(?!\s*[:=]|\s+(?:of|is|\w+\s+is)\b)", re.IGNORECASE
)
_MARKS = {
    Level.FINAL: re.compile(rf"\b(?:final|ultimate)\s+{_STATED}|\bfinal\s*:|最终答案(?:是|为|:)?", re.IGNORECASE),
    Level.ANSWER: re.compile(
        rf"\b{_STATED}|\b(?:total|sum)(?:\s+of)?(?=\s+\S)|(?<![=<>!])=|\b{_SUBJECT}\s+{_CHOOSE}\b|\byes\s*/\s*no\s*:"
        r"|(?:正确)?(?:答案|选项)(?:是|为|:)?|(?:应该?)?选(?:择|项)?|(?:总|一)?共(?:有|计)?",
        re.IGNORECASE,
    ),
    Level.CONCLUSION: re.compile(
        rf"\b(?:so|therefore|thus|hence|consequently|altogether|overall|in\s+(?:total|all|summary|short|conclusion))\b,?"
        rf"(?:\s+{_CLAUSE})?|所以|因此",
        re.IGNORECASE,
    ),
}


class Form(ABC):
    """How the answers of one form look at the places where the grammar looks for them."""

    @abstractmethod
    def begin(self, text: str) -> Reading | None:
        """The answer that a text begins with, behind words that announced one; None where it begins with none."""

    def end(self, text: str) -> Reading | None:
        """The answer that a text ends with, before words that announced one ("5 in total")."""
        return None

    def open(self, text: str) -> Reading | None:
        """The answer that opens the whole reply and is its verdict."""
        return None

    def compare(self, text: str) -> Reading | None:
        """The answer that wins a comparison."""
        return None

    @abstractmethod
    def mention(self, text: str) -> Reading:
        """The only answer that is named and not denied."""

    def admits(self, mark: str) -> bool:
        """Whether words that announce an answer are about what was asked ("the number of cars is")."""
        return True


class Claim(NamedTuple):
    """An answer that words announce."""

    level: Level
    reading: Reading


Stage = Callable[[Form, str], Reading | None]


def read_in_order(form: Form, text: str) -> Reading:
    """What a tidied reply says, by the first stage that finds something."""
    for stage in STAGES:
        reading = stage(form, text)
        if reading is not None:
            return reading
    return NO_ANSWER


def read_final_statement(form: Form, text: str) -> Reading | None:
    """Stage 1: what is announced as the answer."""
    claims = list(_find_claims(form, text))
    if not claims:
        return None
    level = max(claim.level for claim in claims)
    stated = [claim.reading for claim in claims if claim.level == level]
    if level == Level.FINAL:
        return stated[-1]
    if len(set(stated)) > 1:
        return AMBIGUOUS
    opening = form.open(text)
    return stated[0] if opening is None or opening == stated[0] or stated[0].answer is None else AMBIGUOUS


def read_opening(form: Form, text: str) -> Reading | None:
    """Stage 2: the label that opens the reply."""
    return form.open(text)


def read_comparison(form: Form, text: str) -> Reading | None:
    """Stage 3: who wins a comparison."""
    return form.compare(text)


def read_mention(form: Form, text: str) -> Reading | None:
    """Stage 4: the only answer that is named."""
    return form.mention(text)


STAGES: tuple[Stage, ...] = (read_final_statement, read_opening, read_comparison, read_mention)
"""In the order in which they are asked."""


def _find_claims(form: Form, text: str) -> Iterator[Claim]:
    for level, pattern in _MARKS.items():
        for match in pattern.finditer(text):
            if form.admits(match[0]):
                reading = form.begin(text[match.end() :])
                if reading is not None:
                    yield Claim(level, reading)
    for match in _BEHIND.finditer(text):
        reading = form.end(text[: match.start()])
        if reading is not None:
            yield Claim(Level.ANSWER, reading)
