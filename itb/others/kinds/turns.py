"""Questions out of dialogues: each turn of a user and its answer, read by what form the answer has.

"Yes, there is." answers yes or no, "There are two people." to "How many ...?" a number; all else is free text, with the
whole answer as its reference.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from itb.answers.numbers import read_count
from itb.answers.text import tidy_reply
from itb.answers.yes_no import read_yes_no

_IMAGE = re.compile(r"\s*<image>\s*")
_POLAR = re.compile(
    r"(?:is|are|was|were|do|does|did|can|could|has|have|will|would)\b(?!.*\bor\b)", re.IGNORECASE | re.DOTALL
)
_COUNTS = re.compile(r"how many\b", re.IGNORECASE)
_SAYS = re.compile(r"(?:yes|no)\b", re.IGNORECASE)


class Turn(NamedTuple):
    """A question, its answer as it was written, and the answer in the writing of its form."""

    question: str
    said: str
    form: str
    answer: str


def split_turns(dialogue: Sequence[tuple[bool, str]]) -> Iterator[Turn]:
    """The turns of a dialogue.

    Args:
        dialogue: whether the user speaks, and what is said, in turn.

    Raises:
        ValueError: the two do not take turns, the user first.
    """
    if [is_user for is_user, _ in dialogue] != [place % 2 == 0 for place in range(len(dialogue))]:
        raise ValueError("user and assistant do not take turns")
    for (_, asked), (_, said) in zip(dialogue[::2], dialogue[1::2], strict=False):
        question = _IMAGE.sub("\n", asked).strip()
        yield Turn(question, said.strip(), *find_form(question, said.strip()))


def find_form(question: str, said: str) -> tuple[str, str]:
    """How an answer is read, and what it says in that form."""
    text = tidy_reply(said)
    is_bare = text.strip(" .").lower() in ("yes", "no")
    if is_bare or (_POLAR.match(question) and _SAYS.match(text)):
        reading = read_yes_no(text, question)
        if reading.answer:
            return "yes_no", reading.answer
    if text.strip(" .").isdecimal() or _COUNTS.match(question):
        reading = read_count(text, None, question)
        if reading.answer:
            return "number", reading.answer
    return "text", said
