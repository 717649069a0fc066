"""Removing one run of attributes from a caption so that a whole sentence stays.

Each rule looks at what stands around the run and returns the edited tokens, or None when it is not the one for this
place. They are tried in the order of `RULES`; where none fits, the attribute goes with its article. Every rule removes
at least one marked token.
"""

from agents.backends import caption_words as words
from agents.backends.caption_grammar import (
    PREPOSITIONS,
    at,
    attached_end,
    is_adjective,
    is_determiner,
    is_end,
    is_finite,
    is_gerund,
    is_marked,
    is_noun,
    is_participle,
    is_plain_word,
    is_possessive,
    phrase_end,
    phrase_start,
    pluralise,
    starts_noun,
)
from agents.backends.caption_predicates import remove_predicate, say_it_exists
from agents.backends.caption_removal import (
    COPULAS,
    Edit,
    EditRule,
    apply_first,
    drop_clause,
    place_end,
    remove_joined,
    remove_plainly,
)
from agents.backends.caption_tokens import SENTENCE_ENDS, Run, Token, Tokens, splice

SPARED_AFTER = frozenset(
    {"with", "in", "on", "near", "by", "beside", "next to", "behind", "under", "in front of", "wearing", "holding"}
)
OPENING_VERBS = words.word_set(
    "saying reading stating displaying showing playing reflecting casting named called labeled have having telling"
)
PLACED = frozenset({"lighting", "printed_text", "appearance"})
MARKUP = frozenset("<>{}[]#$%=*|\\~^_@")
PERSONS = words.word_set("man woman person men women dressed clad")


def edit_run(edit: Edit) -> Tokens:
    """Remove the run by the first rule that fits."""
    edit = edit._replace(run=_take_object(edit.tokens, edit.run))
    tokens = apply_first(edit, RULES)
    return remove_plainly(edit) if tokens is None else tokens


def _take_object(tokens: Tokens, run: Run) -> Run:
    """Widen a run that ends in a transitive verb over its object: "reflecting | the room"."""
    verb = tokens[run.end].lower
    if verb not in words.TRANSITIVE_ATTRIBUTES or not is_determiner(tokens, run.end + 1):
        return run
    k = run.end + 1
    while is_determiner(tokens, k + 1) or is_adjective(tokens, k + 1):
        k += 1
    return Run(run.start, phrase_end(tokens, k))


def _remove_clause_like(edit: Edit) -> Tokens | None:
    """Remove a hit that is a phrase of its own: "made of wood", "that says STOP", "in black and white"."""
    tokens, (start, end) = edit.tokens, edit.run
    first = tokens[start].lower.split()[0]
    if not tokens[start].category or " " not in tokens[start].text or not _opens_phrase(first):
        return None
    if at(tokens, start - 1) in COPULAS and first not in words.RELATIVES and not starts_noun(tokens, end + 1, True):
        return remove_predicate(edit)
    kept = _keep_preposition(edit, first)
    if kept is not None:
        return kept
    if at(tokens, start - 1) in words.RELATIVES and (first in words.THIRD_PERSON or first == "have"):
        end = attached_end(tokens, end, True)
        if at(tokens, end + 1) == "and" and is_finite(tokens, end + 2):
            return splice(tokens, start, end + 1)
        start -= 1
    elif first in words.THIRD_PERSON and is_plain_word(tokens, start - 1) and not is_end(tokens, end + 1):
        return say_it_exists(tokens, start, Run(start, attached_end(tokens, end, True)), "is")
    if _ends_open(tokens[start].text):
        end = phrase_end(tokens, end)
    end = attached_end(tokens, end, True)
    if first == "with" and edit.category in PLACED:
        end = place_end(tokens, end)
    return remove_joined(tokens, start, end)


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
    tokens, (start, end) = edit.tokens, edit.run
    if first in words.PREPOSITIONS and starts_noun(tokens, end + 1, True) and not _ends_open(tokens[start].text):
        opening = tokens[start].text.split()[:2]
        return splice(
            tokens, start, end, [word for word in opening if word.lower() in words.PREPOSITIONS | words.DETERMINERS]
        )
    if first != "with" or at(tokens, end + 1) not in ("and", ","):
        return None
    is_phrase = is_determiner(tokens, end + 2) or is_noun(tokens, end + 2)
    is_clean = not any(is_marked(tokens, k) for k in range(end + 2, end + 4))
    if is_phrase and is_clean and not _starts_clause(tokens, end + 2):
        return splice(tokens, start, end + 1, ["with"])
    return None


