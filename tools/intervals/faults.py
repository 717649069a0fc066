"""How many of a finite whole may be faulty, from a random sample of it drawn without putting back.

The count of faulty ones in such a sample is hypergeometric, whatever hangs together in the whole: nothing is assumed,
nothing approximated. The bound is one-sided: the largest number of faulty ones with which so few (or fewer) are found
with a probability above 1 - confidence (as Clopper and Pearson 1934, for a finite whole).
"""

import math

from tools.errors import UsageError


def bound_faults(population: int, sample: int, faults: int, confidence: float = 0.95) -> int:
    """The most of `population` that may be faulty where a random `sample` of it shows `faults`."""
    low, high = faults, population - (sample - faults)
    while low < high:
        middle = (low + high + 1) // 2
        if tell_chance(population, middle, sample, faults) > 1 - confidence:
            low = middle
        else:
            high = middle - 1
    return low


def choose_sample(population: int, error: float, allowed: int = 0, confidence: float = 0.95) -> int:
    """The smallest sample in which `allowed` faults prove that at most the share `error` of the whole is faulty.

    Raises:
        UsageError: no sample does, for as many faults are a greater share of the whole.
    """
    if allowed > math.floor(error * population):
        raise UsageError(
            f"{allowed} faults are more than {error:.2%} of {population:,}: even all of them cannot prove it; allow "
            "fewer, or a greater error"
        )
    low, high = allowed, population
    while low < high:
        middle = (low + high) // 2
        if bound_faults(population, middle, allowed, confidence) <= error * population:
            high = middle
        else:
            low = middle + 1
    return low


def tell_chance(population: int, faulty: int, sample: int, faults: int) -> float:
    """The probability that a sample shows at most `faults` where `faulty` of the whole are."""
    least, most = max(0, sample - (population - faulty)), min(faults, faulty, sample)
    whole = _log_choices(population, sample)
    return math.fsum(
        math.exp(_log_choices(faulty, found) + _log_choices(population - faulty, sample - found) - whole)
        for found in range(least, most + 1)
    )


def _log_choices(things: int, taken: int) -> float:
    return math.lgamma(things + 1) - math.lgamma(taken + 1) - math.lgamma(things - taken + 1)
