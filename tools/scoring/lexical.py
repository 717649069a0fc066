"""The embedded scorers: by words alone, and not at all."""

import re
from collections.abc import Sequence

from tools.prompts.lexicon import Lexicon
from tools.registry.seam import NoSettings
from tools.scoring.protocol import DECIMALS, ScoreRequest

PENALTY = 0.2
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
EMPTY_WORD_TEXT = """
    a an the and or but of in on at to with by for from as is are was were be been being it its his her their
    this that these those there which who has have had some one very all mostly dressed painted wearing
    covered decorated made done color patches shades lots variety
    different various same many clothes something things object objects visible
"""
EMPTY_WORDS = frozenset(EMPTY_WORD_TEXT.split())


class LexicalScorer:
    """Rewards what a caption keeps of its competitors' content, charges what cannot be shown; blind to the image.

    Score = share of the candidates' pooled content words outside the lexicon that the caption keeps, less `PENALTY` for
    each attribute in it. The share is 1 when there are no such words. Words that only carry an attribute ("dressed in",
    "painted", "very") are no content.
    """

    name = "lexical"
    is_embedded = True

    def __init__(self, lexicon: Lexicon) -> None:
        """Score by the words of `lexicon`, all categories."""
        self._lexicon = lexicon
        self.identity = f"lexical penalty={PENALTY} lexicon={lexicon.digest}"

    def score(self, requests: Sequence[ScoreRequest]) -> list[tuple[float, ...]]:
        """Score each request's captions against each other."""
        return [self._score_captions(request.captions) for request in requests]

    def _score_captions(self, captions: Sequence[str]) -> tuple[float, ...]:
        read = {caption: self._read(caption) for caption in dict.fromkeys(captions)}
        pool = frozenset().union(*(content for content, _ in read.values()))
        return tuple(_score(pool, *read[caption]) for caption in captions)

    def _read(self, caption: str) -> tuple[frozenset[str], int]:
        """Give a caption's content words outside the lexicon, and how many attributes it has."""
        hits = self._lexicon.find(caption)
        rest = list(caption)
        for hit in hits:
            rest[hit.start : hit.end] = " " * (hit.end - hit.start)
        words = (match[0].lower() for match in WORD.finditer("".join(rest)))
        return frozenset(word for word in words if word not in EMPTY_WORDS), len(hits)


class NoScorer:
    """Scores nothing: every caption gets 0, so that the first filtered one is taken."""

    name = "none"
    is_embedded = True
    identity = "none"

    def score(self, requests: Sequence[ScoreRequest]) -> list[tuple[float, ...]]:
        """Give 0 for each caption."""
        return [(0.0,) * len(request.captions) for request in requests]


def make_lexical(settings: NoSettings, lexicon: Lexicon) -> LexicalScorer:
    """The scorer `lexical`."""
    return LexicalScorer(lexicon)


def make_none(settings: NoSettings, lexicon: Lexicon) -> NoScorer:
    """The scorer `none`."""
    return NoScorer()


def _score(pool: frozenset[str], content: frozenset[str], attributes: int) -> float:
    share = len(content & pool) / len(pool) if pool else 1.0
    return round(share - PENALTY * attributes, DECIMALS)
