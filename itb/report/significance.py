"""Is one model better than another? Both answered the same questions, so the differences are what is tested."""

import math
from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from itb.report.metrics import Scored
from tools.intervals import Estimate, estimate_mean

DRAWS = 10_000
SEED = 20_260


class Comparison(NamedTuple):
    """The first model's accuracy minus the second's.

    Attributes:
        difference: with its 95 % interval, by group.
        p_value: of a sign-flip test that keeps a group's questions together: exact for up to 13 groups that differ,
            else from `DRAWS` draws.
        only_first, only_second: questions that only one of them got right.
        mcnemar: exact two-sided p-value of these two numbers, which takes questions for independent.
    """

    difference: Estimate
    p_value: float
    only_first: int
    only_second: int
    mcnemar: float


def compare(first: Sequence[Scored], second: Sequence[Scored]) -> Comparison | None:
    """Compare two models on the questions that both were asked; None where there is none."""
    others = {(row.item.id, row.prediction.variant): row for row in second}
    pairs = [(row, others[key]) for row in first if (key := (row.item.id, row.prediction.variant)) in others]
    differences = [(mine.cluster, mine.value - its.value) for mine, its in pairs]
    estimate = estimate_mean(differences, is_share=False)
    if estimate is None:
        return None
    more = sum(value > 0 for _, value in differences)
    less = sum(value < 0 for _, value in differences)
    return Comparison(estimate, flip_signs(differences), more, less, mcnemar(more, less))


def mcnemar(more: int, less: int) -> float:
    """The exact p-value: how likely a split at least as uneven is when either way is equally likely."""
    total = more + less
    tail: float = sum(math.comb(total, k) for k in range(min(more, less) + 1)) / 2**total
    return min(1.0, 2 * tail)


def flip_signs(differences: Sequence[tuple[Hashable, float]]) -> float:
    """How likely a sum at least as large is when each group's difference could as well have the other sign."""
    import numpy as np

    sums: defaultdict[Hashable, float] = defaultdict(float)
    for cluster, value in differences:
        sums[cluster] += value
    values = np.array([value for value in sums.values() if value], np.float64)
    if not len(values):
        return 1.0
    seen = abs(values.sum()) - 1e-9
    if len(values) <= 13:
        signs = 1 - 2 * ((np.arange(2 ** len(values))[:, None] >> np.arange(len(values))) & 1)
        return float((np.abs(signs @ values) >= seen).mean())
    generator = np.random.default_rng(SEED)
    hits = 0
    for _ in range(DRAWS // 1000):
        signs = 1 - 2 * generator.integers(0, 2, (1000, len(values)))
        hits += int((np.abs(signs @ values) >= seen).sum())
    return (1 + hits) / (1 + DRAWS)
