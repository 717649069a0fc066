"""The questions that stand before a caption in alignment (paper 5: captions turned into instruction format)."""

from dataclasses import replace

from tools.conversations import Turn
from tools.seeds import choose_by_name
from trainer.data.samples import Sample


def ask_for_caption(sample: Sample, wordings: tuple[str, ...]) -> Sample:
    """The sample with a question before its caption, chosen by its id; one that has a question stays as it is."""
    if sample.turns[0].role == "user":
        return sample
    return replace(sample, turns=(Turn("user", choose_by_name(sample.id, wordings)), *sample.turns))


def drop_question(sample: Sample) -> Sample:
    """The last answer alone, for LLaVA's `plain` format."""
    return replace(sample, turns=sample.turns[-1:])
