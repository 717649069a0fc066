"""Faults of a whole from a sample, against counting every sample that there is."""

import math
from fractions import Fraction

import pytest

from tools.errors import UsageError
from tools.intervals import bound_faults, choose_sample
from tools.intervals.faults import tell_chance

CONFIDENCE = 0.95


def count_chance(population, faulty, sample, faults):
    """The same probability as a fraction: of all samples, those with at most so many faulty ones."""
    ways = sum(
        math.comb(faulty, found) * math.comb(population - faulty, sample - found)
        for found in range(faults + 1)
        if sample >= found
    )
    return Fraction(ways, math.comb(population, sample))


def test_the_bound_is_that_of_counting_every_sample():
    for population in range(1, 15):
        for sample in range(1, population + 1):
            for faults in range(sample + 1):
                possible = range(faults, population - (sample - faults) + 1)
                worst = max(
                    faulty for faulty in possible if count_chance(population, faulty, sample, faults) > Fraction(5, 100)
                )
                assert bound_faults(population, sample, faults, CONFIDENCE) == worst


def test_the_bound_holds_as_often_as_it_says():
    population, sample = 40, 13
    bounds = [bound_faults(population, sample, faults, CONFIDENCE) for faults in range(sample + 1)]
    for faulty in range(population + 1):
        too_low = [faults for faults, most in enumerate(bounds) if most < faulty]
        missed = count_chance(population, faulty, sample, max(too_low)) if too_low else 0
        assert missed <= Fraction(5, 100)


def test_the_sample_is_the_smallest_that_proves_it():
    for population, error, allowed in ((72, 0.05, 0), (500, 0.02, 0), (500, 0.05, 2), (9, 0.02, 0)):
        size = choose_sample(population, error, allowed, CONFIDENCE)
        assert bound_faults(population, size, allowed, CONFIDENCE) <= error * population
        assert bound_faults(population, size - 1, allowed, CONFIDENCE) > error * population
    assert choose_sample(9, 0.02) == 9, "of few texts all have to be seen"
    assert choose_sample(10**7, 0.02) == 149, "of very many as many as without an end: log 0.05 / log 0.98"


def test_large_wholes_are_as_exact():
    exact = count_chance(200_000, 4_000, 150, 1)
    assert tell_chance(200_000, 4_000, 150, 1) == pytest.approx(float(exact), rel=1e-6)


def test_what_no_sample_can_prove_is_refused():
    with pytest.raises(UsageError, match=r"3 faults are more than 2\.00% of 100"):
        choose_sample(100, 0.02, 3)
