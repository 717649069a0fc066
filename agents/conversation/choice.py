"""Which candidate of a caption wins: the one with the best score, unless it breaks a rule in force."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from agents.checks.brightness import is_brightness_word
from tools.errors import RejectError
from tools.prompts.lexicon import Lexicon
from tools.records import Rule

Winner = Literal["any", "clean", "cleanest"]
"""What may win: `any` candidate (the paper), only a `clean` one, or the `cleanest`, which a debate can still edit."""
RULES_BROKEN = "rules_broken"
"""Code of a caption that was refused because every candidate breaks a rule in force."""


class Choice(NamedTuple):
    """How the winner is found.

    Attributes:
        rules: those in force; only what the lexicon knows of their categories can be seen to break them.
        is_measured: words for bright and dark are judged by what was measured, and not by the lexicon.
    """

    rules: Sequence[Rule]
    lexicon: Lexicon
    winner: Winner = "clean"
    is_measured: bool = False

    def find_best(self, texts: Sequence[str], scores: Sequence[float]) -> int:
        """The candidate with the fewest breaches, and of these the best score; ties go to the first.

        Raises:
            RejectError: each breaks a rule, and only a clean one may win.
        """
        order = sorted(range(len(texts)), key=lambda i: -scores[i])
        if self.winner == "any":
            return order[0]
        breaches: dict[int, tuple[str, ...]] = {}
        for place in order:
            breaches[place] = self.find_breaches(texts[place])
            if not breaches[place]:
                return place  # most are clean: the others need not be looked through
        best = min(order, key=lambda i: len(breaches[i]))
        if self.winner == "clean":
            words = ", ".join(f"“{word}”" for word in breaches[best])
            raise RejectError(RULES_BROKEN, f"every candidate breaks a rule in force, the best one with {words}")
        return best

    def find_breaches(self, text: str) -> tuple[str, ...]:
        """The words that a rule in force forbids."""
        hits = self.lexicon.find(text, {rule.category for rule in self.rules} & self.lexicon.categories.keys())
        words = self.lexicon.pack.words
        return tuple(hit.text for hit in hits if not (self.is_measured and is_brightness_word(hit.text, words)))
