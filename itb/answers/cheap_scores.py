"""How much cheap answers get right, beside what a uniform guess does."""

from collections.abc import Mapping, Sequence

from itb.answers import is_right
from itb.answers.candidates import find_chance
from itb.answers.cheap import Guess, Ranges
from itb.records import Item
from tools.intervals import estimate_mean
from tools.records import Record

MARGIN = 0.10
"""By how much a cheap answer may beat chance, beyond its interval, before questions count as guessable."""


class Cheap(Record):
    """What a cheap answer gets right on the test split, as far as it answers at all; with its 95 % interval by group.

    Attributes:
        low, high: None where a single group leaves them undefined.
        n: questions that it answers.
        chance: what a uniform guess gets right of the same questions; None where the answers cannot be listed.
    """

    right: float
    low: float | None
    high: float | None
    n: int
    chance: float | None

    @property
    def is_too_good(self) -> bool:
        """Whether it beats chance by more than the margin, beyond its interval."""
        return self.chance is not None and self.low is not None and self.low > self.chance + MARGIN


def measure_cheap(test: Sequence[Item], guesses: Mapping[str, Guess], find_range: Ranges) -> dict[str, Cheap]:
    """What each cheap answer gets right on questions of one kind; those that answer none are left out."""
    found = {}
    for name, guess in guesses.items():
        answered = [(item, answer) for item in test if (answer := guess(item)) is not None]
        share = estimate_mean([(item.group, float(is_right(item, answer))) for item, answer in answered])
        if share is not None:
            chance = measure_chance([item for item, _ in answered], find_range)
            low, high = _round(share.low), _round(share.high)
            found[name] = Cheap(right=round(share.value, 4), low=low, high=high, n=share.n, chance=_round(chance))
    return found


def find_best(cheap: Mapping[str, Cheap]) -> tuple[str, Cheap]:
    """The cheap answer that beats chance by most, by the lower end of its interval."""
    return max(cheap.items(), key=lambda row: (row[1].low or 0.0) - (row[1].chance or 0.0))


def measure_chance(items: Sequence[Item], find_range: Ranges) -> float | None:
    """What a uniform guess gets right of them; None where no answers can be listed."""
    parts = [chance for item in items if (chance := find_chance(item, find_range(item))) is not None]
    return sum(parts) / len(parts) if parts else None


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
