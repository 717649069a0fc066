"""Removing an attribute that is said of a subject: "the bus is red" becomes "there is a bus"."""

from dataclasses import replace
from typing import NamedTuple

from agents.backends.captions.removal import (
    COPULAS,
    Edit,
    drop_clause,
    next_place_end,
    noun_phrase_end,
    place_end,
    remove_joined,
)
from agents.english import words
from agents.english.grammar import (
    PREPOSITIONS,
    attached_end,
    clause_start,
    is_adjective,
    is_determiner,
    is_end,
    is_finite,
    is_gerund,
    is_noun,
    is_participle,
    is_plain_word,
    is_possessive,
    word_at,
)
from agents.english.tokens import Token, Tokens, TokenSpan, splice

BEFORE_ATTRIBUTE = words.DEGREES | words.word_set("painted colored dyed turned also made lit either not always in a an")
NEEDS_SUBJECT = frozenset({"with", "for", "like", "of", "as well as", "such as", "from", "except"})
JOINERS = frozenset({",", ";", "and", "or", "but", "while", "as"})
MIRRORED = frozenset({"in", "on", "off", "onto", "from", "through"})
PRESENT = {"was": "is", "were": "are"}
"""What happened to a thing before the picture is past; that it is there is not."""


def remove_predicate(edit: Edit) -> Tokens | None:
    """Remove an attribute that "be", "look" or "turn" connects with its subject; None when there is no such verb."""
    verb = _find_copula(edit.tokens, edit.span.start)
    if verb is None:
        return None
    is_past_event = edit.category == "unseen"
    edit = edit._replace(span=TokenSpan(edit.span.start, _told_end(edit)))
    place = _Place(edit, verb)
    for rule in PREDICATE_RULES:
        tokens = rule(place)
        if tokens is not None:
            return tokens
    form = word_at(edit.tokens, verb)
    if is_past_event:
        form = PRESENT.get(form, form)
    return say_it_exists(edit.tokens, verb, edit.span, form)


def _told_end(edit: Edit) -> int:
    """Find the end of what only the attribute asked for: "lit | by lamps", "bought at | a shop"."""
    tokens, end = edit.tokens, edit.span.end
    last = tokens[end].lower.split()[-1]
    if edit.category not in ("colour", "") and word_at(tokens, end + 1) == "by":
        return place_end(tokens, end)
    if last in words.REFLECTIONS:
        return next_place_end(tokens, end, MIRRORED)
    is_open = edit.category == "unseen" and last in PREPOSITIONS
    return noun_phrase_end(tokens, end + 1) if is_open and not is_end(tokens, end + 1) else end


class _Place(NamedTuple):
    """An edit, and the verb that connects its span with the subject."""

    edit: Edit
    verb: int


def _put_something(place: _Place) -> Tokens | None:
    """ "There is red and white" -> "there is something"."""
    tokens, (start, end) = place.edit.tokens, place.edit.span
    is_short = word_at(tokens, place.verb) == "'s" and word_at(tokens, place.verb - 1) in ("it", "he", "she")
    if word_at(tokens, place.verb - 1) != "there" and not is_short:
        return None
    return splice(tokens, start, attached_end(tokens, end, True), ["something"])


def _keep_second_predicate(place: _Place) -> Tokens | None:
    """ "Is red and parked" -> "is parked", "is red and has wheels" -> "has wheels"."""
    tokens, (start, end) = place.edit.tokens, place.edit.span
    joiner = end + 1 + (word_at(tokens, end + 1) == "," and word_at(tokens, end + 2) in words.CONJUNCTIONS)
    after = joiner + 1
    if word_at(tokens, joiner) not in words.CONJUNCTIONS or is_end(tokens, after):
        return None
    if is_finite(tokens, after):
        return splice(tokens, place.verb, joiner)
    is_new_clause = is_determiner(tokens, after) or word_at(tokens, after) in words.PRONOUNS
    if is_new_clause or (is_plain_word(tokens, after) and not _continues_predicate(tokens, after)):
        return None
    return splice(tokens, start, joiner)


def _continues_predicate(tokens: Tokens, k: int) -> bool:
    return is_gerund(tokens, k) or is_participle(tokens, k) or is_adjective(tokens, k) or is_end(tokens, k + 1)


def _remove_dependent_clause(place: _Place) -> Tokens | None:
    """ "With the sky | being blue", "waiting for it | to turn green", "a bus | that is red"."""
    tokens, end, verb = place.edit.tokens, place.edit.span.end, place.verb
    if is_gerund(tokens, verb) and word_at(tokens, verb - 1) not in words.FORMS_OF_BE:
        return remove_joined(tokens, verb, end)
    for k in range(verb - 1, max(verb - 5, 0), -1):
        if word_at(tokens, k) == "whose":
            return remove_joined(tokens, k, end)
    if word_at(tokens, verb - 1) == "to":
        return remove_joined(tokens, verb - 1, end)
    if word_at(tokens, verb - 1) in words.CONJUNCTIONS:
        return remove_joined(tokens, verb, end)
    if word_at(tokens, verb - 1) in words.RELATIVES:
        opening = verb - 1 - (word_at(tokens, verb - 2) in (",", "of"))
        return remove_joined(tokens, opening, attached_end(tokens, end, False))
    return None


