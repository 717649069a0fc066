"""The choice of a wording: random but reproducible, and never one that says what must not be said."""

import random
from collections.abc import Collection, Mapping

from agents.checks.brightness import is_brightness_word
from tools.prompts.lexicon import Lexicon


class Chooser:
    """Chooses wordings for one instruction; what must not be said is passed over.

    Attributes:
        rng: the only source of chance.
    """

    def __init__(
        self,
        rng: random.Random,
        lexicon: Lexicon,
        categories: Collection[str],
        banned: Collection[str],
        *,
        is_measured: bool = False,
    ) -> None:
        """Choose with `rng`; avoid words of `categories` and the `banned` quotes.

        Args:
            is_measured: words for bright and dark may be said, for they are of what was measured.
        """
        self.rng = rng
        self._lexicon = lexicon
        self._categories = categories
        self._is_measured = is_measured
        self._banned = tuple(quote.lower() for quote in banned if quote.strip())

    def choose(self, options: Collection[str], slots: Mapping[str, str]) -> str:
        """One of the options with its slots filled, the first allowed one in a random order; empty when none is."""
        for option in self.rng.sample(list(options), len(options)):
            text = option.format_map(slots)
            if self.allows(text):
                return text
        return ""

    def allows(self, text: str) -> bool:
        """Whether nothing in a text is to be avoided."""
        lower = text.lower()
        if any(quote in lower for quote in self._banned):
            return False
        if not self._categories:
            return True
        words = self._lexicon.pack.words
        hits = self._lexicon.find(text, self._categories)
        return all(self._is_measured and is_brightness_word(hit.text, words) for hit in hits)
