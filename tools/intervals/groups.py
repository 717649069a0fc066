"""Means with intervals: questions about one group (a drive, a flight, a scene) are not independent, so groups count.

For a mean p of n answers in G groups the variance is G / (G - 1) * sum over groups of (sum of (y - p) / n)^2: the
cluster-robust variance (Liang and Zeger 1986). A share gets Wilson's interval of as many independent answers as have
this variance, with Student's t in place of the normal quantile; other means the usual interval. The degrees of freedom
are those of G' - 1, where G' = n^2 / (sum of squared group sizes) is the number of equal groups that tell as much (Kish
1965): ten groups of which one holds half of the questions are no ten groups. Where all groups are alike the variance is
0, which nobody should believe: one answer for each of G' groups is assumed then.

Where no group holds both right and wrong answers, its questions are one answer, and nothing is left to be estimated:
the variance is p (1 - p) / G' whatever the sizes are. Student's t would pay for a doubt that is not there, and the
interval is Wilson's of G' answers with the normal quantile.

A simulation (tests/benchmarks/coverage.py) says how often such intervals hold the truth.
"""

import functools
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

CONFIDENCE = 0.95
LEAST_GROUPS = 10
"""With fewer of them no interval can be trusted, whatever its formula: they may all be of one kind."""


class Estimate(NamedTuple):
    """A mean with its 95 % interval; `low` and `high` are None where fewer than two groups leave it undefined."""

    value: float
    low: float | None
    high: float | None
    n: int
    groups: int

    @property
    def is_trusted(self) -> bool:
        """Whether there are groups enough for the interval to be believed."""
        return self.groups >= LEAST_GROUPS


@functools.lru_cache(maxsize=1024)
def find_t(degrees: float) -> float:
    """Student's two-sided 95 % quantile."""
    from scipy.stats import t

    return float(t.ppf((1 + CONFIDENCE) / 2, degrees))


def wilson(share: float, n: float, quantile: float = 1.959963984540054) -> tuple[float, float]:
    """Wilson's interval of a share of `n` independent observations; `quantile`: two-sided, the normal one's."""
    squared = quantile * quantile
    middle = (share + squared / (2 * n)) / (1 + squared / n)
    half = quantile / (1 + squared / n) * math.sqrt(share * (1 - share) / n + squared / (4 * n * n))
    return 0.0 if share <= 0 else max(0.0, middle - half), 1.0 if share >= 1 else min(1.0, middle + half)


def sum_influence(rows: Iterable[tuple[Hashable, float]], weight: float, into: dict[Hashable, float]) -> None:
    """Add each group's pull on an estimate: the sum of its deviations, times `weight`."""
    for group, deviation in rows:
        into[group] = into.get(group, 0.0) + weight * deviation


def estimate_mean(rows: Sequence[tuple[Hashable, float]], is_share: bool = True) -> Estimate | None:
    """A mean of values that come in groups; None of nothing.

    Args:
        is_share: the values lie in 0..1, and so does the interval.
    """
    if not rows:
        return None
    mean = sum(value for _, value in rows) / len(rows)
    influence: dict[Hashable, float] = {}
    sizes: dict[Hashable, float] = {}
    sum_influence(((group, value - mean) for group, value in rows), 1 / len(rows), influence)
    sum_influence(((group, 1.0) for group, _ in rows), 1 / len(rows), sizes)
    whole: dict[Hashable, float] = {}
    is_whole = all(whole.setdefault(group, value) == value for group, value in rows)
    return bound(mean, influence, sizes, len(rows), is_share, is_whole)


def bound(
    mean: float,
    influence: Mapping[Hashable, float],
    sizes: Mapping[Hashable, float],
    n: int,
    is_share: bool = True,
    is_whole: bool = False,
) -> Estimate:
    """An estimate from the groups' pulls on it.

    Args:
        sizes: of each group, as a part of all questions.
        n: questions.
        is_whole: every group's answers are all right or all wrong.
    """
    count = len(influence)
    if count < 2:
        return Estimate(mean, None, None, n, count)
    like = 1 / sum(size * size for size in sizes.values())
    quantile = find_t(max(1.0, round(like - 1, 2)))
    variance = count / (count - 1) * sum(value * value for value in influence.values())
    if not is_share:
        half = quantile * math.sqrt(variance)
        return Estimate(mean, mean - half, mean + half, n, count)
    if is_whole:
        return Estimate(mean, *wilson(mean, like), n, count)
    spread = mean * (1 - mean)
    worth = like if variance <= 1e-15 or spread <= 0 else min(float(n), spread / variance)
    return Estimate(mean, *wilson(mean, worth, quantile), n, count)