def _ends_open(text: str) -> bool:
    """Whether a hit ends in a preposition that still wants its noun: "with the words ... written in"."""
    return text.lower().split()[-1] in ("in", "on", "with", "of")


def _remove_spare_phrase(edit: Edit) -> Tokens | None:
    """Remove the whole phrase around an attribute: "a man | in a red shirt | on a bench" (broad edits only)."""
    tokens, (start, end) = edit.tokens, edit.run
    opening = phrase_start(tokens, start) - 1
    if not edit.is_broad or opening < 2 or at(tokens, opening) not in SPARED_AFTER:
        return None
    if not starts_noun(tokens, end + 1, True) or not _is_bare_noun(tokens, opening - 1):
        return None
    last = phrase_end(tokens, end)
    if at(tokens, last + 1) in words.CONJUNCTIONS or at(tokens, last + 1) in (",", "of"):
        return None
    return remove_joined(tokens, opening, attached_end(tokens, last, at(tokens, opening) == "with"))


def _is_bare_noun(tokens: Tokens, k: int) -> bool:
    return (
        is_plain_word(tokens, k)
        and not is_gerund(tokens, k)
        and not is_participle(tokens, k)
        and not is_finite(tokens, k)
        and at(tokens, k) not in words.LINKING_VERBS
        and at(tokens, k) not in words.ADJECTIVES
    )


def _remove_modifier(edit: Edit) -> Tokens | None:
    """Remove an attribute that stands before its noun: "a | red | bus"."""
    tokens, (start, end) = edit.tokens, edit.run
    if at(tokens, end + 1) and at(tokens, end + 1)[0] in MARKUP:
        return splice(tokens, start, end)
    if not starts_noun(tokens, end + 1, _needs_noun(tokens, start)):
        return None
    if edit.is_generic and at(tokens, phrase_start(tokens, start) - 1) in words.CLOTHING_VERBS:
        last = phrase_end(tokens, end)
        if at(tokens, last + 1) not in words.CONJUNCTIONS and at(tokens, last + 1) not in (",", "of"):
            return splice(tokens, phrase_start(tokens, start), last, ["clothes"])
    is_joined = at(tokens, start - 1) in (",", "and", "or", "/", "&")
    if is_joined and is_adjective(tokens, start - 2) and not is_noun(tokens, start - 3):
        start -= 1
        if at(tokens, start - 1) == ",":
            start -= 1
    return splice(tokens, start, end)


def _needs_noun(tokens: Tokens, start: int) -> bool:
    return _has_determiner(tokens, start) or at(tokens, start - 1) in PREPOSITIONS - {"in"}


def _has_determiner(tokens: Tokens, start: int) -> bool:
    return phrase_start(tokens, start) < start


def _put_neutral_noun(edit: Edit) -> Tokens | None:
    """Put the lexicon's neutral noun where the attribute was the noun: "a tabby" -> "a cat"."""
    tokens, (start, end) = edit.tokens, edit.run
    noun = edit.lexicon.name_instead(edit.category, tokens[end].text)
    before = at(tokens, phrase_start(tokens, start) - 1)
    if noun is None or (edit.category == "material" and before in ("of", "with", "in", "from")):
        return None
    forms = noun.split(" / ")
    parts = forms[-1 if before in PREPOSITIONS else 0].split()
    if parts[0] in words.ARTICLES and (_has_determiner(tokens, start) or is_noun(tokens, start - 1)):
        parts = parts[1:]
    return splice(tokens, start, end, parts)