def _keep_verb(place: _Place) -> Tokens | None:
    """ "The light is green above the street" -> "the light is above the street"; generic: "the bus is visible"."""
    tokens, end, verb = place.edit.tokens, place.edit.span.end, place.verb
    after = word_at(tokens, end + 1)
    if word_at(tokens, verb) not in words.FORMS_OF_BE:
        return None
    if place.edit.is_generic and (is_end(tokens, end + 1) or after == ","):
        return splice(tokens, verb + 1, end, ["visible"])
    says_where = after in PREPOSITIONS - NEEDS_SUBJECT and not is_end(tokens, end + 2)
    if is_gerund(tokens, end + 1) or (says_where and word_at(tokens, verb - 1) not in words.UNNAMED_SUBJECTS):
        return splice(tokens, verb + 1, end)
    return None


PREDICATE_RULES = (_put_something, _keep_second_predicate, _remove_dependent_clause, _keep_verb)


def _find_copula(tokens: Tokens, start: int) -> int | None:
    k = start - 1
    while k >= 0 and word_at(tokens, k) in BEFORE_ATTRIBUTE:
        if word_at(tokens, k) in ("a", "an") and (
            tokens[start].category != "colour" or word_at(tokens, k - 1) == "there"
        ):
            return None
        if word_at(tokens, k) == "in" and word_at(tokens, k - 1) not in ("painted", "made", "colored"):
            return None
        k -= 1
    if word_at(tokens, k) == "been" and word_at(tokens, k - 1) in ("has", "have", "had"):
        return k - 1
    return k if word_at(tokens, k) in COPULAS else None


def say_it_exists(tokens: Tokens, verb: int, gone: TokenSpan, form: str) -> Tokens:
    """Say that the subject is there, now that nothing else is said of it: "the bus is red" -> "there is a bus".

    Args:
        tokens: the caption.
        verb: the verb that follows the subject.
        gone: what is no longer said, up to where the rest of the caption goes on.
        form: the verb's form, which tells number and tense.
    """
    start = clause_start(tokens, verb)
    subject = tokens[start:verb]
    if any(word_at(subject, k) in words.FORMS_OF_BE for k in range(len(subject))) and not any(
        word_at(subject, k) in words.RELATIVES for k in range(len(subject))
    ):
        return remove_joined(tokens, verb, gone.end)
    if _is_empty_subject(subject, start):
        joiner = start - 1 if word_at(tokens, start - 1) in JOINERS else start
        if joiner > 0 or not is_end(tokens, gone.end + 1):
            return drop_clause(tokens, joiner, gone.end)
        return splice(tokens, start, gone.end, ["there", "is", "something"])
    is_plural = form in ("are", "were", "look", "appear", "seem", "have") or subject[0].lower in words.COUNTS
    be = form if form in ("was", "were") else "are" if is_plural else "is"
    article = _article_of_existence(subject, is_plural)
    if article is not None:
        subject = subject[1:]
    elif start == 0 and not _is_name(subject):
        subject = [replace(subject[0], text=subject[0].lower), *subject[1:]]
    opening = ["there", be, *([article] if article else [])]
    return tokens[:start] + [Token(word) for word in opening] + subject + tokens[gone.end + 1 :]


def _is_name(subject: Tokens) -> bool:
    """Whether the subject looks like a proper name: one capitalised word alone, or two."""
    return is_noun(subject, 0) and (len(subject) == 1 or subject[1].text[0].isupper())


def _is_empty_subject(subject: Tokens, start: int) -> bool:
    """Whether the subject names nothing by itself: "it", "the other", "the rest of it"."""
    if start and any(token.lower in ("rest", "everything", "other", "others") for token in subject[:3]):
        return True
    return len(subject) <= 2 and (not subject or subject[-1].lower in words.UNNAMED_SUBJECTS)


def _article_of_existence(subject: Tokens, is_plural: bool) -> str | None:
    """Choose the article after "there is" for a subject that began with "the"; None leaves the subject as it is."""
    if subject[0].lower not in ("the", "this", "these", "that") or any(token.text == "," for token in subject):
        return None
    if is_possessive(subject, 1):
        return "the"
    head = next(
        (
            subject[k - 1].lower
            for k in range(2, len(subject))
            if subject[k].lower in PREPOSITIONS or is_gerund(subject, k)
        ),
        subject[-1].lower,
    )
    if head in words.UNIQUE_NOUNS:
        return "the"
    if is_plural or head in words.UNCOUNTED_NOUNS:
        return ""
    return "a"
