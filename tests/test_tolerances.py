"""The bounds against simulation: wide enough for what arithmetic does, and not much wider."""

import numpy as np
import pytest
from tolerances import float_tolerance, share_tolerance, written_tolerance
from training_bounds import measure_adam_mean, measure_adam_square


@pytest.mark.parametrize("summands", [16, 256, 4096])
def test_sums_in_another_order_lie_within_the_bound_and_a_lost_summand_does_not(summands):
    generator = np.random.default_rng(summands)
    farthest = 0.0
    for _ in range(200):
        terms = generator.normal(size=summands).astype(np.float32)
        one, other = (np.cumsum(order, dtype=np.float32)[-1] for order in (terms, generator.permutation(terms)))
        bound = float_tolerance(np.sqrt(summands), summands)  # the partial sums' size is that of a walk
        farthest = max(farthest, abs(float(one) - float(other)) / bound)
        assert abs(float(one) - float(np.cumsum(terms[terms != terms.max()], dtype=np.float32)[-1])) > 10 * bound
    assert 0.005 < farthest < 1


@pytest.mark.parametrize("noise", [1e-5, 1e-4, 1e-3])
def test_adam_makes_of_small_errors_what_the_formulas_say(noise):
    gradients = np.abs(np.random.default_rng(0).normal(size=1_000_000))
    apart = np.minimum(2, 2 * noise / gradients)
    assert 0.5 * measure_adam_mean(noise) < apart.mean() < measure_adam_mean(noise)
    assert 0.5 * measure_adam_square(noise) < (apart**2).mean() < 1.2 * measure_adam_square(noise)


def test_written_numbers_and_drawn_shares_lie_within_their_bounds():
    values = np.random.default_rng(1).random(1000)
    off = max(abs(round(value, 4) - value) for value in values)
    assert 0.9 * written_tolerance(4) < off < written_tolerance(4)
    shares = np.random.default_rng(2).binomial(400, 0.3, 1000) / 400
    assert 0.5 * share_tolerance(0.3, 400) < abs(shares - 0.3).max() < share_tolerance(0.3, 400)
