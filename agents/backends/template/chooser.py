"""The choice of a wording: random but reproducible, and never one that says what must not be said."""

import random
from collections.abc import Collection, Mapping

from tools.prompts.lexicon import Lexicon


class Chooser:
    """Chooses wordings for one instruction; what must not be said is passed over.

    Attributes:
        rng: the only source of chance.
    """

    def __init__(
        self, rng: random.Random, lexicon: Lexicon, categories: Collection[str], banned: Collection[str]
    ) -> None:
        """Choose with `rng`; avoid words of `categories` and the `banned` quotes."""
        self.rng = rng
        self._lexicon = lexicon
        self._categories = categories
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
        return not self._categories or not self._lexicon.find(text, self._categories)
