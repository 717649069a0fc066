"""Scoring captions against an infrared image (paper 3.1): the protocol, and the scorer for each name."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from tools.errors import MissingError, UsageError
from tools.lexicon import Lexicon

SCORERS = ("lexical", "none", "languagebind")
DECIMALS = 4


class ScoreRequest(NamedTuple):
    """Captions that compete for one image.

    Attributes:
        image: infrared image, mode L, white-hot; None without a translator.
        captions: the filtered captions, then the original.
    """

    image: Path | None
    captions: tuple[str, ...]


class Scorer(Protocol):
    """Says how well each caption fits its image; higher is better, rounded to four decimals.

    Attributes:
        name: as `--scorer` names it.
        is_embedded: True when no model stands behind it.
        identity: what the scores depend on; recorded with every run.
    """

    name: str
    is_embedded: bool
    identity: str

    def score(self, requests: Sequence[ScoreRequest]) -> list[tuple[float, ...]]:
        """Give one score a caption, request by request."""


def make_scorer(name: str, lexicon: Lexicon, weights: Path | str | None = None, device: str | None = None) -> Scorer:
    """Make the scorer that `--scorer` names.

    Args:
        name: one of `SCORERS`.
        lexicon: the words that infrared cannot show, for `lexical`.
        weights, device: for model-backed scorers; the embedded ones need neither.

    Raises:
        MissingError: `languagebind`, which this release does not have yet.
        UsageError: an unknown name.
    """
    from tools.scoring.lexical import LexicalScorer, NoScorer

    if name == "lexical":
        return LexicalScorer(lexicon)
    if name == "none":
        return NoScorer()
    if name == "languagebind":
        raise MissingError(
            "The scorer 'languagebind' comes with the next release. "
            "Use --scorer lexical, which is blind to the image, or --scorer none."
        )
    nearest = difflib.get_close_matches(name, SCORERS, n=1, cutoff=0.3)
    hint = f"Did you mean {nearest[0]!r}? " if nearest else ""
    raise UsageError(f"There is no scorer {name!r}. {hint}Scorers: {', '.join(SCORERS)}.")
