"""Removing from a caption one item of a list of things: "letters, numbers and dogs"."""

from agents.backends.captions.removal import Edit
from agents.english import words
from agents.english.grammar import (
    PREPOSITIONS,
    attached_end,
    is_adjective,
    is_determiner,
    is_end,
    is_finite,
    is_gerund,
    is_participle,
    is_plain_word,
    phrase_start,
    starts_clause,
    word_at,
)
from agents.english.tokens import Token, Tokens, splice


def remove_list_item(edit: Edit) -> Tokens | None:
    """Remove an attribute that is one item of a list of things: "letters, | numbers | and dogs"."""
    tokens, (start, end) = edit.tokens, edit.span
    opening = phrase_start(tokens, start)
    before = word_at(tokens, opening - 1)
    last = attached_end(tokens, end, edit.is_thing)
    if before in words.CONJUNCTIONS:
        return _remove_last_item(tokens, opening - 1, last)
    if before == "," and word_at(tokens, last + 1) == ",":
        return splice(tokens, opening, last + 1)
    if before == ",":
        return splice(tokens, opening - 1, last)
    return _remove_first_item(edit, opening)


def _remove_first_item(edit: Edit, opening: int) -> Tokens | None:
    tokens, (start, end) = edit.tokens, edit.span
    before, joiner, after = word_at(tokens, opening - 1), word_at(tokens, end + 1), end + 2
    if joiner not in ("and", "or", ",") or is_end(tokens, after) or (opening == 0 and joiner == ","):
        return None
    if before == "in" and opening == start:
        return None
    if tokens[start].lower.split()[0].endswith("ing") and is_plain_word(tokens, start - 1):
        return None  # "a mirror | reflecting the room | and a bed": the first item is the mirror
    is_verbal = is_gerund(tokens, after) or is_participle(tokens, after)
    is_phrase = is_determiner(tokens, after) or (is_plain_word(tokens, after) and not is_verbal)
    if not is_phrase or (before in PREPOSITIONS and starts_clause(tokens, after)):
        return None
    return splice(tokens, start if is_adjective(tokens, start - 1) else opening, end + 1)


def _remove_last_item(tokens: Tokens, joiner: int, end: int) -> Tokens:
    """Remove "and X" at the end of a list; a comma further left then becomes the "and"."""
    edited = splice(tokens, joiner - (word_at(tokens, joiner - 1) == ","), end)
    for k in range(joiner - 2, max(joiner - 6, 0), -1):
        is_item = is_determiner(edited, k + 1) or (is_plain_word(edited, k + 1) and not is_gerund(edited, k + 1))
        if word_at(edited, k) == "," and is_item:
            return [*edited[:k], Token("and"), *edited[k + 1 :]]
        if word_at(edited, k) in words.CONJUNCTIONS or is_finite(edited, k) or word_at(edited, k) in PREPOSITIONS:
            break
    return edited
