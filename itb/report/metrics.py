"""Accuracies with intervals: questions about one image are not independent, so images are what is counted.

For a mean p of n answers y in C images the variance is C / (C - 1) * sum over images of (sum of (y - p) / n)^2: the
cluster-robust variance (Liang and Zeger 1986), with Student's t of C - 1 degrees of freedom. With one question an image
this is the usual p (1 - p) / (n - 1). Where all answers are alike that is 0, which nobody should believe: Wilson's
interval is given then, with one observation an image.
"""

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

from itb.records import Item, Prediction, find_original

CONFIDENCE = 0.95


class Scored(NamedTuple):
    """An item and what a model said to it."""

    item: Item
    prediction: Prediction

    @property
    def cluster(self) -> Hashable:
        """The image behind it: of questions about one image, or drawn from one file, one says much about the next."""
        return self.item.source, find_original(self.item)

    @property
    def value(self) -> float:
        """1 when right."""
        return float(self.prediction.is_correct)


class Estimate(NamedTuple):
    """A mean with its 95 % interval; `low` and `high` are None where fewer than two images leave it undefined."""

    value: float
    low: float | None
    high: float | None
    n: int
    images: int


def find_t(degrees: int) -> float:
    """Student's two-sided 95 % quantile."""
    from scipy.stats import t

    return float(t.ppf((1 + CONFIDENCE) / 2, degrees))


def wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's interval of a share of `n` independent observations."""
    from scipy.stats import norm

    z = float(norm.ppf((1 + CONFIDENCE) / 2))
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def sum_influence(rows: Iterable[tuple[Hashable, float]], weight: float, into: dict[Hashable, float]) -> None:
    """Add each image's pull on an estimate: the sum of its deviations, times `weight`."""
    for cluster, deviation in rows:
        into[cluster] = into.get(cluster, 0.0) + weight * deviation


def find_error(influence: Mapping[Hashable, float]) -> float:
    """The standard error from the images' pulls, of two images or more."""
    count = len(influence)
    return math.sqrt(count / (count - 1) * sum(value * value for value in influence.values()))


def estimate_accuracy(rows: Sequence[Scored]) -> Estimate | None:
    """The share of right answers; None of nothing. An answer that could not be read counts as wrong."""
    return estimate_mean([(row.cluster, row.value) for row in rows])


def estimate_mean(rows: Sequence[tuple[Hashable, float]], is_share: bool = True) -> Estimate | None:
    """A mean of values that come in clusters.

    Args:
        is_share: the values are 0 or 1, so the interval stays within them.
    """
    if not rows:
        return None
    mean = sum(value for _, value in rows) / len(rows)
    influence: dict[Hashable, float] = {}
    sum_influence(((cluster, value - mean) for cluster, value in rows), 1 / len(rows), influence)
    count = len(influence)
    if count < 2:
        return Estimate(mean, None, None, len(rows), count)
    error = find_error(influence)
    if error == 0 and is_share:
        return Estimate(mean, *wilson(mean, count), len(rows), count)
    half = find_t(count - 1) * error
    low, high = mean - half, mean + half
    return Estimate(mean, max(0.0, low) if is_share else low, min(1.0, high) if is_share else high, len(rows), count)


def estimate_average(tasks: Mapping[str, Sequence[Scored]]) -> Estimate | None:
    """The mean of the tasks' accuracies (ITB Avg, when `tasks` are the six of the paper); None when one is empty.

    An image may serve several tasks: its pulls on all of them are added before they are squared (delta method).
    """
    if not tasks or not all(tasks.values()):
        return None
    influence: dict[Hashable, float] = {}
    means = []
    for rows in tasks.values():
        mean = sum(row.value for row in rows) / len(rows)
        means.append(mean)
        deviations = ((row.cluster, row.value - mean) for row in rows)
        sum_influence(deviations, 1 / (len(rows) * len(tasks)), influence)
    average, total, count = sum(means) / len(means), sum(map(len, tasks.values())), len(influence)
    if count < 2:
        return Estimate(average, None, None, total, count)
    half = find_t(count - 1) * find_error(influence)
    return Estimate(average, max(0.0, average - half), min(1.0, average + half), total, count)


class CountError(NamedTuple):
    """How far counts are off, over the answers that could be read.

    Attributes:
        mae: mean absolute error.
        within_1: share that is off by one at the most.
        read: share of the answers that could be read at all.
    """

    mae: float | None
    within_1: float | None
    read: float


def measure_counts(rows: Sequence[Scored]) -> CountError | None:
    """Errors of a counting task; None of nothing."""
    if not rows:
        return None
    offs = [off for row in rows if (off := _find_offset(row)) is not None]
    if not offs:
        return CountError(None, None, 0.0)
    return CountError(sum(offs) / len(offs), sum(off <= 1 for off in offs) / len(offs), len(offs) / len(rows))


def _find_offset(row: Scored) -> int | None:
    """By how much a count is off; None where the answer is no number, which a file of someone else's may hold."""
    answer = row.prediction.answer
    is_number = answer is not None and answer.isascii() and answer.isdigit() and row.item.answer.isdigit()
    return abs(int(answer or 0) - int(row.item.answer)) if is_number else None


def group_by_task(rows: Iterable[Scored]) -> dict[str, list[Scored]]:
    """Rows by their task, in the order in which tasks appear."""
    groups: defaultdict[str, list[Scored]] = defaultdict(list)
    for row in rows:
        groups[row.item.task].append(row)
    return dict(groups)
