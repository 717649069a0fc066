"""Removing from an edited caption the phrases that an edit has emptied: "a cat with | green | eyes" -> "a cat".

A modifier that is removed takes along the phrase that only carried it. What is such a phrase stands in
`agents.english.parts`; what was as bare as that in the original stays.
"""

from itertools import pairwise

from agents.backends.captions.nouns import edit_as_noun
from agents.backends.captions.removal import Edit
from agents.english import parts, words
from agents.english.grammar import (
    PREPOSITIONS,
    is_adjective,
    is_determiner,
    is_end,
    is_finite,
    is_gerund,
    is_participle,
    is_plain_word,
    phrase_start,
    starts_noun,
    word_at,
)
from agents.english.tokens import Tokens, TokenSpan, splice

LONGEST_LIST = 12
OPENS = words.ARTICLES | parts.WITH_PART | {",", "and"}


def drop_emptied(edit: Edit, original: Tokens) -> Tokens:
    """Remove the phrases whose noun stands alone now.

    Args:
        edit: how to edit; its tokens are the caption after the edits, none of them marked. Its span is not read.
        original: the tokens before all edits.
    """
    pairs = {(first.lower, second.lower) for first, second in pairwise(original)}
    tokens, k = edit.tokens, len(edit.tokens) - 1
    while k > 0:
        if _is_emptied(edit._replace(tokens=tokens), k, pairs):
            tokens = _remove(edit._replace(tokens=tokens), k)
        k = min(k, len(tokens)) - 1
    return tokens


def _is_emptied(edit: Edit, k: int, pairs: set[tuple[str, str]]) -> bool:
    """Whether the noun at `k` has lost its modifier and is one of those that need it."""
    tokens = edit.tokens
    noun, before = word_at(tokens, k), word_at(tokens, k - 1)
    if not _is_bare(tokens, k, pairs) or starts_noun(tokens, k + 1, False) or _is_told_of(tokens, k):
        return False
    if before in words.ARTICLES and phrase_start(tokens, k) != k - 1:
        return False
    opener = word_at(tokens, _opener(tokens, k - (before in words.ARTICLES)))
    if edit.is_generic and noun in parts.CLOTHING:
        return False
    if opener in ("under", "against") and before not in ("a", "an"):
        return False
    return noun in parts.EMPTIED.get(opener, ())


def _is_bare(tokens: Tokens, k: int, pairs: set[tuple[str, str]]) -> bool:
    """Whether the noun at `k` lost its modifier, or shared it: "with | brown | wings and head"."""
    if (
        word_at(tokens, k - 1) == "and"
        and word_at(tokens, k) in parts.SHARING
        and word_at(tokens, k - 2) in parts.SHARING
    ):
        return word_at(tokens, k - 3) in OPENS and _is_bare(tokens, k - 2, pairs)
    return (word_at(tokens, k - 1), word_at(tokens, k)) not in pairs


def _remove(edit: Edit, k: int) -> Tokens:
    """Remove the noun at `k` with what opened its phrase, unless that has something else to open."""
    tokens = edit.tokens
    start, end = phrase_start(tokens, k), _place_end(tokens, k)
    is_first = word_at(tokens, start - 1) in parts.WITH_PART
    if is_first and is_determiner(tokens, k + 1):
        return splice(tokens, start, k)
    after = k + 1 + (word_at(tokens, k + 1) == "," and word_at(tokens, k + 2) == "and")
    if is_first and word_at(tokens, after) == "and" and end == k and _is_item(tokens, after + 1):
        return splice(tokens, start, after)
    return edit_as_noun(edit, TokenSpan(k, end))


def _is_item(tokens: Tokens, k: int) -> bool:
    """Whether a thing begins at `k`, not a second predicate."""
    if is_determiner(tokens, k) or word_at(tokens, k) == "other":
        return True
    is_verb = is_finite(tokens, k) or is_gerund(tokens, k) or is_participle(tokens, k)
    return is_plain_word(tokens, k) and (not is_verb or starts_noun(tokens, k, False))


def _place_end(tokens: Tokens, k: int) -> int:
    """Take "behind it" and "in the background" along, which only said where the thing was."""
    last = k + 2 + (word_at(tokens, k + 2) == "the")
    if word_at(tokens, k + 1) == "in" and word_at(tokens, last) in parts.GROUNDS:
        return last
    if word_at(tokens, k + 1) not in parts.BEHIND:
        return k
    if word_at(tokens, k + 2) in parts.OBJECT_PRONOUNS:
        return k + 2
    return k + 1 if is_end(tokens, k + 2) else k


def _is_told_of(tokens: Tokens, k: int) -> bool:
    """Whether something follows that says of the noun what it is like: "with eyes | closed", "with a mane | of"."""
    after = word_at(tokens, k + 1)
    return after == "of" or is_participle(tokens, k + 1) or is_adjective(tokens, k + 1) or after in words.RELATIVES


def _opener(tokens: Tokens, start: int) -> int:
    """Find the word that opens the phrase or list in which the noun phrase at `start` stands: "with | a nose"."""
    k = start - 1
    while k > 0 and start - k < LONGEST_LIST and not is_end(tokens, k):
        if word_at(tokens, k) in parts.EMPTIED or word_at(tokens, k) in PREPOSITIONS or is_gerund(tokens, k):
            return k
        is_in_list = (
            word_at(tokens, k) in (",", "and") or is_plain_word(tokens, k) or word_at(tokens, k) in words.DETERMINERS
        )
        if not is_in_list or (k == start - 1 and word_at(tokens, k) not in (",", "and")):
            return k
        k -= 1
    return k
