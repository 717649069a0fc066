"""What the edits of a caption share: the order for one, and removals that take a left-over joiner along."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from agents.english import words
from agents.english.grammar import (
    PREPOSITIONS,
    is_adjective,
    is_determiner,
    is_end,
    is_gerund,
    is_marked,
    is_participle,
    phrase_end,
    phrase_start,
    word_at,
)
from agents.english.tokens import Tokens, TokenSpan, splice
from tools.prompts.lexicon import Lexicon

COPULAS = words.FORMS_OF_BE | words.LINKING_VERBS
PLACED = frozenset({"lighting", "printed_text", "appearance"})
THINGS = frozenset({"printed_text", "artwork", "screen_content", "appearance", "lighting", "brand"})


class Edit(NamedTuple):
    """One edit to be made.

    Attributes:
        tokens: the whole caption.
        span: what has to go.
        lexicon: for the neutral nouns.
        is_generic: put a general word in the attribute's place where the grammar allows it.
        is_broad: remove the phrase around the attribute where it can be spared.
    """

    tokens: Tokens
    span: TokenSpan
    lexicon: Lexicon
    is_generic: bool = False
    is_broad: bool = False

    @property
    def category(self) -> str:
        """Category of the last attribute in the span."""
        return self.tokens[self.span.end].category

    @property
    def is_thing(self) -> bool:
        """Whether the span names a thing (a logo, graffiti), not just a quality."""
        return self.category in THINGS


EditRule = Callable[[Edit], Tokens | None]


def apply_first(edit: Edit, rules: tuple[EditRule, ...]) -> Tokens | None:
    """Apply the first rule that fits."""
    for rule in rules:
        tokens = rule(edit)
        if tokens is not None:
            return tokens
    return None


def remove_plainly(edit: Edit) -> Tokens:
    """Remove the attribute with its determiners and adjectives; the last resort."""
    return splice(edit.tokens, phrase_start(edit.tokens, edit.span.start), edit.span.end)


def remove_joined(tokens: Tokens, start: int, end: int) -> Tokens:
    """Remove `start` to `end` together with a conjunction that then joins nothing."""
    if word_at(tokens, start - 1) in words.CONJUNCTIONS:
        start -= 1
        if word_at(tokens, start - 1) == ",":
            start -= 1
    elif word_at(tokens, end + 1) in words.CONJUNCTIONS and _joins_nothing(tokens, start, end + 2):
        end += 1
    if word_at(tokens, start - 1) == "," and word_at(tokens, end + 1) == ",":
        end += 1
    return splice(tokens, start, end)


def _joins_nothing(tokens: Tokens, start: int, after: int) -> bool:
    """Whether what follows a conjunction was joined to the removed words, not to what stands before them."""
    if is_gerund(tokens, after):
        return not any(is_gerund(tokens, k) for k in range(start))
    if is_participle(tokens, after):
        return not any(is_participle(tokens, k) for k in range(start))
    if word_at(tokens, after) in PREPOSITIONS:
        return not any(word_at(tokens, k) in PREPOSITIONS for k in range(start))
    return False


def drop_clause(tokens: Tokens, start: int, end: int) -> Tokens:
    """Remove a clause; at the start of the caption with the joiner behind it."""
    if start == 0 and word_at(tokens, end + 1) in (",", "and", "but", "with"):
        end += 1
    return splice(tokens, start, end)


def place_end(tokens: Tokens, end: int) -> int:
    """Walk from `end` over the phrases that say where: "the sun shines | behind the trees"."""
    while word_at(tokens, end + 1) in PREPOSITIONS:
        end = next_place_end(tokens, end, PREPOSITIONS)
    return end


def next_place_end(tokens: Tokens, end: int, opening: Collection[str]) -> int:
    """Walk from `end` over one phrase that begins with a word of `opening`; without it, stay."""
    k = end + 1
    if word_at(tokens, k) not in opening:
        return end
    while word_at(tokens, k) in PREPOSITIONS:
        k += 1
    return noun_phrase_end(tokens, k)


def noun_phrase_end(tokens: Tokens, k: int) -> int:
    """Walk from its first token to the last one of a noun phrase; marked tokens in it go along."""
    while is_determiner(tokens, k) or is_adjective(tokens, k) or is_marked(tokens, k) or is_marked(tokens, k + 1):
        k += 1
    return k - 1 if is_end(tokens, k) else phrase_end(tokens, k)
