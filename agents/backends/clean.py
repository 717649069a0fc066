"""Captions in which the lexicon finds nothing: which of them are sent to a model all the same, to check the lexicon."""

from tools.prompts.lexicon import Lexicon
from tools.seeds import hash_to_unit

CHECK_SHARE = 0.05


def is_spared(seed: int, image_id: str, sample: int, caption: str, lexicon: Lexicon) -> bool:
    """Whether a caption is clean and none of those that are sent to check the lexicon."""
    return not lexicon.find(caption) and not is_checked(seed, image_id, sample)


def is_checked(seed: int, image_id: str, sample: int) -> bool:
    """Whether a clean caption is sent all the same, by a hash of its place."""
    return hash_to_unit(seed, "clean caption", image_id, sample) < CHECK_SHARE
