"""Removing what the modality cannot show from a caption, in several ways that leave a whole sentence (paper 3.1).

A caption becomes tokens, the lexicon's hits become marked tokens, one rule at a time edits a span of marked tokens, and
what the edits have broken is repaired. No model is involved: this is the template backend's caption filter.
"""

import random
from collections.abc import Callable, Collection
from functools import cached_property

from agents.backends.captions.edits import edit_span
from agents.backends.captions.emptied import drop_emptied
from agents.backends.captions.removal import Edit
from agents.backends.captions.repair import is_whole, repair
from agents.english import words
from agents.english.grammar import (
    PREPOSITIONS,
    find_span,
    is_end,
    is_finite,
    is_noun,
    is_plain_word,
    word_at,
)
from agents.english.tokens import Token, Tokens, TokenSpan, join, tokenise
from tools.prompts.lexicon import Lexicon

PASSES = 6
AMOUNTS = frozenset({"couple", "group", "lot", "bunch"})
LEFT_WHEN_NOTHING_IS = ("A scene", "A view", "An image")
SHORTEST = 4
PLACES = words.word_set("in on at near beside under behind inside by outside") | {"next to", "in front of", "on top of"}
NEVER_SPARED = words.word_set("of to from like up down out off for about between") | {"as well as"}


class Caption:
    """A caption, and what is to go from it."""

    def __init__(self, text: str, categories: Collection[str], lexicon: Lexicon) -> None:
        self.text = text
        self.categories = categories
        self.lexicon = lexicon

    @cached_property
    def plain(self) -> str:
        """The caption with as little removed as leaves a whole sentence; most ways begin with it."""
        return _edit(self, is_generic=False, is_broad=False)

    @cached_property
    def original(self) -> Tokens:
        """Its tokens before all edits."""
        return tokenise(self.text, (), self.lexicon)

    @cached_property
    def tokens(self) -> Tokens:
        """The tokens of `plain`."""
        return tokenise(self.plain, (), self.lexicon)


Style = Callable[[Caption], str]


def filter_caption(
    caption: str, categories: Collection[str], lexicon: Lexicon, n: int, rng: random.Random
) -> tuple[str, ...]:
    """Write `n` variants of a caption without the words of some categories.

    The first variant is the most conservative. The others differ in how they edit: they drop the phrase around a word,
    put a general word in its place, cut to the main part, say what is there, or say first where. Where a way does not
    apply to the caption, its variant equals another one. A caption without such words comes back as it is, with single
    spaces.

    Args:
        caption: any text.
        categories: ids of the lexicon; unknown ones find nothing.
        lexicon: the words to remove.
        n: how many variants, at least 1.
        rng: orders the variants after the first; nothing else is random.

    Returns:
        `n` texts, none of them empty unless the caption is.
    """
    text = " ".join(caption.split())
    if not lexicon.find(text, categories):
        return (text,) * n
    styles: list[Style] = [drop_phrases, put_general_words, cut_to_main_part, say_what_is_there, put_place_first]
    rng.shuffle(styles)
    chosen = [drop_words, *(styles[k % len(styles)] for k in range(n - 1))]
    own = Caption(text, categories, lexicon)
    made = {style: style(own) for style in dict.fromkeys(chosen[:n])}
    return tuple(made[style] for style in chosen[:n])


def drop_words(caption: Caption) -> str:
    """Remove as little as leaves a whole sentence."""
    return caption.plain


def drop_phrases(caption: Caption) -> str:
    """Remove the phrase around an attribute where the sentence can spare it."""
    return _edit(caption, is_generic=False, is_broad=True)


def put_general_words(caption: Caption) -> str:
    """Put a general word in an attribute's place where the grammar allows it."""
    return _edit(caption, is_generic=True, is_broad=False)


def cut_to_main_part(caption: Caption) -> str:
    """Remove as little as possible, then the last phrase that only says where or with what."""
    plain, tokens = caption.plain, caption.tokens
    cut = _last_spare_phrase(tokens)
    if cut is None:
        return plain
    ending = [tokens[-1]] if tokens[-1].text in (".", "!") else []
    return join(tokens[:cut] + ending)


