"""Making an edited caption whole again: articles, joiners, punctuation, the first letter and the final stop.

Only places next to an edit can have broken, and only those are touched: two neighbours that already stood side by side
in the original stay as they are.
"""

from dataclasses import replace
from itertools import pairwise

from agents.english import words
from agents.english.grammar import (
    PREPOSITIONS,
    is_end,
    is_plain_word,
    starts_noun,
    word_at,
)
from agents.english.tokens import SENTENCE_ENDS, Token, Tokens, splice
from tools.inflection import choose_article, pluralise

Pairs = set[tuple[str, str]]

DANGLING = (
    words.ARTICLES
    | words.CONJUNCTIONS
    | words.word_set(", - with of in at from to by for as into while his her its their very that which is are")
)
NEVER_FIRST = words.CONJUNCTIONS | words.word_set(", . ; : ! ? - of that which")
BREAKS_ARTICLE = PREPOSITIONS | words.CONJUNCTIONS | words.ARTICLES | words.FORMS_OF_BE | {","}
BREAKS_PREPOSITION = words.word_set(", and or that which is are")
LEFT_OVER_COUNTS = words.COUNTS | words.word_set("one all some both and another half the other")
BRACKETS = {"(": ")", "[": "]", '"': '"', "“": "”"}


def repair(tokens: Tokens, original: Tokens) -> Tokens:
    """Repair an edited caption.

    Args:
        tokens: after all edits, none of them marked.
        original: the tokens before all edits.
    """
    pairs = {(first.lower, second.lower) for first, second in pairwise(original)}
    tokens = _drop_lost_commas(tokens, original)
    tokens = _drop_broken_joiners(tokens, pairs)
    tokens = _merge_twins(tokens, pairs)
    tokens = _drop_left_over_counts(tokens, pairs)
    tokens = _fix_articles(tokens, pairs)
    return _fix_ends(tokens, original)


def is_whole(tokens: Tokens) -> bool:
    """Whether something is left that can stand as a caption: at least one word that names or says something."""
    return any(is_plain_word(tokens, k) or word_at(tokens, k) in ("something", "someone") for k in range(len(tokens)))


def _drop_lost_commas(tokens: Tokens, original: Tokens) -> Tokens:
    """Remove a comma that now parts a subject from its verb: "a cat, | sits"."""
    lower = [token.lower for token in original]
    places = set(zip(lower, lower[1:], lower[2:], strict=False))
    k = 1
    while k < len(tokens) - 1:
        is_new = (word_at(tokens, k - 1), word_at(tokens, k), word_at(tokens, k + 1)) not in places
        is_verb = word_at(tokens, k + 1) in words.FORMS_OF_BE or word_at(tokens, k + 1) in words.THIRD_PERSON
        is_lost = word_at(tokens, k) == "," and is_new and is_verb and is_plain_word(tokens, k - 1)
        tokens, k = (splice(tokens, k, k), k) if is_lost else (tokens, k + 1)
    return tokens


def _drop_broken_joiners(tokens: Tokens, pairs: Pairs) -> Tokens:
    k = 0
    while k < len(tokens):
        first, second = word_at(tokens, k), word_at(tokens, k + 1)
        if (first, second) in pairs or not first:
            k += 1
        elif first in BRACKETS and BRACKETS[first] == second:
            tokens, k = splice(tokens, k, k + 1), max(0, k - 1)
        elif _breaks(first, second) or (is_end(tokens, k + 1) and first in DANGLING):
            tokens, k = splice(tokens, k, k), max(0, k - 1)
        elif _repeats(first, second):
            tokens = splice(tokens, k + 1, k + 1)
        else:
            k += 1
    return tokens


def _breaks(first: str, second: str) -> bool:
    """Whether `first` can no longer stand before `second`."""
    if first in words.ARTICLES:
        return second in BREAKS_ARTICLE
    if first == ",":
        return second in (",", *SENTENCE_ENDS)
    if first in words.CONJUNCTIONS:
        return second in SENTENCE_ENDS
    return first in ("with", "of", "in", "from", "wearing") and second in BREAKS_PREPOSITION