def _count_two(edit: Edit) -> Tokens | None:
    """Count what differed only in an attribute: "a red and a blue car" -> "two cars"."""
    tokens, (start, end) = edit.tokens, edit.run
    if at(tokens, start - 1) not in ("a", "an", "one") or at(tokens, end + 1) not in ("and", ","):
        return None
    k = end + 2 + (at(tokens, end + 2) == "and")
    if at(tokens, k) not in ("a", "an", "one", "another") or not is_marked(tokens, k + 1):
        return None
    if not starts_noun(tokens, k + 2, True):
        return None
    last = phrase_end(tokens, k + 1)
    if is_marked(tokens, last):
        return None
    middle = [token.text for token in tokens[k + 2 : last]]
    return splice(tokens, start - 1, last, ["two", *middle, pluralise(tokens[last].text)])


def _remove_coordinated_modifier(edit: Edit) -> Tokens | None:
    """Remove the first of two coordinated modifiers: "a | red and | grassy field"."""
    tokens, (start, end) = edit.tokens, edit.run
    if at(tokens, end + 1) not in (",", "and", "or", "/", "&", "-", "but") or edit.category == "brand":
        return None
    if start and not (
        _has_determiner(tokens, start) or at(tokens, start - 1) in PREPOSITIONS or is_gerund(tokens, start - 1)
    ):
        return None
    if is_adjective(tokens, end + 2) or (is_marked(tokens, end + 2)):
        return splice(tokens, start, end + 1)
    if is_gerund(tokens, end + 2) and at(tokens, end + 1) != ",":
        return None
    if starts_noun(tokens, end + 2, True) and starts_noun(tokens, end + 3, False):
        return splice(tokens, start, end + 1)
    return None


def _promote_what_follows_of(edit: Edit) -> Tokens | None:
    """Let the thing stand for its attribute: "the shadow of | a man", "different colours of | flowers"."""
    tokens, (start, end) = edit.tokens, edit.run
    if at(tokens, end + 1) != "of" or is_end(tokens, end + 2):
        return None
    if is_noun(tokens, start - 1):
        return None
    opening = phrase_start(tokens, start)
    if at(tokens, opening - 1) == "with" and edit.category in ("printed_text", "artwork"):
        return None
    if opening < start and not is_determiner(tokens, end + 2) and is_adjective(tokens, start - 1):
        return splice(tokens, start, end + 1)
    return splice(tokens, opening, end + 1)


def _remove_list_item(edit: Edit) -> Tokens | None:
    """Remove an attribute that is one item of a list of things: "letters, | numbers | and dogs"."""
    tokens, (start, end) = edit.tokens, edit.run
    opening = phrase_start(tokens, start)
    before = at(tokens, opening - 1)
    last = attached_end(tokens, end, edit.is_thing)
    if before in words.CONJUNCTIONS:
        return _remove_last_item(tokens, opening - 1, last)
    if before == "," and at(tokens, last + 1) == ",":
        return splice(tokens, opening, last + 1)
    if before == ",":
        return splice(tokens, opening - 1, last)
    return _remove_first_item(edit, opening)


def _remove_first_item(edit: Edit, opening: int) -> Tokens | None:
    tokens, (start, end) = edit.tokens, edit.run
    before, joiner, after = at(tokens, opening - 1), at(tokens, end + 1), end + 2
    if joiner not in ("and", "or", ",") or is_end(tokens, after) or (opening == 0 and joiner == ","):
        return None
    if before == "in" and opening == start:
        return None
    is_verbal = is_gerund(tokens, after) or is_participle(tokens, after)
    is_phrase = is_determiner(tokens, after) or (is_plain_word(tokens, after) and not is_verbal)
    if not is_phrase or (before in PREPOSITIONS and _starts_clause(tokens, after)):
        return None
    return splice(tokens, start if is_adjective(tokens, start - 1) else opening, end + 1)


def _starts_clause(tokens: Tokens, k: int) -> bool:
    """Whether a finite verb comes before the next comma, so that a clause and no noun phrase begins at `k`."""
    while not is_end(tokens, k) and at(tokens, k) not in (",", "that", "which", "who"):
        if at(tokens, k) in words.FORMS_OF_BE or at(tokens, k) in words.THIRD_PERSON:
            return True
        k += 1
    return False


