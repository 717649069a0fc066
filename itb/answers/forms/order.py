"""An ordered list of known parts, the first of them the highest: "forehead > nose > chest", "1. Nose 2. Chest"."""

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

MOST = 4
"""Parts of which every order is listed."""
_RISING = re.compile(
    r"\b(?:cold|cool|low)(?:est|er)\b[^.;\n]{0,30}?\b(?:to|first)\b|\b(?:ascending|increasing|rising)\b|<",
    re.IGNORECASE,
)
_FALLING = re.compile(
    r"\b(?:hot|warm|high)(?:test|est|ter|er)\b[^.;\n]{0,30}?\b(?:to|first)\b|\b(?:descending|decreasing)\b|>",
    re.IGNORECASE,
)
_ANSWER = re.compile(r"\b(?:final\s+)?(?:answer|order|ranking|list)\b[^:\n]{0,40}?(?:\bis\b\s*:?|:)", re.IGNORECASE)


def read_order(text: str, parts: Sequence[str]) -> Reading:
    """The parts in the order in which they are named; said twice in different orders they are ambiguous."""
    announced = list(_ANSWER.finditer(text))
    said = text[announced[-1].end() :] if announced else text
    names = _find_parts(said, parts) or _find_parts(text, parts)
    if not names:
        return NO_ANSWER
    first = tuple(dict.fromkeys(names))
    last = tuple(reversed(dict.fromkeys(reversed(names))))
    if first != last:
        return AMBIGUOUS
    is_rising, is_falling = _RISING.search(text), _FALLING.search(text)
    if is_rising and is_falling:
        return AMBIGUOUS
    return Reading(join_parts(first[::-1] if is_rising else first))


def _find_parts(text: str, parts: Sequence[str]) -> list[str]:
    names = "|".join(re.escape(part) for part in sorted(parts, key=len, reverse=True))
    plain = {part.lower(): part for part in parts}
    found = re.finditer(rf"(?<![A-Za-z0-9_])({names})(?![A-Za-z0-9_])", text, re.IGNORECASE) if parts else ()
    return [plain[match[1].lower()] for match in found]


class Order(ReplyReader):
    """The options in the right order, the highest first."""

    def read_strictly(self, text: str, question: "Question") -> Reading:
        """The parts with commas between them, in brackets and quotes as may be."""
        parts = [part.strip(" \"'[]().") for part in text.split(",")]
        is_list = all(part.lower() in map(str.lower, question.options) for part in parts)
        return read_order(text, question.options) if is_list else NO_ANSWER

    def read(self, text: str, question: "Question") -> Reading:
        """In the order in which they are named."""
        return read_order(text, question.options)

    def list_candidates(self, options: Sequence[str], count_range: CountRange) -> tuple[str, ...]:
        """Every order, where the parts are few."""
        return tuple(map(join_parts, itertools.permutations(options))) if len(options) <= MOST else ()

    def find_trouble(self, item: Item) -> str:
        """An answer that does not name every part once."""
        is_good = sorted(split_parts(item.answer)) == sorted(item.options) and len(item.options) > 1
        return "" if is_good else f"the answer {item.answer!r} is no order of {list(item.options)}"


READER = Order()
