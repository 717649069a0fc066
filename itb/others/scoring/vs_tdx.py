"""VS-TDX: the first character where it is a letter of an option, else how the reply begins, else a capital alone.

So "Answer: C" is A, "Absolutely, yes" is A, and a blank before "yes" leaves nothing.
"""

import re
from collections.abc import Sequence

from itb.others.scoring.rows import Asked, Figure, Judge, Read, Row, Rules, find_share, name_letter, name_rows

_ALONE = re.compile(r"\b([A-D])\b")


class VsTdx(Rules):
    """Its rules; a figure for each sensor and question type, none over all."""

    def read(self, asked: Asked, reply: str, judge: Judge | None = None) -> Read:
        """The letter or the word that the reply begins with."""
        answer = _extract(reply)
        return Read(answer or None, float(answer == asked.label), "" if answer else "no_answer")

    def say(self, asked: Asked, answers: Sequence[str]) -> str:
        """By the letter."""
        return name_letter(asked, answers)

    def add_up(self, rows: Sequence[Row]) -> tuple[Figure, ...]:
        """The share that is right of each."""
        named = name_rows(rows, lambda row: f"{row.asked.facts.get('sensor', '')}/{row.asked.task}")
        return tuple(Figure(name, find_share(mine), len(mine)) for name, mine in named.items())


def _extract(reply: str) -> str:
    """A letter, a word, or nothing."""
    begun = reply[:1].upper()
    if begun and begun in "ABCD":
        return begun
    lower = reply.lower()
    for word in ("no", "yes"):
        if lower.startswith(word):
            return word
    found = _ALONE.search(reply)
    return found[1] if found else ""
