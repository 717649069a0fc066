"""The questions that stand before a caption in alignment (paper 5: captions turned into instruction format)."""

from dataclasses import replace
from pathlib import Path

import yaml

from tools.errors import UsageError
from tools.manifest import hash_bytes
from trainer.samples import Sample, Turn

FILE = "alignment_requests.yaml"


def load_wordings(prompts: Path) -> tuple[str, ...]:
    """The pool of questions in `prompts`.

    Raises:
        UsageError: the file is missing or no list of texts.
    """
    path = prompts / FILE
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UsageError(f"{path}: cannot be read: {error}; run from the root of the checkout") from error
    if not isinstance(found, list) or not found or not all(isinstance(item, str) and item.strip() for item in found):
        raise UsageError(f"{path}: expected a list of questions, one a line, e.g. `- Describe the infrared image.`")
    return tuple(item.strip() for item in found)


def ask_for_caption(sample: Sample, wordings: tuple[str, ...]) -> Sample:
    """The sample with a question before its caption, chosen by its id; one that has a question stays as it is."""
    if sample.turns[0].role == "user":
        return sample
    place = int(hash_bytes(sample.id.encode()), 16) % len(wordings)
    return replace(sample, turns=(Turn("user", wordings[place]), *sample.turns))


def drop_question(sample: Sample) -> Sample:
    """The last answer alone, for LLaVA's `plain` format."""
    return replace(sample, turns=sample.turns[-1:])
