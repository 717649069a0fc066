"""What part a token plays in its caption, guessed from closed word classes and its neighbours; there is no tagger.

`word_at(tokens, k)` reads past either end as an empty word, so that no rule needs to know where the caption stops.
"""

from agents.english import words
from agents.english.tokens import COMPLEX_TEXTS, SENTENCE_ENDS, Tokens, TokenSpan

PREPOSITIONS = words.PREPOSITIONS | COMPLEX_TEXTS
FUNCTION_WORDS = (
    PREPOSITIONS
    | words.DETERMINERS
    | words.PRONOUNS
    | words.CONJUNCTIONS
    | words.CLAUSE_OPENERS
    | words.RELATIVES
    | words.FORMS_OF_BE
    | words.ADVERBS
    | words.PLAIN_VERBS
)


def word_at(tokens: Tokens, k: int) -> str:
    """Give the lower-case text of token `k`, empty outside the caption and for a marked token."""
    return tokens[k].word if 0 <= k < len(tokens) else ""


def is_marked(tokens: Tokens, k: int) -> bool:
    """Whether token `k` is an attribute to be removed."""
    return 0 <= k < len(tokens) and bool(tokens[k].category)


def is_end(tokens: Tokens, k: int) -> bool:
    """Whether the caption, the sentence or a bracket ends at `k`."""
    return k < 0 or k >= len(tokens) or word_at(tokens, k) in SENTENCE_ENDS or word_at(tokens, k) in (")", "]")


def is_gerund(tokens: Tokens, k: int) -> bool:
    """Whether token `k` is an -ing form, nouns such as "building" excepted."""
    word = word_at(tokens, k)
    return len(word) > 4 and word.endswith("ing") and word not in words.ING_NOUNS


def is_participle(tokens: Tokens, k: int) -> bool:
    """Whether token `k` is a past participle."""
    word = word_at(tokens, k)
    return word in words.IRREGULAR_PARTICIPLES or (
        len(word) > 4 and word.endswith("ed") and word not in words.NOT_PARTICIPLES and not tokens[k].is_no_participle
    )


def is_finite(tokens: Tokens, k: int) -> bool:
    """Whether token `k` is a verb with its own subject: "sits", "has", "is"."""
    word = word_at(tokens, k)
    return word in words.THIRD_PERSON or word in words.PLAIN_VERBS or word in words.FORMS_OF_BE


def is_adjective(tokens: Tokens, k: int) -> bool:
    """Whether token `k` is an adjective by list or ending."""
    word = word_at(tokens, k)
    return word in words.ADJECTIVES or (len(word) > 5 and word.endswith(words.ADJECTIVE_ENDINGS))


def is_possessive(tokens: Tokens, k: int) -> bool:
    """Whether token `k` is a noun in the genitive: "man's"."""
    word = word_at(tokens, k)
    return (
        len(word) > 3
        and word.endswith(("'s", "’s"))
        and word not in ("it's", "that's", "there's", "who's", "he's", "she's")
    )


def is_determiner(tokens: Tokens, k: int) -> bool:
    """Whether a noun phrase may begin with token `k`."""
    word = word_at(tokens, k)
    return word in words.DETERMINERS or word.isdigit() or is_possessive(tokens, k)


def is_plain_word(tokens: Tokens, k: int) -> bool:
    """Whether token `k` is an unmarked word outside the closed classes: noun, adjective or verb."""
    word = word_at(tokens, k)
    return bool(word) and (word[0].isalnum() or word[0] in "'’") and word not in FUNCTION_WORDS


def is_noun(tokens: Tokens, k: int) -> bool:
    """Whether token `k` is, as far as its form tells, a noun."""
    return is_plain_word(tokens, k) and not (
        is_adjective(tokens, k) or is_gerund(tokens, k) or is_finite(tokens, k) or is_participle(tokens, k)
    )


def starts_noun(tokens: Tokens, k: int, has_determiner: bool) -> bool:
    """Whether the attribute before token `k` describes what begins there, as in "red | bus".

    Args:
        tokens: the caption.
        k: the token after the attribute.
        has_determiner: the attribute stands in a phrase opened by a determiner, so that a noun must follow.
    """
    word = word_at(tokens, k)
    if word in words.COUNTS:
        return is_plain_word(tokens, k + 1)
    if word in words.THIRD_PERSON:
        return word in words.PLURALS_LIKE_VERBS and not is_determiner(tokens, k + 1)
    if word in words.VERBS_AS_NOUNS and not is_determiner(tokens, k + 1):
        return has_determiner or is_plain_word(tokens, k + 1)
    if not is_plain_word(tokens, k) or word == "not":
        return False
    if is_gerund(tokens, k) or is_participle(tokens, k):
        return _is_modifier(tokens, k, has_determiner)
    return True


def _is_modifier(tokens: Tokens, k: int, has_determiner: bool) -> bool:
    """Whether the gerund or participle at `k` stands before a noun: "red | parking | sign"."""
    is_adjectival = word_at(tokens, k) in words.ADJECTIVAL_PARTICIPLES
    if not (has_determiner or is_adjectival or word_at(tokens, k) in words.ING_MODIFIERS):
        return False
    is_noun_next = is_plain_word(tokens, k + 1) and word_at(tokens, k + 1) not in words.THIRD_PERSON
    is_joined = is_adjectival and word_at(tokens, k + 1) in ("and", ",")
    return is_marked(tokens, k + 1) or is_noun_next or is_joined


