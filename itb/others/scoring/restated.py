"""A yes without the word: the reply states what was asked ("Is a bicycle visible?" "A bicycle is visible.")."""

import re
from collections.abc import Sequence

_WORD = re.compile(r"[a-z0-9]+")
_EMPTY = frozenset(
    (
        "a",
        "an",
        "the",
        "is",
        "are",
        "was",
        "were",
        "be",
        "do",
        "does",
        "did",
        "there",
        "this",
        "that",
        "it",
        "its",
        "of",
    )
)
_SEEING = frozenset(("to", "any", "i", "can", "see"))
_WHERE = re.compile(r"\b(?:in|on|of|from) (?:this|the) (?:\w+ ){0,3}(?:image|picture|photo|photograph|scene)\b")
_DENYING = re.compile(
    r"\b(?:not|no|none|never|neither|nor|without|cannot|absent|missing|unclear|unsure|maybe|may|might|or|if)\b|n't|\?"
)
_MORE = 3
"""Words beyond the question's own that such a statement may have."""


def is_restated(question: str, text: str) -> bool:
    """Whether a tidied reply repeats, in order, all words of a question that carry meaning, and denies nothing."""
    asked, said = _list_words(question), _list_words(text)
    if not asked or _DENYING.search(text.lower()) or len(said) > len(asked) + _MORE:
        return False
    return _is_within(asked, said)


def _is_within(asked: Sequence[str], said: Sequence[str]) -> bool:
    rest = iter(said)
    return all(word in rest for word in asked)


def _list_words(text: str) -> list[str]:
    return [word for word in _WORD.findall(_WHERE.sub(" ", text.lower())) if word not in _EMPTY | _SEEING]
