"""How much a sample costs to learn from: floating point operations, counted from the sizes of a model.

A weight multiplies a token once forward (2 operations), once backward towards what stands before it, and once more for
its own gradient where it is trained; with gradient checkpointing once forward again. Attention between tokens is added,
the vision tower is taken forward alone.
"""

from trainer.model.sizes import Sizes
from trainer.recipe import SftPart, StagePart

PATCHES = 4
"""Patches of the tower behind an image's token, in most families."""


def count_operations(sizes: Sizes, part: StagePart, text: int, supervised: float) -> float:
    """Operations of a sample.

    Args:
        text: tokens of the sample, the image apart; supervised: how many of them are learned from.
    """
    language = sizes.language
    tokens = sizes.image_tokens + text
    is_full = isinstance(part, SftPart) and part.method == "full" and part.train in {"llm", "both"}
    passes = 2 + part.gradient_checkpointing + is_full
    blocks = 2 * (language.parameters - language.ends) * tokens
    attention = 4 * language.layers * language.queries * tokens * tokens
    head = 2 * language.vocabulary * language.width * supervised * (2 + is_full)
    tower = 2 * sizes.tower * sizes.image_tokens * PATCHES if part.feature_cache is None else 0
    return (blocks + attention) * passes + head + tower
