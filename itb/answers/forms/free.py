"""Free text with references: right when the reply says one of them."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from itb.answers.reader import ReplyReader
from itb.answers.reading import NO_ANSWER, Reading
from itb.answers.yes_no import read_yes_no
from itb.records import Item

if TYPE_CHECKING:
    from itb.benchmark.ask import Question

_WORD = re.compile(r"[^\W_]+")
_SKIPPED = frozenset(
    ("a", "an", "the", "in", "on", "at", "of", "to", "is", "are", "it", "its", "there", "this", "that", "near")
)
_DENYING = frozenset(("not", "no", "never", "neither", "nor", "without", "cannot"))
LONGEST = 12
"""Words of a reply between which a reference is looked for; a longer one has to be the reference itself."""


def says_any(text: str, references: Iterable[str]) -> bool:
    """Whether a tidied reply says one of the references: its words in their order, with others around, none denying."""
    said = list_words(text)
    return any(_says(said, text, reference) for reference in references)


def list_words(text: str) -> tuple[str, ...]:
    """Words in lower case, without those that carry no meaning."""
    return tuple(word for word in _WORD.findall(text.lower()) if word not in _SKIPPED)


def _says(said: tuple[str, ...], text: str, reference: str) -> bool:
    if reference.strip().lower() in ("yes", "no"):
        return read_yes_no(text).answer == reference.strip().lower()
    wanted = list_words(reference)
    if not wanted or said == wanted:
        return bool(wanted)
    if len(said) > LONGEST or _DENYING & (set(said) - set(wanted)):
        return False
    size = len(wanted)
    return any(said[place : place + size] == wanted for place in range(len(said) - size + 1))


class Text(ReplyReader):
    """What was said, as it was said."""

    def read_strictly(self, text: str, question: "Question") -> Reading:
        """The whole reply."""
        return Reading(text) if text else NO_ANSWER

    def read(self, text: str, question: "Question") -> Reading:
        """The whole reply."""
        return Reading(text) if text else NO_ANSWER

    def is_right(self, item: Item, answer: str) -> bool:
        """It says the answer or another reference."""
        foreign = getattr(item, "foreign", None)
        return says_any(answer, (item.answer, *(foreign.references if foreign else ())))


READER = Text()