def _repeats(first: str, second: str) -> bool:
    """Whether `second` has nothing left to join or end."""
    if first in words.CONJUNCTIONS:
        return second == "," or second in words.CONJUNCTIONS
    return first in SENTENCE_ENDS and second in (",", ".")


def _merge_twins(tokens: Tokens, pairs: Pairs) -> Tokens:
    """Merge what became equal: "a bus and a bus" -> "two buses", "chairs and chairs" -> "chairs"."""
    k = 1
    while k < len(tokens) - 1:
        merged = None
        if word_at(tokens, k) in ("and", "or"):
            merged = _merge_singular(tokens, k, pairs) or _merge_plural(tokens, k, pairs)
        tokens, k = (merged, max(1, k - 3)) if merged else (tokens, k + 1)
    return tokens


def _merge_singular(tokens: Tokens, k: int, pairs: Pairs) -> Tokens | None:
    noun = word_at(tokens, k - 1)
    if not is_plain_word(tokens, k - 1) or noun != word_at(tokens, k + 2) or starts_noun(tokens, k + 3, False):
        return None
    first, second = word_at(tokens, k - 2), word_at(tokens, k + 1)
    if (first, noun) in pairs and (second, noun) in pairs:
        return None
    plural = pluralise(tokens[k - 1].text)
    if first in ("a", "an", "one") and second in ("a", "an", "one", "another"):
        is_in_list = word_at(tokens, k - 3) == "," and is_plain_word(tokens, k - 4)
        joiner = ["and"] if is_in_list else []
        return splice(tokens, k - 2 - is_in_list, k + 2, [*joiner, "two", plural])
    if first == second and first in ("the", *words.POSSESSIVES):
        return splice(tokens, k - 2, k + 2, [first, noun if noun in words.UNCOUNTED_NOUNS else plural])
    return None


def _merge_plural(tokens: Tokens, k: int, pairs: Pairs) -> Tokens | None:
    noun, joiner = word_at(tokens, k - 1), word_at(tokens, k)
    if not is_plain_word(tokens, k - 1) or noun != word_at(tokens, k + 1) or starts_noun(tokens, k + 2, False):
        return None
    return None if {(noun, joiner), (joiner, noun)} <= pairs else splice(tokens, k, k + 1)


def _drop_left_over_counts(tokens: Tokens, pairs: Pairs) -> Tokens:
    """Remove a count that nothing follows any more: "two bears, one and one." -> "two bears."."""
    end = len(tokens) - (word_at(tokens, len(tokens) - 1) in SENTENCE_ENDS)
    start = end
    while start > 0 and word_at(tokens, start - 1) in LEFT_OVER_COUNTS:
        start -= 1
    if start < 2 or start == end or (word_at(tokens, end - 1), word_at(tokens, end)) in pairs:
        return tokens
    if word_at(tokens, start - 1) in (",", "including"):
        return tokens[: start - 1] + tokens[end:]
    return tokens[:start] + tokens[end:] if word_at(tokens, start) == "and" else tokens


def _fix_articles(tokens: Tokens, pairs: Pairs) -> Tokens:
    """Make "a" and "an" agree with a word that an edit has put behind them."""
    fixed = list(tokens)
    for k, (token, following) in enumerate(pairwise(tokens)):
        if token.lower in ("a", "an") and (token.lower, following.lower) not in pairs and following.text[0].isalpha():
            article = choose_article(following.text)
            fixed[k] = replace(token, text=article.capitalize() if token.text[0].isupper() else article)
    return fixed


def _fix_ends(tokens: Tokens, original: Tokens) -> Tokens:
    """Begin and end as the original did: its first letter's case, its final stop."""
    first = original[0]
    while tokens and tokens[0] != first and not _may_begin(tokens[0]):
        tokens = tokens[1:]
    if not tokens:
        return []
    opening = tokens[0].text
    if first.text[0].isupper() and opening[0].islower():
        tokens = [replace(tokens[0], text=opening[0].upper() + opening[1:]), *tokens[1:]]
    if original[-1].text == "." and tokens[-1].text not in (".", "!", "?"):
        tokens = [*tokens, Token(".", is_spaced=False)]
    return tokens


def _may_begin(token: Token) -> bool:
    return token.lower not in NEVER_FIRST and (token.text[0].isalnum() or token.text in BRACKETS or len(token.text) > 1)