def find_span(tokens: Tokens) -> TokenSpan | None:
    """Find the first attributes that hang together: "very red, white and blue"."""
    start = next((k for k, token in enumerate(tokens) if token.category), None)
    if start is None:
        return None
    end = start
    while True:
        following = _joined_attribute(tokens, end)
        if following is None:
            break
        end = following
    if word_at(tokens, end + 1) in ("style", "styled", "like", "type") and starts_noun(tokens, end + 2, True):
        end += 1
    if word_at(tokens, end + 1) in ("one", "ones") and not starts_noun(tokens, end + 2, False):
        end += 1
    return TokenSpan(_take_degrees(tokens, start), end)


def _joined_attribute(tokens: Tokens, k: int) -> int | None:
    """Find the next attribute that only a joiner parts from the one at `k`: "red, | white"."""
    for size in range(4):
        following = k + 1 + size
        if is_marked(tokens, following):
            joiner = tuple(word_at(tokens, position) for position in range(k + 1, following))
            is_same = tokens[k].category == tokens[following].category
            return following if _is_joiner(joiner, is_same, starts_noun(tokens, following + 1, True)) else None
    return None


def _is_joiner(joiner: tuple[str, ...], is_same: bool, has_noun: bool) -> bool:
    """Whether these words join two attributes; between different categories only a comma does."""
    if joiner in ((), (",",)):
        return True
    if joiner[0] in words.CONJUNCTIONS or joiner[0] == ",":
        rest = joiner[1:] if joiner[0] != "," or joiner[-1] == "half" else joiner[2:]
        is_list = joiner[0] != "," or joiner[1] in words.CONJUNCTIONS or joiner[1:] == ("half",)
        return is_same and is_list and rest in ((), ("half",))
    if joiner in (("with",), ("in",)):
        return is_same and not has_noun
    return is_same and joiner in (("of",), ("of", "the"), ("-",), ("on",), ("an",), ("to",))


def _take_degrees(tokens: Tokens, start: int) -> int:
    while word_at(tokens, start - 1) in words.DEGREES:
        if word_at(tokens, start - 1) in ("all", "both") and start - 1 == 0:
            break
        start -= 1
    return start


def phrase_start(tokens: Tokens, start: int) -> int:
    """Walk back from `start` over the determiners and adjectives of its noun phrase."""
    while (
        is_determiner(tokens, start - 1)
        or is_adjective(tokens, start - 1)
        or word_at(tokens, start - 1) in words.DEGREES
    ):
        start -= 1
    return start


def phrase_end(tokens: Tokens, k: int) -> int:
    """Walk from `k` to the last token of the noun phrase that it is in."""
    while is_marked(tokens, k + 1) or starts_noun(tokens, k + 1, False):
        k += 1
    return k


def attached_end(tokens: Tokens, end: int, is_thing: bool) -> int:
    """Extend a removal over what only says where the removed thing was: "a logo | on the side of it".

    Args:
        tokens: the caption.
        end: last token removed.
        is_thing: the removed words name a thing (a logo, graffiti), not just a quality.
    """
    while True:
        size = _attached_size(tokens, end, is_thing)
        if not size:
            return end
        end += size


def _attached_size(tokens: Tokens, end: int, is_thing: bool) -> int:
    size = _near_place_size(tokens, end)
    if size or not is_thing:
        return size
    if word_at(tokens, end + 1) in ("of", "from") and not is_end(tokens, end + 2):
        k = end + 2
        while is_determiner(tokens, k) or is_adjective(tokens, k):
            k += 1
        return phrase_end(tokens, k) - end if is_plain_word(tokens, k) else 0
    if word_at(tokens, end + 1) not in words.PHRASE_GERUNDS:
        return 0
    k = end + 1
    while (
        not is_end(tokens, k + 1) and word_at(tokens, k + 1) != "," and word_at(tokens, k + 1) not in words.CONJUNCTIONS
    ):
        k += 1
    return k - end


def _near_place_size(tokens: Tokens, end: int) -> int:
    """Count the tokens of "on it", "on the side", "across the front" that follow."""
    if word_at(tokens, end + 1) not in words.NEAR_PLACE_PREPOSITIONS:
        return 0
    k = end + 2
    while is_determiner(tokens, k):
        k += 1
    is_pronoun = word_at(tokens, k) in ("it", "them", "him", "her")
    is_bare_top = word_at(tokens, k) == "top" and is_end(tokens, k + 1)
    is_near = word_at(tokens, k) in words.NEAR_PLACES and (is_pronoun or is_bare_top or k > end + 2)
    return k - end if is_near and not starts_noun(tokens, k + 1, False) else 0


def clause_start(tokens: Tokens, k: int) -> int:
    """Find where the clause of the verb at `k` begins: its subject's first token."""
    has_verb_before = [False] * (k + 1)
    for position in range(1, k + 1):
        has_verb_before[position] = has_verb_before[position - 1] or is_finite(tokens, position - 1)
    for position in range(k - 1, -1, -1):
        word = word_at(tokens, position)
        if word in SENTENCE_ENDS or word in words.CLAUSE_OPENERS:
            return position + 1
        if word in ("and", ",") and word_at(tokens, position + 1) in ("one", "each", "both", "all"):
            return position + 1
        if word in ("and", ",") and has_verb_before[position] and _may_be_subject(tokens, position + 1):
            return position + 1
    return 0


def _may_be_subject(tokens: Tokens, k: int) -> bool:
    return is_determiner(tokens, k) or word_at(tokens, k) in words.PRONOUNS or is_plain_word(tokens, k)


def starts_clause(tokens: Tokens, k: int) -> bool:
    """Whether a finite verb comes before the next comma, so that a clause and no noun phrase begins at `k`."""
    while not is_end(tokens, k) and word_at(tokens, k) not in (",", "that", "which", "who"):
        if word_at(tokens, k) in words.FORMS_OF_BE or word_at(tokens, k) in words.THIRD_PERSON:
            return True
        k += 1
    return False
