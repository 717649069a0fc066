"""Removing from a caption an attribute that is a noun itself, with the preposition or verb that wanted it."""

from agents.backends.captions.lists import remove_list_item
from agents.backends.captions.predicates import remove_predicate, say_it_exists
from agents.backends.captions.removal import (
    COPULAS,
    PLACED,
    Edit,
    EditRule,
    apply_first,
    drop_clause,
    place_end,
    remove_joined,
    remove_plainly,
)
from agents.english import words
from agents.english.grammar import (
    PREPOSITIONS,
    attached_end,
    is_determiner,
    is_end,
    is_finite,
    is_gerund,
    is_marked,
    is_noun,
    is_participle,
    is_plain_word,
    phrase_start,
    word_at,
)
from agents.english.tokens import SENTENCE_ENDS, Tokens, TokenSpan, splice
from tools.inflection import is_plural

PERSONS = words.word_set("man woman person men women dressed clad")


def remove_preposition_phrase(edit: Edit) -> Tokens | None:
    """Remove a phrase that had only the attribute as its noun: "a man | in red |"."""
    tokens, (start, end) = edit.tokens, edit.span
    preposition = phrase_start(tokens, start) - 1
    if word_at(tokens, preposition) not in PREPOSITIONS:
        return None
    end = attached_end(tokens, end, edit.is_thing and word_at(tokens, preposition) != "in")
    if word_at(tokens, preposition) == "with" and edit.category in PLACED:
        end = place_end(tokens, end)
    if word_at(tokens, preposition) == "of" and word_at(tokens, preposition - 1) in words.QUANTITY_NOUNS:
        return edit_as_noun(edit, TokenSpan(phrase_start(tokens, preposition - 1), end))
    while word_at(tokens, preposition - 1) in PREPOSITIONS - {"down"} and preposition > 1:
        preposition -= 1
    if edit.is_generic and word_at(tokens, preposition) == "in" and word_at(tokens, preposition - 1) in PERSONS:
        return splice(tokens, preposition + 1, end, ["clothes"])
    return _remove_with_participle(edit, preposition, end)


def _remove_with_participle(edit: Edit, preposition: int, end: int) -> Tokens:
    """Remove a phrase and the participle that asked for it: "dressed | in red |", "is made | of wood |"."""
    tokens = edit.tokens
    verb = preposition - 1
    while word_at(tokens, verb) in words.DEGREES or word_at(tokens, verb) in ("up", "out", "all"):
        verb -= 1
    if word_at(tokens, verb) not in words.GOVERNED_PARTICIPLES:
        has_degree = verb > 0 and word_at(tokens, preposition - 1) in words.DEGREES
        return remove_joined(tokens, verb + 1 if has_degree else preposition, end)
    if word_at(tokens, verb - 1) in COPULAS:
        predicate = remove_predicate(edit._replace(span=TokenSpan(verb, end)))
        if predicate is not None:
            return predicate
    return remove_joined(tokens, verb, end)


def edit_as_noun(edit: Edit, span: TokenSpan) -> Tokens:
    """Remove a span that was widened to a noun phrase ("a variety of colours"): only the rules for nouns apply."""
    widened = edit._replace(span=span)
    tokens = apply_first(widened, NOUN_RULES)
    return remove_plainly(widened) if tokens is None else tokens


def remove_object(edit: Edit) -> Tokens | None:
    """Remove a verb whose object was only the attribute: "a man | wearing red |"."""
    tokens, (start, end) = edit.tokens, edit.span
    opening = phrase_start(tokens, start)
    verb = opening - 1
    if word_at(tokens, verb) in words.FORMS_OF_BE:
        return splice(tokens, start, end, ["something"] if is_end(tokens, end + 1) and opening == start else [])
    is_main = _is_main_verb(tokens, verb, opening < start and is_marked(tokens, end))
    if verb < 1 or not (is_main or is_gerund(tokens, verb) or is_participle(tokens, verb)):
        return None
    end = attached_end(tokens, end, edit.is_thing)
    is_finite_or_being = is_main or word_at(tokens, verb - 1) in COPULAS
    if word_at(tokens, verb) in words.CLOTHING_VERBS and (edit.is_generic or is_finite_or_being):
        return splice(tokens, opening, end, ["clothes"])
    return _remove_verb(edit._replace(span=TokenSpan(verb, end)), is_main)


