"""A caption as tokens: words, punctuation, and marked tokens (one for each attribute found in it)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from agents.english import words
from tools.prompts.lexicon import Hit, Lexicon

TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|[^\w\s]|_+")
TIGHT = frozenset(".,;:!?)]}%'’”")
SENTENCE_ENDS = frozenset(".!?;")
COMPLEX_STARTS = frozenset(preposition[0] for preposition in words.COMPLEX_PREPOSITIONS)
COMPLEX_TEXTS = frozenset(" ".join(preposition) for preposition in words.COMPLEX_PREPOSITIONS)


@dataclass(slots=True)
class Token:
    """A piece of the caption; nobody changes one that was made.

    It is not frozen because captions are edited by the million, and a frozen one takes twice as long to make.

    Attributes:
        text: as written; a complex preposition such as "next to" and an attribute of several words are one token each.
        is_spaced: whitespace stands before it.
        category: the attribute's category, empty for every other token.
        is_no_participle: the modality's pack says so of a word that ends like one.
        lower: the text in lower case.
        word: the same, empty for a marked token.
    """

    text: str
    is_spaced: bool = True
    category: str = ""
    is_no_participle: bool = False
    lower: str = field(init=False, repr=False, compare=False)
    word: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.lower = self.text.lower()
        self.word = "" if self.category else self.lower


class TokenSpan(NamedTuple):
    """Neighbouring attributes that are edited together: tokens `start` to `end`, both included."""

    start: int
    end: int


Tokens = list[Token]


def tokenise(text: str, hits: Sequence[Hit], lexicon: Lexicon) -> Tokens:
    """Split a text into tokens; each hit becomes one marked token.

    Args:
        hits: attributes that `lexicon` found in the text, in order.
    """
    spared = lexicon.pack.words.not_participles
    tokens: Tokens = []
    position = 0
    for hit in hits:
        tokens += _split(text, position, hit.start, spared)
        tokens.append(Token(hit.text, _is_spaced(text, hit.start), hit.category))
        position = hit.end
    tokens += _split(text, position, len(text), spared)
    return _join_prepositions(tokens)


def join(tokens: Sequence[Token]) -> str:
    """Write tokens as text, with single spaces."""
    pieces = [(" " if token.is_spaced else "") + token.text for token in tokens]
    return " ".join("".join(pieces).split())


def splice(tokens: Tokens, start: int, end: int, put: Sequence[str] = ()) -> Tokens:
    """Replace tokens `start` to `end` (both included) by words, keeping the spacing around them right."""
    spaced = tokens[start].is_spaced if start < len(tokens) else True
    middle = [Token(word, spaced if index == 0 else True) for index, word in enumerate(put)]
    rest = tokens[end + 1 :]
    if rest and spaced and not middle and rest[0].text not in TIGHT and not rest[0].is_spaced:
        rest[0] = replace(rest[0], is_spaced=True)
    return tokens[:start] + middle + rest


def _split(text: str, start: int, end: int, spared: Sequence[str]) -> Tokens:
    tokens: Tokens = []
    for match in TOKEN.finditer(text, start, end):
        word, is_spaced = match[0], _is_spaced(text, match.start())
        lower = word.lower()
        if lower.endswith(("'s", "’s")) and lower[:-2] in words.SHORTENING_BE:
            tokens += [Token(word[:-2], is_spaced), Token(word[-2:], is_spaced=False)]
        else:
            tokens.append(Token(word, is_spaced, "", lower in spared))
    return tokens


def _is_spaced(text: str, position: int) -> bool:
    return position == 0 or text[position - 1].isspace()


def _join_prepositions(tokens: Tokens) -> Tokens:
    if not any(token.word in COMPLEX_STARTS for token in tokens):
        return tokens
    joined: Tokens = []
    position = 0
    while position < len(tokens):
        size = _preposition_size(tokens, position)
        piece = tokens[position : position + size]
        joined.append(replace(piece[0], text=" ".join(token.text for token in piece)) if size > 1 else piece[0])
        position += size
    return joined


def _preposition_size(tokens: Tokens, position: int) -> int:
    if tokens[position].word not in COMPLEX_STARTS:
        return 1
    for preposition in words.COMPLEX_PREPOSITIONS:
        if tuple(token.word for token in tokens[position : position + len(preposition)]) == preposition:
            return len(preposition)
    return 1
