"""Accuracies of predictions, with intervals by group (`tools.intervals`), and the errors of counts."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

from itb.records import Item, Prediction
from tools.intervals import Estimate, bound, estimate_mean, sum_influence


class Scored(NamedTuple):
    """An item and what a model said to it."""

    item: Item
    prediction: Prediction

    @property
    def cluster(self) -> Hashable:
        """Its drive, flight or scene: of questions about one group, one says much about the next."""
        return self.item.source, self.item.group

    @property
    def value(self) -> float:
        """1 when right."""
        return float(self.prediction.is_correct)


def estimate_accuracy(rows: Sequence[Scored]) -> Estimate | None:
    """The share of right answers; None of nothing. An answer that could not be read counts as wrong."""
    return estimate_mean([(row.cluster, row.value) for row in rows])


def estimate_average(tasks: Mapping[str, Sequence[Scored]]) -> Estimate | None:
    """The mean of the tasks' accuracies (ITB Avg, when `tasks` are the six of the paper); None when one is empty.

    A group may serve several tasks: its pulls on all of them are added before they are squared (delta method).
    """
    if not tasks or not all(tasks.values()):
        return None
    influence: dict[Hashable, float] = {}
    sizes: dict[Hashable, float] = {}
    means = []
    for rows in tasks.values():
        mean = sum(row.value for row in rows) / len(rows)
        means.append(mean)
        weight = 1 / (len(rows) * len(tasks))
        sum_influence(((row.cluster, row.value - mean) for row in rows), weight, influence)
        sum_influence(((row.cluster, 1.0) for row in rows), weight, sizes)
    return bound(sum(means) / len(means), influence, sizes, sum(map(len, tasks.values())))


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
