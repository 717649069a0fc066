"""Removing from a caption an attribute that stands with its noun: before it, after it, or in its place."""

from agents.backends.captions.removal import Edit, remove_joined
from agents.english import words
from agents.english.grammar import (
    PREPOSITIONS,
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
    starts_noun,
    word_at,
)
from agents.english.tokens import Tokens, splice
from tools.inflection import pluralise

SPARED_AFTER = frozenset(
    {"with", "in", "on", "near", "by", "beside", "next to", "behind", "under", "in front of", "wearing", "holding"}
)
HAIR_LENGTHS = frozenset({"long", "short", "curly", "wavy", "straight"})
MARKUP = frozenset("<>{}[]#$%=*|\\~^_@")


def remove_spare_phrase(edit: Edit) -> Tokens | None:
    """Remove the whole phrase around an attribute: "a man | in a red shirt | on a bench" (broad edits only)."""
    tokens, (start, end) = edit.tokens, edit.span
    opening = phrase_start(tokens, start) - 1
    if not edit.is_broad or opening < 2 or word_at(tokens, opening) not in SPARED_AFTER:
        return None
    if not starts_noun(tokens, end + 1, True) or not _is_bare_noun(tokens, opening - 1):
        return None
    last = phrase_end(tokens, end)
    if word_at(tokens, last + 1) in words.CONJUNCTIONS or word_at(tokens, last + 1) in (",", "of"):
        return None
    return remove_joined(tokens, opening, attached_end(tokens, last, word_at(tokens, opening) == "with"))


def _is_bare_noun(tokens: Tokens, k: int) -> bool:
    return (
        is_plain_word(tokens, k)
        and not is_gerund(tokens, k)
        and not is_participle(tokens, k)
        and not is_finite(tokens, k)
        and word_at(tokens, k) not in words.LINKING_VERBS
        and word_at(tokens, k) not in words.ADJECTIVES
    )


def remove_modifier(edit: Edit) -> Tokens | None:
    """Remove an attribute that stands before its noun: "a | red | bus"."""
    tokens, (start, end) = edit.tokens, edit.span
    if word_at(tokens, end + 1) and word_at(tokens, end + 1)[0] in MARKUP:
        return splice(tokens, start, end)
    if not starts_noun(tokens, end + 1, _needs_noun(tokens, start)):
        return None
    if edit.is_generic and word_at(tokens, phrase_start(tokens, start) - 1) in words.CLOTHING_VERBS:
        last = phrase_end(tokens, end)
        if word_at(tokens, last + 1) not in words.CONJUNCTIONS and word_at(tokens, last + 1) not in (",", "of"):
            return splice(tokens, phrase_start(tokens, start), last, ["clothes"])
    is_joined = word_at(tokens, start - 1) in (",", "and", "or", "/", "&")
    if (
        is_joined
        and (is_adjective(tokens, start - 2) or is_participle(tokens, start - 2))
        and not is_noun(tokens, start - 3)
    ):
        start -= 1
        if word_at(tokens, start - 1) == ",":
            start -= 1
    is_hair = word_at(tokens, start - 1) in HAIR_LENGTHS and tokens[end].lower.endswith("haired")
    return splice(tokens, start, end, ["haired"] if is_hair else [])


def _needs_noun(tokens: Tokens, start: int) -> bool:
    return _has_determiner(tokens, start) or word_at(tokens, start - 1) in PREPOSITIONS - {"in"}


def _has_determiner(tokens: Tokens, start: int) -> bool:
    return phrase_start(tokens, start) < start


def put_neutral_noun(edit: Edit) -> Tokens | None:
    """Put the lexicon's neutral noun where the attribute was the noun: "a tabby" -> "a cat"."""
    tokens, (start, end) = edit.tokens, edit.span
    noun = edit.lexicon.name_instead(edit.category, tokens[end].text)
    before = word_at(tokens, phrase_start(tokens, start) - 1)
    if noun is None or (edit.category == "material" and before in ("of", "with", "in", "from")):
        return None
    forms = noun.split(" / ")
    parts = forms[-1 if before in PREPOSITIONS else 0].split()
    if parts[0] in words.ARTICLES and (_has_determiner(tokens, start) or is_noun(tokens, start - 1)):
        parts = parts[1:]
    return splice(tokens, start, end, parts)


def count_two(edit: Edit) -> Tokens | None:
    """Count what differed only in an attribute: "a red and a blue car" -> "two cars"."""
    tokens, (start, end) = edit.tokens, edit.span
    if word_at(tokens, start - 1) not in ("a", "an", "one") or word_at(tokens, end + 1) not in ("and", ","):
        return None
    k = end + 2 + (word_at(tokens, end + 2) == "and")
    if word_at(tokens, k) not in ("a", "an", "one", "another") or not is_marked(tokens, k + 1):
        return None
    if not starts_noun(tokens, k + 2, True):
        return None
    last = phrase_end(tokens, k + 1)
    if is_marked(tokens, last):
        return None
    middle = [token.text for token in tokens[k + 2 : last]]
    return splice(tokens, start - 1, last, ["two", *middle, pluralise(tokens[last].text)])


def remove_coordinated_modifier(edit: Edit) -> Tokens | None:
    """Remove the first of two coordinated modifiers: "a | red and | grassy field"."""
    tokens, (start, end) = edit.tokens, edit.span
    if word_at(tokens, end + 1) not in (",", "and", "or", "/", "&", "-", "but") or edit.category == "brand":
        return None
    if start and not (
        _has_determiner(tokens, start) or word_at(tokens, start - 1) in PREPOSITIONS or is_gerund(tokens, start - 1)
    ):
        return None
    if is_adjective(tokens, end + 2) or (is_marked(tokens, end + 2)):
        return splice(tokens, start, end + 1)
    if is_gerund(tokens, end + 2) and word_at(tokens, end + 1) != ",":
        return None
    if starts_noun(tokens, end + 2, True) and starts_noun(tokens, end + 3, False):
        return splice(tokens, start, end + 1)
    return None


def promote_what_follows_of(edit: Edit) -> Tokens | None:
    """Let the thing stand for its attribute: "the shadow of | a man", "different colours of | flowers"."""
    tokens, (start, end) = edit.tokens, edit.span
    if word_at(tokens, end + 1) != "of" or is_end(tokens, end + 2):
        return None
    if is_noun(tokens, start - 1):
        return None
    opening = phrase_start(tokens, start)
    if word_at(tokens, opening - 1) == "with" and edit.category in ("printed_text", "artwork"):
        return None
    if tokens[end].lower in words.SHADES and word_at(tokens, opening - 1) in ("in", "into"):
        return splice(tokens, opening - 1, end + 1, ["near"])
    if opening < start and not is_determiner(tokens, end + 2) and is_adjective(tokens, start - 1):
        return splice(tokens, start, end + 1)
    return splice(tokens, opening, end + 1)


def remove_after_noun(edit: Edit) -> Tokens | None:
    """Remove an attribute that follows its noun: "a truck | red and white |"."""
    tokens, (start, end) = edit.tokens, edit.span
    is_compound = is_noun(tokens, start - 2)  # "a street light | shining |"
    if not is_plain_word(tokens, start - 1) or (is_adjective(tokens, start - 1) and not is_compound):
        return None
    if is_possessive(tokens, start - 1):
        return splice(tokens, start - 1, end, [tokens[start - 1].text[:-2]])
    return splice(tokens, start, end)