def _remove_verb(edit: Edit, is_main: bool) -> Tokens | None:
    """Remove a span that begins with a verb, with what can no longer stand before it."""
    tokens, (verb, end) = edit.tokens, edit.span
    before = word_at(tokens, verb - 1)
    if before in ("only", "also", "just"):
        verb, before = verb - 1, word_at(tokens, verb - 2)
        edit = edit._replace(span=TokenSpan(verb, end))
    if before in PREPOSITIONS - {"to"} and is_participle(tokens, verb):
        return edit_as_noun(edit, edit.span)
    if (is_main or before in words.RELATIVES) and word_at(tokens, end + 1) == "and" and is_finite(tokens, end + 2):
        return splice(tokens, verb, end + 1)
    if before == "to" or before in words.RELATIVES:
        return remove_joined(tokens, verb - 1, end)
    if before in COPULAS:
        return remove_predicate(edit)
    if is_main and before not in words.CONJUNCTIONS:
        return say_it_exists(tokens, verb, edit.span, "have" if word_at(tokens, verb) in words.PLAIN_VERBS else "is")
    return remove_joined(tokens, verb, end)


def _is_main_verb(tokens: Tokens, k: int, has_determiner: bool) -> bool:
    """Whether a finite verb stands at `k`, listed or, between two nouns, by its ending: "smoke | obscures | it"."""
    if is_finite(tokens, k):
        return not is_participle(tokens, k)
    word = word_at(tokens, k)
    has_ending = word.endswith("s") and not word.endswith(("ss", "'s"))
    return has_determiner and has_ending and is_plain_word(tokens, k) and is_plain_word(tokens, k - 1)


def widen_over_compound(edit: Edit) -> Tokens | None:
    """Widen a span whose noun has nouns before it, "the Apple | logo |", over these, and try the rules for nouns."""
    tokens, (start, end) = edit.tokens, edit.span
    opening = phrase_start(tokens, start)
    if tokens[end].lower not in words.ATTRIBUTE_NOUNS or not is_noun(tokens, opening - 1):
        return None
    while is_noun(tokens, opening - 1):
        opening = phrase_start(tokens, opening - 1)
    return edit_as_noun(edit, TokenSpan(opening, end)) if opening > 0 else None


def remove_subject(edit: Edit) -> Tokens | None:
    """Replace an attribute that was the subject, or let the thing after it take its place."""
    tokens, (start, end) = edit.tokens, edit.span
    opening = phrase_start(tokens, start)
    before = word_at(tokens, opening - 1)
    says_where = word_at(tokens, end + 1) in PREPOSITIONS
    if before in words.CLAUSE_OPENERS and (says_where or is_end(tokens, end + 1)):
        return drop_clause(tokens, opening - 1, place_end(tokens, end))
    if opening > 0 and before not in SENTENCE_ENDS and before not in words.CLAUSE_OPENERS:
        return None
    if says_where and not is_end(tokens, end + 2):
        return splice(tokens, opening, end + 1)
    if is_determiner(tokens, end + 1):
        return splice(tokens, opening, end)
    are_many = word_at(tokens, end + 1) in ("are", "were", "have") or is_plural(tokens[end].lower)
    return splice(tokens, start, end, [] if is_end(tokens, end + 1) else _unnamed(opening < start, are_many))


def _unnamed(has_determiner: bool, are_many: bool) -> list[str]:
    if has_determiner:
        return ["objects" if are_many else "object"]
    return ["things" if are_many else "something"]


NOUN_RULES: tuple[EditRule, ...] = (
    remove_predicate,
    remove_list_item,
    remove_preposition_phrase,
    remove_object,
    remove_subject,
)