def _remove_last_item(tokens: Tokens, joiner: int, end: int) -> Tokens:
    """Remove "and X" at the end of a list; a comma further left then becomes the "and"."""
    edited = splice(tokens, joiner - (at(tokens, joiner - 1) == ","), end)
    for k in range(joiner - 2, max(joiner - 6, 0), -1):
        is_item = is_determiner(edited, k + 1) or (is_plain_word(edited, k + 1) and not is_gerund(edited, k + 1))
        if at(edited, k) == "," and is_item:
            return [*edited[:k], Token("and"), *edited[k + 1 :]]
        if at(edited, k) in words.CONJUNCTIONS or is_finite(edited, k) or at(edited, k) in PREPOSITIONS:
            break
    return edited


def _remove_preposition_phrase(edit: Edit) -> Tokens | None:
    """Remove a phrase that had only the attribute as its noun: "a man | in red |"."""
    tokens, (start, end) = edit.tokens, edit.run
    preposition = phrase_start(tokens, start) - 1
    if at(tokens, preposition) not in PREPOSITIONS:
        return None
    end = attached_end(tokens, end, edit.is_thing and at(tokens, preposition) != "in")
    if at(tokens, preposition) == "with" and edit.category in PLACED:
        end = place_end(tokens, end)
    if at(tokens, preposition) == "of" and at(tokens, preposition - 1) in words.QUANTITY_NOUNS:
        return _edit_as_noun(edit, Run(phrase_start(tokens, preposition - 1), end))
    while at(tokens, preposition - 1) in PREPOSITIONS - {"down"} and preposition > 1:
        preposition -= 1
    if edit.is_generic and at(tokens, preposition) == "in" and at(tokens, preposition - 1) in PERSONS:
        return splice(tokens, preposition + 1, end, ["clothes"])
    return _remove_with_participle(edit, preposition, end)


def _remove_with_participle(edit: Edit, preposition: int, end: int) -> Tokens:
    """Remove a phrase and the participle that asked for it: "dressed | in red |", "is made | of wood |"."""
    tokens = edit.tokens
    verb = preposition - 1
    while at(tokens, verb) in words.DEGREES or at(tokens, verb) in ("up", "out", "all"):
        verb -= 1
    if at(tokens, verb) not in words.GOVERNED_PARTICIPLES:
        has_degree = verb > 0 and at(tokens, preposition - 1) in words.DEGREES
        return remove_joined(tokens, verb + 1 if has_degree else preposition, end)
    if at(tokens, verb - 1) in COPULAS:
        predicate = remove_predicate(edit._replace(run=Run(verb, end)))
        if predicate is not None:
            return predicate
    return remove_joined(tokens, verb, end)


def _edit_as_noun(edit: Edit, run: Run) -> Tokens:
    """Remove a run that was widened to a noun phrase ("a variety of colours"): only the rules for nouns apply."""
    widened = edit._replace(run=run)
    tokens = apply_first(widened, NOUN_RULES)
    return remove_plainly(widened) if tokens is None else tokens


def _remove_object(edit: Edit) -> Tokens | None:
    """Remove a verb whose object was only the attribute: "a man | wearing red |"."""
    tokens, (start, end) = edit.tokens, edit.run
    opening = phrase_start(tokens, start)
    verb = opening - 1
    if at(tokens, verb) in words.FORMS_OF_BE:
        return splice(tokens, start, end, ["something"] if is_end(tokens, end + 1) and opening == start else [])
    is_main = _is_main_verb(tokens, verb, opening < start and is_marked(tokens, end))
    if verb < 1 or not (is_main or is_gerund(tokens, verb) or is_participle(tokens, verb)):
        return None
    end = attached_end(tokens, end, edit.is_thing)
    is_finite_or_being = is_main or at(tokens, verb - 1) in COPULAS
    if at(tokens, verb) in words.CLOTHING_VERBS and (edit.is_generic or is_finite_or_being):
        return splice(tokens, opening, end, ["clothes"])
    return _remove_verb(edit._replace(run=Run(verb, end)), is_main)


