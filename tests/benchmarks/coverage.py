"""How often the 95 % intervals of a report hold the truth, by simulation: answers that are constant in a group.

    PYTHONPATH=. .venv/bin/python tests/benchmarks/coverage.py [--draws 2000]

A model is right or wrong about a whole drive, flight or thermogram: groups are drawn, and their questions follow. Sizes
are equal, or as uneven as those of real sources are. Beside our intervals stand those that take images for independent.
For equal sizes nothing has to be simulated: the table ends with what the binomial distribution says, for the three
shares and for all from 5 to 95 %. G groups have G + 1 possible means, so that a share may lie well or badly between
them: the mean over the three shares goes from 93.9 to 98 % with the number of groups, that over all shares does not.
"""

import argparse
from collections.abc import Callable

import numpy as np
from scipy.stats import binom

from tools.intervals import estimate_mean, wilson

Sizes = Callable[[np.random.Generator, int], np.ndarray]
SIZES: dict[str, Sizes] = {
    "equal": lambda generator, groups: np.full(groups, 20),
    "exponential": lambda generator, groups: 1 + generator.exponential(20, groups).astype(int),
    "lognormal": lambda generator, groups: 1 + generator.lognormal(2.5, 1, groups).astype(int),
}
SHARES = (0.3, 0.5, 0.8)
GROUPS = (5, 10, 13, 15, 20, 30, 60)
IMAGES = 4
"""Questions about one image, in the intervals that take images for independent."""


def cover(sizes: np.ndarray, right: np.ndarray, share: float) -> tuple[bool, bool]:
    """Whether the interval by group, and the one by image, hold the share."""
    rows = [(group, float(right[group])) for group, size in enumerate(sizes) for _ in range(size)]
    images = [((group, k // IMAGES), value) for k, (group, value) in enumerate(rows)]
    found = [estimate_mean(each) for each in (rows, images)]
    ours, theirs = (each is not None and each.low is not None and each.low <= share <= each.high for each in found)
    return ours, theirs


def sum_exactly(groups: int, share: float) -> float:
    """How often the interval of equal groups holds the share."""
    ends = [wilson(right / groups, groups) for right in range(groups + 1)]
    return float(sum(binom.pmf(right, groups, share) for right, (low, high) in enumerate(ends) if low <= share <= high))


def main() -> None:
    """A row a number of groups and kind of sizes, in percent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=500, help="of each share")
    draws = parser.parse_args().draws
    print(f"{'groups':>6} {'sizes':<12} {'by group':>8} {'by image':>8}")
    for groups in GROUPS:
        for name, make in SIZES.items():
            generator = np.random.default_rng(groups)
            hits = [
                cover(make(generator, groups), generator.random(groups) < share, share)
                for share in SHARES
                for _ in range(draws)
            ]
            ours, theirs = 100 * np.mean(hits, axis=0)
            print(f"{groups:>6} {name:<12} {ours:>8.1f} {theirs:>8.1f}")
    print("\ngroups  exactly, of the three shares  of all")
    for groups in GROUPS:
        of_three = np.mean([sum_exactly(groups, share) for share in SHARES])
        of_all = np.mean([sum_exactly(groups, share) for share in np.linspace(0.05, 0.95, 181)])
        print(f"{groups:>6}  {100 * of_three:>28.1f}  {100 * of_all:>6.1f}")


if __name__ == "__main__":
    main()
