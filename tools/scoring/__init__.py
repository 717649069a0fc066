"""Scoring captions against an image of the modality (paper 3.1): the protocol, and the scorer for each name."""

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from tools.errors import MissingError, UsageError
from tools.lexicon import Lexicon

SCORERS = ("lexical", "none", "languagebind")
DECIMALS = 4
Precision = Literal["fp32", "fp16", "bf16"]


class ScoreRequest(NamedTuple):
    """Captions that compete for one image.

    Attributes:
        image: of the modality, mode L; None without a translator.
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


class ScorerSettings(NamedTuple):
    """What a scorer is made from.

    Attributes:
        name: one of `SCORERS`.
        weights: official folder or hub id of a model-backed scorer.
        device, precision: where and in which number format a model computes.
        antialias: for `languagebind`, whether images are resized with antialiasing; upstream's pinned version does not.
    """

    name: str
    weights: str | None = None
    device: str | None = None
    precision: Precision = "fp32"
    antialias: bool = False


def make_scorer(settings: ScorerSettings, lexicon: Lexicon) -> Scorer:
    """Make the scorer that the settings name.

    Args:
        lexicon: the words for what the modality cannot show, for `lexical`.

    Raises:
        MissingError: `languagebind` without its folder, or without PyTorch.
        UsageError: an unknown name, or weights for a scorer that has none.
    """
    from tools.scoring.lexical import LexicalScorer, NoScorer

    if settings.name == "languagebind":
        return _make_languagebind(settings)
    if settings.name in SCORERS and settings.weights is not None:
        raise UsageError(f"scorer `{settings.name}` has no weights; leave the setting out")
    if settings.name == "lexical":
        return LexicalScorer(lexicon)
    if settings.name == "none":
        return NoScorer()
    nearest = difflib.get_close_matches(settings.name, SCORERS, n=1, cutoff=0.3)
    hint = f"Did you mean {nearest[0]!r}? " if nearest else ""
    raise UsageError(f"There is no scorer {settings.name!r}. {hint}Scorers: {', '.join(SCORERS)}.")


def _make_languagebind(settings: ScorerSettings) -> Scorer:
    from tools.scoring.languagebind import LanguageBindScorer

    if settings.weights is None:
        raise MissingError(
            "scorer `languagebind` needs the folder LanguageBind_Thermal (config.json, pytorch_model.bin, tokenizer): "
            "give it with --weights (--scorer-weights in a run); `lexical` needs none"
        )
    return LanguageBindScorer(
        settings.weights, device=settings.device, precision=settings.precision, antialias=settings.antialias
    )
