"""The questions that stand before a caption in alignment (paper 5: captions turned into instruction format)."""

from dataclasses import replace

from tools.manifest import hash_bytes
from trainer.samples import Sample, Turn


def ask_for_caption(sample: Sample, wordings: tuple[str, ...]) -> Sample:
    """The sample with a question before its caption, chosen by its id; one that has a question stays as it is."""
    if sample.turns[0].role == "user":
        return sample
    place = int(hash_bytes(sample.id.encode()), 16) % len(wordings)
    return replace(sample, turns=(Turn("user", wordings[place]), *sample.turns))


def drop_question(sample: Sample) -> Sample:
    """The last answer alone, for LLaVA's `plain` format."""
    return replace(sample, turns=sample.turns[-1:])
