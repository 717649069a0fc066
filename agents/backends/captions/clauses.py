"""Removing from a caption what is a phrase or a clause of its own: "made of wood", "that says STOP"."""

from agents.backends.captions.predicates import remove_predicate, say_it_exists
from agents.backends.captions.removal import COPULAS, PLACED, Edit, place_end, remove_joined
from agents.english import words
from agents.english.grammar import (
    PREPOSITIONS,
    attached_end,
    is_determiner,
    is_end,
    is_finite,
    is_marked,
    is_noun,
    is_plain_word,
    phrase_end,
    starts_clause,
    starts_noun,
    word_at,
)
from agents.english.tokens import Tokens, TokenSpan, splice

OPENING_VERBS = words.word_set(
    "saying reading stating displaying showing playing reflecting casting named called labeled have having telling"
)


def remove_clause_like(edit: Edit) -> Tokens | None:
    """Remove a hit that is a phrase of its own: "made of wood", "that says STOP", "in black and white"."""
    tokens, (start, end) = edit.tokens, edit.span
    first = tokens[start].lower.split()[0]
    if not tokens[start].category or " " not in tokens[start].text or not _opens_phrase(first):
        return None
    if (
        word_at(tokens, start - 1) in COPULAS
        and first not in words.RELATIVES
        and not starts_noun(tokens, end + 1, True)
    ):
        return remove_predicate(edit)
    kept = _keep_preposition(edit, first)
    if kept is not None:
        return kept
    is_verb = first in words.THIRD_PERSON
    if word_at(tokens, start - 1) in words.RELATIVES and (is_verb or first == "have"):
        return _remove_relative_clause(edit)
    if is_verb and is_plain_word(tokens, start - 1) and not is_end(tokens, end + 1):
        return say_it_exists(tokens, start, TokenSpan(start, attached_end(tokens, end, True)), "is")
    return _remove_phrase(edit, first)


def _opens_phrase(word: str) -> bool:
    return (
        word in PREPOSITIONS
        or word in words.RELATIVES
        or word in words.GOVERNED_PARTICIPLES
        or word in words.THIRD_PERSON
        or word in OPENING_VERBS
    )


def _keep_preposition(edit: Edit, first: str) -> Tokens | None:
    """Keep the preposition for what follows: "in the dark | room", "with graffiti and | some signs"."""
    tokens, (start, end) = edit.tokens, edit.span
    if first in words.PREPOSITIONS and starts_noun(tokens, end + 1, True) and not _ends_open(tokens[start].text):
        opening = tokens[start].text.split()[:2]
        return splice(
            tokens, start, end, [word for word in opening if word.lower() in words.PREPOSITIONS | words.DETERMINERS]
        )
    if first != "with" or word_at(tokens, end + 1) not in ("and", ","):
        return None
    is_phrase = is_determiner(tokens, end + 2) or is_noun(tokens, end + 2)
    is_clean = not any(is_marked(tokens, k) for k in range(end + 2, end + 4))
    if is_phrase and is_clean and not starts_clause(tokens, end + 2):
        return splice(tokens, start, end + 1, ["with"])
    return None


def _remove_relative_clause(edit: Edit) -> Tokens:
    """Remove "that | says STOP |", or only its verb where another follows: "that | says STOP and | stands there"."""
    tokens, (start, end) = edit.tokens, edit.span
    end = attached_end(tokens, end, True)
    if word_at(tokens, end + 1) == "and" and is_finite(tokens, end + 2):
        return splice(tokens, start, end + 1)
    return remove_joined(tokens, start - 1, end)


def _remove_phrase(edit: Edit, first: str) -> Tokens:
    tokens, (start, end) = edit.tokens, edit.span
    if _ends_open(tokens[start].text):
        end = phrase_end(tokens, end)
    end = attached_end(tokens, end, True)
    if first == "with" and edit.category in PLACED:
        end = place_end(tokens, end)
    return remove_joined(tokens, start, end)


def _ends_open(text: str) -> bool:
    """Whether a hit ends in a preposition that still wants its noun: "with the words ... written in"."""
    return text.lower().split()[-1] in ("in", "on", "with", "of")