def say_what_is_there(caption: Caption) -> str:
    """Remove as little as possible, then begin a caption without a verb with "There is"."""
    plain, tokens = caption.plain, caption.tokens
    if word_at(tokens, 0) not in ("a", "an", "two", "three", "several", "some", "many") or any(
        is_finite(tokens, k) or word_at(tokens, k) in words.RELATIVES or word_at(tokens, k) in words.CLAUSE_OPENERS
        for k in range(len(tokens))
    ):
        return plain
    if not is_plain_word(tokens, 1):
        return plain
    be = (
        "is"
        if word_at(tokens, 0) in ("a", "an")
        and not (word_at(tokens, 1) == "few" or (word_at(tokens, 1) in AMOUNTS and word_at(tokens, 2) == "of"))
        else "are"
    )
    opening = "There" if plain[:1].isupper() else "there"
    return join([Token(opening), Token(be), Token(tokens[0].lower), *tokens[1:]])


def put_place_first(caption: Caption) -> str:
    """Remove as little as possible, then begin with the phrase that says where, if it stood last."""
    plain, tokens = caption.plain, caption.tokens
    place = _last_spare_phrase(tokens)
    if place is None or word_at(tokens, place) not in PLACES or word_at(tokens, 0) not in words.DETERMINERS:
        return plain
    if any(word_at(tokens, k) in words.PRONOUNS for k in range(place, len(tokens))):
        return plain
    ending = [tokens[-1]] if tokens[-1].text in (".", "!") else []
    last = len(tokens) - len(ending)
    opening = tokens[place].text
    opening = opening[0].upper() + opening[1:] if plain[:1].isupper() else opening
    comma = Token(",", is_spaced=False)
    main = [Token(tokens[0].lower), *tokens[1:place]]
    return join([Token(opening), *tokens[place + 1 : last], comma, *main, *ending])


def _edit(caption: Caption, *, is_generic: bool, is_broad: bool) -> str:
    text, categories, lexicon = caption.text, caption.categories, caption.lexicon
    original = caption.original
    for _ in range(PASSES):
        hits = lexicon.find(text, categories)
        if not hits:
            return text
        tokens = tokenise(text, hits, lexicon)
        while (span := find_span(tokens)) is not None:
            tokens = edit_span(Edit(tokens, span, lexicon, is_generic, is_broad))
        tokens = drop_emptied(Edit(tokens, TokenSpan(0, 0), lexicon, is_generic, is_broad), original)
        tokens = repair(tokens, original)
        text = join(tokens) if is_whole(tokens) else _least(text, categories, lexicon)
    return _cut_out(text, categories, lexicon)


def _cut_out(text: str, categories: Collection[str], lexicon: Lexicon) -> str:
    """Remove whatever the rules keep bringing back, by its characters alone."""
    for _ in range(PASSES):
        for hit in reversed(lexicon.find(text, categories)):
            text = text[: hit.start] + text[hit.end :]
        text = " ".join(text.split())
    return text if any(letter.isalnum() for letter in text) else _least(text, categories, lexicon)


def _least(text: str, categories: Collection[str], lexicon: Lexicon) -> str:
    """Give the shortest whole caption, for one that says nothing but attributes."""
    clean = [phrase for phrase in LEFT_WHEN_NOTHING_IS if not lexicon.find(phrase, categories)]
    phrase = clean[0] if clean else "..."
    return (phrase if text[:1].isupper() else phrase.lower()) + ("." if text.endswith(".") else "")


def _last_spare_phrase(tokens: Tokens) -> int | None:
    """Find where the last phrase begins that can be cut off, None when the rest would be too short."""
    for k in range(len(tokens) - 2, SHORTEST - 1, -1):
        if word_at(tokens, k) in words.CONJUNCTIONS or word_at(tokens, k) in words.RELATIVES or is_end(tokens, k):
            return None
        if word_at(tokens, k) in PREPOSITIONS - NEVER_SPARED:
            return k if is_noun(tokens, k - 1) else None
    return None
