"""Scores of arms over seeds, with intervals that resample seeds and images together.

All arms answer the same questions about the same test images, and seed k of one arm shares scenes and weights' seed
with seed k of every other. A draw takes seeds and images with replacement, the same ones for all arms, so differences
between arms are paired in both. Three seeds say little about how seeds vary: the intervals are the narrowest that can
be defended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from itb.benchmark.bench import Bench
from itb.evaluate.predictions import read_predictions
from itb.tasks import list_paper_tasks

PAPER_TASKS = list_paper_tasks()

DRAWS = 2000
SEED = 20_261
Array = NDArray[np.float64]


class Interval(NamedTuple):
    """A figure in percent with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Answers:
    """What one arm got right.

    Attributes:
        right: (S, C, T) right answers of a seed to an image's questions of a task.
        asked: (C, T) questions.
    """

    right: Array
    asked: Array

    @property
    def is_asked(self) -> NDArray[np.bool_]:
        """(T,) whether the benchmark has the task: it refuses one that can be answered without the image."""
        found: NDArray[np.bool_] = self.asked.sum(0) > 0
        return found

    @property
    def by_task(self) -> Array:
        """(T,) accuracy in percent, all seeds together; NaN of a task that was not asked."""
        with np.errstate(invalid="ignore"):
            found: Array = 100 * self.right.mean(0).sum(0) / self.asked.sum(0)
        return found

    @property
    def average(self) -> float:
        """ITB Avg in percent: the mean of the tasks that were asked."""
        return float(self.by_task[self.is_asked].mean())

    @property
    def by_seed(self) -> Array:
        """(S,) ITB Avg in percent."""
        tasks = self.is_asked
        found: Array = 100 * (self.right.sum(1)[:, tasks] / self.asked.sum(0)[tasks]).mean(-1)
        return found


def read_answers(bench: Bench, files: Sequence[Path]) -> Answers:
    """The predictions of one arm, a file a seed.

    Raises:
        ValueError: the files answer different questions.
    """
    items = {item.id: item for item in bench.items}
    rows = [{row.item: row.is_correct for row in read_predictions(file) if not row.variant} for file in files]
    if any(row.keys() != rows[0].keys() for row in rows):
        raise ValueError("the seeds of an arm answer different questions")
    images = {image: place for place, image in enumerate(sorted({items[name].image for name in rows[0]}))}
    right = np.zeros((len(rows), len(images), len(PAPER_TASKS)))
    asked = np.zeros((len(images), len(PAPER_TASKS)))
    for name in rows[0]:
        place = images[items[name].image], PAPER_TASKS.index(items[name].task)
        asked[place] += 1
        for seed, row in enumerate(rows):
            right[(seed, *place)] += row[name]
    return Answers(right, asked)


class Scorer:
    """Intervals of arms that answered the same questions.

    Args:
        arms: name -> answers, of equal shapes.
    """

    def __init__(self, arms: Mapping[str, Answers]) -> None:
        self._arms = arms
        seeds, images, _ = next(iter(arms.values())).right.shape
        generator = np.random.default_rng(SEED)
        self._images = generator.multinomial(images, np.full(images, 1 / images), DRAWS).astype(float)
        self._seeds = generator.multinomial(seeds, np.full(seeds, 1 / seeds), DRAWS) / seeds
        self._draws: dict[str, Array] = {}

    def draw(self, arm: str) -> Array:
        """(DRAWS, T) accuracies in percent."""
        if arm not in self._draws:
            answers = self._arms[arm]
            right = sum(
                self._seeds[:, seed, None] * (self._images @ answers.right[seed]) for seed in range(len(answers.right))
            )
            with np.errstate(invalid="ignore", divide="ignore"):
                self._draws[arm] = 100 * right / (self._images @ answers.asked)
        return self._draws[arm]

    def score_task(self, arm: str, task: int) -> Interval:
        """Accuracy in a task."""
        return _make_interval(float(self._arms[arm].by_task[task]), self.draw(arm)[:, task])

    def score(self, arm: str) -> Interval:
        """ITB Avg."""
        return _make_interval(self._arms[arm].average, self._draw_average(arm))

    def compare(self, first: str, second: str) -> Interval:
        """ITB Avg of the first minus that of the second."""
        value = self._arms[first].average - self._arms[second].average
        return _make_interval(value, self._draw_average(first) - self._draw_average(second))

    def _draw_average(self, arm: str) -> Array:
        found: Array = self.draw(arm)[:, self._arms[arm].is_asked].mean(1)
        return found


def _make_interval(value: float, draws: Array) -> Interval:
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return Interval(value, float(low), float(high))
