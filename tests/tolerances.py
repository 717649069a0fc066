"""How far two computations of the same thing may lie apart: bounds that follow from the arithmetic, on any processor.

Processors add the terms of a sum in different orders, and some multiply and add in one rounding, so two right results
differ in their last digits. A bound here never comes from what one machine printed:

- every rounding has a relative error of at most `2**-bits` in a direction of its own. A sum of n products then errs by
  `DEVIATIONS * sqrt(n) * 2**-bits` of its size, in whatever order they come (Higham and Mary, "A new approach to
  probabilistic rounding error analysis", 2019); sums that feed each other add up as one long sum does;
- a number that is written with d decimals is off by half a unit of the last;
- a share of n independent draws is off by a few times `sqrt(p (1 - p) / n)`.
"""

import math
from typing import Any

FLOAT32, FLOAT16, BFLOAT16 = 24, 11, 8
"""Bits of a significand, the hidden one included."""
DEVIATIONS = 6
"""Standard deviations that a rounding error may have: a normal one lies outside once in 500 million times."""
LAYER = 9
"""Sums in a row in a transformer's layer: two norms, query with key, softmax, value, output, three of the mlp."""


def float_tolerance(scale: float, summands: int = 1, steps: int = 1, bits: int = FLOAT32) -> float:
    """Between two results of `steps` sums in a row, each of at most `summands` products.

    Args:
        scale: size of the largest result; of the largest thing on the way, where large ones cancel.
        bits: of the number format, 24 for float32.
    """
    both = 2 * 2.0**-bits  # either of the two results may err
    return DEVIATIONS * both * scale * math.sqrt(summands * steps)


def layers_tolerance(config: Any, scale: float, length: int, bits: int = FLOAT32) -> float:
    """Between two outputs of a transformer, of at most `scale`, for `length` tokens or patches.

    Args:
        config: of the language model or tower, as transformers writes it.
    """
    ends = 2  # the first layer's embedding or patches, the last one's head
    return float_tolerance(scale, max(config.intermediate_size, length), LAYER * config.num_hidden_layers + ends, bits)


def written_tolerance(decimals: int) -> float:
    """Of a number that was rounded to `decimals` decimals: half a unit of the last, and a float's own error."""
    return 0.5 * 10.0**-decimals * (1 + 1e-6)


def share_tolerance(share: float, count: int) -> float:
    """Of a share among `count` independent draws: four standard errors, which one in 16,000 exceeds."""
    return 4 * math.sqrt(share * (1 - share) / count)


def largest_difference(found: Any, expected: Any) -> float:
    """Of two arrays or tensors of one shape."""
    return float(abs(found - expected).max())
