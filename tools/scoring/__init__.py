"""Scoring captions against an image of the modality (paper 3.1); the table of scorers is `tools.registry.SCORERS`."""

from typing import TYPE_CHECKING

from tools.registry.choices import Choice, EntrySpec
from tools.registry.plugins import list_sources, load_plugins
from tools.registry.tables import SCORERS
from tools.scoring.protocol import DECIMALS, Scorer, ScoreRequest

if TYPE_CHECKING:
    from tools.prompts.lexicon import Lexicon

__all__ = ["DECIMALS", "ScoreRequest", "Scorer", "make_scorer", "spec_scorer"]


def spec_scorer(choice: Choice) -> EntrySpec:
    """What a user chose, as every process needs it.

    Raises:
        UsageError: a setting that it does not use, lacks or cannot take; the message names the flag.
    """
    choice.read()
    return EntrySpec(choice.name, dict(choice.values), list_sources())


def make_scorer(spec: EntrySpec, lexicon: "Lexicon") -> Scorer:
    """The scorer of a specification.

    Args:
        lexicon: the words for what the modality cannot show.

    Raises:
        UsageError: no such scorer, or a setting that it does not use, lacks or cannot take.
        MissingError: it lacks its weights or a package.
    """
    load_plugins(spec.plugins)
    scorer: Scorer = SCORERS.load(spec.name)(SCORERS.read_settings(spec.name, spec.values), lexicon)
    return scorer
