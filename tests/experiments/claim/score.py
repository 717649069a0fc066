"""Accuracies by arm and kind of question, and paired differences, resampled by group and by seed together.

A group is a drive, a flight or a scene: whatever the benchmark keeps on one side of a split. A draw takes groups and
seeds with replacement, the same ones for all arms.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from itb.benchmark.bench import Bench
from itb.report.metrics import Scored
from itb.report.scores import load_scored
from paper_mini.score import Answers, Interval, Scorer

LEVEL = 0.05


class Asked(NamedTuple):
    """What all models of one benchmark were asked.

    Attributes:
        kinds: of the questions, in the order of the last axis; groups: of the images.
    """

    kinds: tuple[str, ...]
    groups: tuple[str, ...]


class Compared(NamedTuple):
    """One arm minus another, in points of the mean over kinds of questions.

    Attributes:
        p: two-sided, of the draws; holm: corrected for all comparisons of its family.
    """

    first: str
    second: str
    difference: Interval
    p: float
    holm: float

    @property
    def half(self) -> float:
        """Half of the interval's width."""
        return (self.difference.high - self.difference.low) / 2


def list_asked(rows: Sequence[Scored]) -> Asked:
    """Kinds and groups, sorted."""
    return Asked(tuple(sorted({row.item.task for row in rows})), tuple(sorted({str(row.cluster) for row in rows})))


def read_arm(bench: Bench, files: Sequence[Path], asked: Asked) -> Answers:
    """What one arm got right, a file a seed.

    Raises:
        ValueError: the seeds answer different questions.
    """
    right = np.zeros((len(files), len(asked.groups), len(asked.kinds)))
    counts = np.zeros_like(right)
    places = {name: place for place, name in enumerate(asked.groups)}
    for seed, file in enumerate(files):
        for row in load_scored(file, bench):
            place = seed, places[str(row.cluster)], asked.kinds.index(row.item.task)
            counts[place] += 1
            right[place] += row.value
    if not (counts == counts[0]).all():
        raise ValueError(f"{files[0].stem}: the seeds answer different questions")
    return Answers(right, counts[0])


def compare_family(scorer: Scorer, pairs: Sequence[tuple[str, str]]) -> list[Compared]:
    """Each pair, with Holm's correction for all of them."""
    differences = [scorer.compare(*pair) for pair in pairs]
    values = [find_p(scorer, *pair) for pair in pairs]
    corrected = correct_holm(values)
    return [
        Compared(*pair, difference, p, holm)
        for pair, difference, p, holm in zip(pairs, differences, values, corrected, strict=True)
    ]


def find_p(scorer: Scorer, first: str, second: str) -> float:
    """Twice the share of draws on the rarer side of 0, never 0 itself; draws that lack a kind are left out."""
    draws = scorer.draw(first).mean(1) - scorer.draw(second).mean(1)
    draws = draws[np.isfinite(draws)]
    rarer = min(int((draws <= 0).sum()), int((draws >= 0).sum()))
    return min(1.0, 2 * (rarer + 1) / (len(draws) + 1))


def correct_holm(values: Sequence[float]) -> list[float]:
    """Holm's step-down p-values, in the order given (Holm 1979)."""
    order = sorted(range(len(values)), key=values.__getitem__)
    corrected, highest = [0.0] * len(values), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        corrected[place] = highest
    return corrected


def name_outcome(primary: Sequence[Compared], seeing: Collection[str]) -> str:
    """`holds`, `contradicted` or `undecided`, as docs/claim.md defines them.

    Args:
        seeing: arms that do better than whoever does not look at the images; a lead among others proves nothing.
    """
    if all(each.difference.low > 0 and each.holm < LEVEL and each.first in seeing for each in primary):
        return "holds"
    if any(each.difference.high < 0 and each.holm < LEVEL and each.second in seeing for each in primary):
        return "contradicted"
    return "undecided"


def count_deciding(compared: Compared, questions: int) -> int | None:
    """How many questions would put 0 outside the interval if the difference stayed: of as many groups for each.

    None where the difference is 0.
    """
    if not compared.difference.value:
        return None
    return int(np.ceil(questions * (compared.half / abs(compared.difference.value)) ** 2))


def score_all(arms: Mapping[str, Answers]) -> Scorer:
    """Intervals of all arms of a benchmark."""
    return Scorer(arms)


def score_kinds(arms: Mapping[str, Answers], kinds: Sequence[int]) -> Scorer:
    """Intervals of the kinds of questions at these places alone."""
    return Scorer(
        {name: Answers(each.right[:, :, list(kinds)], each.asked[:, list(kinds)]) for name, each in arms.items()}
    )
