"""How many seeds and questions tell two arms apart: from the spread over seeds and images on development scenes.

A difference of two arms in ITB Avg varies with the seed, with the images that are asked about, and with both together:

    variance = seed / S + images / f + rest / (S f)

for S seeds and f times as many images. At 80 % power, and 5 % two-sided, what can be told apart is 2.80 times the root.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from paper_mini.score import Answers

FACTOR = 1.959964 + 0.841621
SEEDS = (2, 3, 4, 6, 8, 10, 12, 16)


class Spread(NamedTuple):
    """Variances of a difference in ITB Avg, in squared points.

    Attributes:
        seed: of a seed, all images asked; images: of the images; rest: of a seed's answers to them.
    """

    seed: float
    images: float
    rest: float

    def resolve(self, seeds: int, images: float = 1.0) -> float:
        """The difference in points that is found in 80 of 100 experiments.

        Args:
            images: as many times those of development.
        """
        return FACTOR * math.sqrt(self.seed / seeds + self.images / images + self.rest / (seeds * images))

    def find_images(self, seeds: int, points: float) -> float:
        """How many times the images are needed to resolve `points`; infinite where the seeds alone vary too much."""
        left = (points / FACTOR) ** 2 - self.seed / seeds
        return (self.images + self.rest / seeds) / left if left > 0 else math.inf


def measure_spread(first: Answers, second: Answers) -> Spread:
    """Of the difference of two arms that answered the same questions, with two seeds at least."""
    asked = first.is_asked
    pull = 100 * ((first.right - second.right)[:, :, asked] / first.asked.sum(0)[asked]).mean(-1)
    seeds, images = pull.shape
    rest = images * float((pull - pull.mean(0)).var(0, ddof=1).mean()) if seeds > 1 else 0.0
    by_image = images * float(pull.mean(0).var(ddof=1))
    by_seed = float(pull.sum(1).var(ddof=1)) if seeds > 1 else 0.0
    return Spread(max(0.0, by_seed - rest), max(0.0, by_image - rest / seeds), rest)


def pool(spreads: Sequence[Spread]) -> Spread:
    """The mean of several, which one pair of arms with few seeds says too little about."""
    return Spread(*(float(np.mean(values)) for values in zip(*spreads, strict=True)))


def describe_power(arms: Mapping[str, Answers], pairs: Sequence[tuple[str, str]]) -> str:
    """The spread of each pair and of all, and what numbers of seeds resolve, in Markdown."""
    spreads = {f"{first} - {second}": measure_spread(arms[first], arms[second]) for first, second in pairs}
    spreads["all, pooled"] = pool(list(spreads.values()))
    questions = int(next(iter(arms.values())).asked.sum())
    head = ("difference", "SD of a seed", "SD of images", "SD of the rest", *(f"{count} seeds" for count in SEEDS))
    rows = [
        (name, *(f"{math.sqrt(value):.2f}" for value in found), *(f"{found.resolve(count):.1f}" for count in SEEDS))
        for name, found in spreads.items()
    ]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join([f"{questions} questions; points of ITB Avg resolved at 80 % power:", "", *lines]) + "\n"
