"""A caption as part of an instruction: chosen among its neighbours, and made to fit behind "The image shows"."""

import random
import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from agents.backends.captions.filter import filter_caption
from agents.english import words
from agents.english.categories import load_nouns
from agents.english.grammar import (
    PREPOSITIONS,
    is_adjective,
    is_determiner,
    is_finite,
    is_gerund,
    is_participle,
    is_plain_word,
    word_at,
)
from agents.english.tokens import Tokens, tokenise
from tools.prompts.lexicon import Lexicon

SENTENCE_END = re.compile(r"(?<=[a-z)\"'])[.!]+(?=\s+\S|\s*$)")
REPEATED = re.compile(r"\b(\w+)(?: \1)+\b", re.IGNORECASE)
PICTURE_OF = re.compile(
    r"^(?:(?:this|here|it|there) is )?(?:an?|the|this)? ?(?:\w+ )?(?:image|picture|photo|photograph|pic|shot)s? "
    r"(?:of|showing) ",
    re.IGNORECASE,
)
ABOUT_PICTURE = re.compile(r"^(?:(?!tak)\w+ ){0,5}(?:photo|photograph|picture|image|pic)s?\b", re.IGNORECASE)
UNUSABLE = re.compile(
    r"[\[\]{}<>|\\_#=*@^~$%\d]{3}|[{}<>\[\]|\\]|https?:|\?"
    r"|\b(?:captions?|bounding|annotat\w+|i|my|we|our|me|you|your)\b",
    re.IGNORECASE,
)
SHORTEST, LONGEST = 3, 32
MOST_CHARACTERS = 300
SUBORDINATE = words.CLAUSE_OPENERS | words.RELATIVES
SEVERAL = frozenset(
    ["and", "group", "couple", "bunch", "number", "lot", "pair", "few", "crowd", "herd", "team", "family"]
)
PLURAL_OPENERS = frozenset(["people", "men", "women", "children", "kids"])


class Statement(NamedTuple):
    """A caption ready for use.

    Attributes:
        text: without full stop; `phrase` begins in lower case.
        form: `phrase` (goes on after "shows"), `sentence` (stands alone), or `words` (neither is sure).
    """

    text: str
    form: str


def choose_statement(
    captions: Sequence[str],
    lexicon: Lexicon,
    categories: Collection[str],
    banned: Collection[str],
    rng: random.Random,
) -> Statement | None:
    """Choose a caption that can be said, free of `categories` and of the `banned` quotes.

    Captions that agree with the others come first, and whole clauses before loose words.

    Returns:
        None when no caption is left.
    """
    typical = _rank_by_agreement(captions)[: max(1, (len(captions) + 1) // 2)]
    others = [place for place in range(len(captions)) if place not in typical]
    order = [*rng.sample(typical, len(typical)), *rng.sample(others, len(others))]
    loose = None
    for place in order:
        statement = make_statement(captions[place], lexicon, categories)
        if statement is None or any(quote.lower() in statement.text.lower() for quote in banned if quote.strip()):
            continue
        if statement.form != "words":
            return statement
        loose = loose or statement
    return loose


def _rank_by_agreement(captions: Sequence[str]) -> list[int]:
    """Places of the captions, those first that share most words with the others: outliers are often mistakes."""
    bags = [{word.strip(".,;:!").lower() for word in caption[:MOST_CHARACTERS].split()} for caption in captions]
    scores = [sum(len(bag & other) for other in bags if other is not bag) / max(4, len(bag)) ** 0.5 for bag in bags]
    return sorted(range(len(captions)), key=lambda place: -scores[place])


def make_statement(caption: str, lexicon: Lexicon, categories: Collection[str]) -> Statement | None:
    """Take the first sentence of a caption, without the words of `categories`; None when it cannot be used."""
    text = " ".join(caption[: 2 * MOST_CHARACTERS].split())
    text = REPEATED.sub(r"\1", SENTENCE_END.split(text, maxsplit=1)[0].strip(" .,;:!-\"'"))
    text = text.lower() if sum(map(str.isupper, text)) > len(text) / 2 else text
    if not SHORTEST <= len(text.split()) <= LONGEST or len(text) > MOST_CHARACTERS or UNUSABLE.search(text):
        return None
    if categories and lexicon.find(text, categories):
        text = filter_caption(text, categories, lexicon, 1, random.Random(0))[0].strip(" .,;")
    text = PICTURE_OF.sub("", text)
    if (
        len(text.split()) < SHORTEST
        or ABOUT_PICTURE.match(text)
        or not text.isascii()
        or lexicon.find(text, categories)
    ):
        return None
    return _read_form(text, lexicon)


def _read_form(text: str, lexicon: Lexicon) -> Statement:
    tokens = tokenise(text, (), lexicon)
    first = word_at(tokens, 0)
    lower = _lower_first(text)
    verb = 1 if first == "there" else _find_own_verb(tokens)
    if verb and word_at(tokens, verb) not in words.FORMS_OF_BE and any(is_gerund(tokens, k) for k in range(verb)):
        return Statement(lower, "words")
    if verb:
        is_sentence = first == "there" or is_determiner(tokens, 0) or first in words.PRONOUNS or _is_plural(tokens)
        return Statement(lower, "sentence" if is_sentence else "words")
    if _is_plural(tokens):
        return Statement(lower, "sentence" if _goes_on_with_verb(tokens) else "phrase")
    return Statement(lower, "phrase" if is_determiner(tokens, 0) else "words")


def _goes_on_with_verb(tokens: Tokens) -> bool:
    """Whether something other than a participle follows a bare plural: "boats float on a lake"."""
    return is_plain_word(tokens, 1) and not is_gerund(tokens, 1) and not is_participle(tokens, 1)


def _find_own_verb(tokens: Tokens) -> int:
    """Where a finite verb outside of a relative or subordinate clause stands, 0 when there is none."""
    for k in range(1, len(tokens)):
        if word_at(tokens, k) in SUBORDINATE:
            return 0
        is_verb = is_finite(tokens, k) and word_at(tokens, k) not in ("be", "been", "being")
        if is_verb and not _is_noun_place(tokens, k) and _agrees(tokens, k):
            return k
    return 0


def _is_noun_place(tokens: Tokens, k: int) -> bool:
    """Whether a noun or an infinitive stands at `k`: "on skis", "to take", "different types"."""
    if word_at(tokens, k) in words.FORMS_OF_BE:
        return False
    is_described = is_adjective(tokens, k - 1) and word_at(tokens, k - 1) not in ("male", "female", "adult")
    return word_at(tokens, k - 1) in PREPOSITIONS or is_determiner(tokens, k - 1) or is_described or k == 1


def _agrees(tokens: Tokens, k: int) -> bool:
    """Whether a verb without ending can have this subject, as in "a bride and groom cut", not in "a fruit stand"."""
    if word_at(tokens, k) not in words.PLAIN_VERBS or word_at(tokens, 0) not in ("a", "an", "one"):
        return True
    return any(word_at(tokens, j) in SEVERAL for j in range(1, k))


def _is_plural(tokens: Tokens) -> bool:
    if word_at(tokens, 0) in PLURAL_OPENERS:
        return True
    mentions = load_nouns().find([token.lower for token in tokens[:4]])
    return bool(mentions) and mentions[0].start == 0 and mentions[0].noun.is_plural


def _lower_first(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text if first == "I" or first[1:] != first[1:].lower() else text[:1].lower() + text[1:]