def _remove_verb(edit: Edit, is_main: bool) -> Tokens | None:
    """Remove a run that begins with a verb, with what can no longer stand before it."""
    tokens, (verb, end) = edit.tokens, edit.run
    before = at(tokens, verb - 1)
    if before in PREPOSITIONS - {"to"} and is_participle(tokens, verb):
        return _edit_as_noun(edit, edit.run)
    if before in words.RELATIVES and at(tokens, end + 1) == "and" and is_finite(tokens, end + 2):
        return splice(tokens, verb, end + 1)
    if before == "to" or before in words.RELATIVES:
        return remove_joined(tokens, verb - 1, end)
    if before in COPULAS:
        return remove_predicate(edit)
    if is_main and before not in words.CONJUNCTIONS:
        return say_it_exists(tokens, verb, edit.run, "have" if at(tokens, verb) in words.PLAIN_VERBS else "is")
    return remove_joined(tokens, verb, end)


def _is_main_verb(tokens: Tokens, k: int, has_determiner: bool) -> bool:
    """Whether a finite verb stands at `k`, listed or, between two nouns, by its ending: "smoke | obscures | it"."""
    if is_finite(tokens, k):
        return not is_participle(tokens, k)
    word = at(tokens, k)
    has_ending = word.endswith("s") and not word.endswith(("ss", "'s"))
    return has_determiner and has_ending and is_plain_word(tokens, k) and is_plain_word(tokens, k - 1)


def _widen_over_compound(edit: Edit) -> Tokens | None:
    """Widen a run whose noun has nouns before it, "the Apple | logo |", over these, and try the rules for nouns."""
    tokens, (start, end) = edit.tokens, edit.run
    opening = phrase_start(tokens, start)
    if tokens[end].lower not in words.ATTRIBUTE_NOUNS or not is_noun(tokens, opening - 1):
        return None
    while is_noun(tokens, opening - 1):
        opening = phrase_start(tokens, opening - 1)
    return _edit_as_noun(edit, Run(opening, end)) if opening > 0 else None


def _remove_after_noun(edit: Edit) -> Tokens | None:
    """Remove an attribute that follows its noun: "a truck | red and white |"."""
    tokens, (start, end) = edit.tokens, edit.run
    if not is_plain_word(tokens, start - 1) or is_adjective(tokens, start - 1):
        return None
    if is_possessive(tokens, start - 1):
        return splice(tokens, start - 1, end, [tokens[start - 1].text[:-2]])
    return splice(tokens, start, end)


def _remove_subject(edit: Edit) -> Tokens | None:
    """Replace an attribute that was the subject, or let the thing after it take its place."""
    tokens, (start, end) = edit.tokens, edit.run
    opening = phrase_start(tokens, start)
    before = at(tokens, opening - 1)
    says_where = at(tokens, end + 1) in PREPOSITIONS
    if before in words.CLAUSE_OPENERS and (says_where or is_end(tokens, end + 1)):
        return drop_clause(tokens, opening - 1, place_end(tokens, end))
    if opening > 0 and before not in SENTENCE_ENDS and before not in words.CLAUSE_OPENERS:
        return None
    if says_where and not is_end(tokens, end + 2):
        return splice(tokens, opening, end + 1)
    if is_determiner(tokens, end + 1):
        return splice(tokens, opening, end)
    is_plural = at(tokens, end + 1) in ("are", "were", "have") or tokens[end].lower.endswith("s")
    return splice(tokens, start, end, [] if is_end(tokens, end + 1) else _unnamed(opening < start, is_plural))


def _unnamed(has_determiner: bool, is_plural: bool) -> list[str]:
    if has_determiner:
        return ["objects" if is_plural else "object"]
    return ["things" if is_plural else "something"]


NOUN_RULES: tuple[EditRule, ...] = (
    remove_predicate,
    _remove_list_item,
    _remove_preposition_phrase,
    _remove_object,
    _remove_subject,
)
RULES: tuple[EditRule, ...] = (
    _remove_clause_like,
    _remove_spare_phrase,
    _remove_modifier,
    remove_predicate,
    _remove_coordinated_modifier,
    _put_neutral_noun,
    _count_two,
    _widen_over_compound,
    _promote_what_follows_of,
    _remove_list_item,
    _remove_preposition_phrase,
    _remove_object,
    _remove_after_noun,
    _remove_subject,
)
