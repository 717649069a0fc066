"""The statistics against closed forms, second implementations and simulation."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tolerances import share_tolerance

from itb.records import Item, Prediction
from itb.report.metrics import Scored, estimate_accuracy, estimate_average, estimate_mean, measure_counts, wilson
from itb.report.significance import DRAWS, compare, flip_signs, mcnemar


def make(value, image="a", task="locate", number=0, form="yes_no", answer="yes", read="yes", failure=None):
    item = Item(
        id=f"{task}-{image}-{number}", task=task, source="s", band="lwir", polarity="white-hot", image=f"i/{image}.png",
        width=10, height=10, question="?", options=(), answer=answer, form=form, wording=f"{task}/0", group=image,
        split="test",
    )  # fmt: skip
    return Scored(
        item, Prediction(item=item.id, reply=read or "", answer=read, failure=failure, is_correct=bool(value))
    )


def test_one_question_an_image_gives_the_usual_interval():
    values = [1, 0, 1, 1, 0, 1, 0, 1]
    found = estimate_accuracy([make(value, str(k)) for k, value in enumerate(values)])
    p, n = np.mean(values), len(values)
    half = stats.t.ppf(0.975, n - 1) * math.sqrt(p * (1 - p) / (n - 1))
    assert found.value == p and (found.n, found.images) == (n, n)
    assert found.low == pytest.approx(max(0, p - half)) and found.high == pytest.approx(min(1, p + half))


def test_equal_clusters_give_the_interval_of_their_means():
    clusters = [[1, 1, 0], [0, 0, 1], [1, 1, 1], [0, 1, 0]]
    rows = [make(v, str(c), number=k) for c, values in enumerate(clusters) for k, v in enumerate(values)]
    means = [np.mean(values) for values in clusters]
    half = stats.t.ppf(0.975, 3) * np.std(means, ddof=1) / math.sqrt(4)
    found = estimate_accuracy(rows)
    assert found.value == pytest.approx(np.mean(means)) and found.images == 4
    assert found.high - found.value == pytest.approx(min(half, 1 - found.value))


def test_repeating_every_question_does_not_narrow_the_interval():
    values = [1, 0, 1, 1, 0, 1, 0, 1]
    once = estimate_accuracy([make(value, str(k)) for k, value in enumerate(values)])
    often = estimate_accuracy([make(value, str(k), number=n) for k, value in enumerate(values) for n in range(7)])
    assert (often.low, often.high) == pytest.approx((once.low, once.high))


def test_all_right_is_no_certainty_and_one_image_no_interval():
    found = estimate_accuracy([make(1, str(k)) for k in range(9)])
    low, high = stats.binomtest(9, 9).proportion_ci(method="wilson")
    assert (found.low, found.high) == pytest.approx((low, high))
    assert wilson(1.0, 9) == pytest.approx((low, high))
    single = estimate_accuracy([make(1), make(0, number=1)])
    assert (single.value, single.low, single.high) == (0.5, None, None)
    assert estimate_accuracy([]) is None


def test_the_interval_covers_the_truth_as_often_as_it_says():
    generator, hits = np.random.default_rng(1), 0
    for _ in range(400):
        shares = generator.beta(3, 2, 40)
        rows = [(c, float(v)) for c, share in enumerate(shares) for v in generator.random(5) < share]
        found = estimate_mean(rows)
        hits += found.low <= 0.6 <= found.high
    assert 0.92 <= hits / 400 <= 0.98


def test_the_average_of_tasks_that_share_no_image_adds_their_variances():
    first = [make(v, f"a{k}") for k, v in enumerate([1, 0, 1, 0, 1, 1])]
    second = [make(v, f"b{k}", "scene") for k, v in enumerate([0, 0, 1, 0, 0, 1])]
    found = estimate_average({"locate": first, "scene": second})
    errors = []
    for values in ([1, 0, 1, 0, 1, 1], [0, 0, 1, 0, 0, 1]):
        p = np.mean(values)
        errors.append(sum((v - p) ** 2 for v in values) / 36)
    error = math.sqrt(12 / 11 * sum(errors) / 4)
    assert found.value == pytest.approx((4 / 6 + 2 / 6) / 2)
    assert found.high - found.value == pytest.approx(stats.t.ppf(0.975, 11) * error)
    assert estimate_average({"locate": first, "scene": []}) is None


def test_an_image_that_serves_both_tasks_counts_once():
    rows = [1, 0, 1, 0, 1, 1]
    shared = {
        "locate": [make(v, str(k)) for k, v in enumerate(rows)],
        "scene": [make(v, str(k), "scene") for k, v in enumerate(rows)],
    }
    apart = {"locate": shared["locate"], "scene": [make(v, f"x{k}", "scene") for k, v in enumerate(rows)]}
    one, other = estimate_average(shared), estimate_average(apart)
    assert one.value == other.value and one.images == 6 and other.images == 12
    alone = estimate_accuracy(shared["locate"])
    assert one.high - one.low > 1.3 * (other.high - other.low)
    assert min(one.high, alone.high) == pytest.approx(alone.high)


def test_counts_are_measured_over_what_could_be_read():
    rows = [
        make(a == r, str(k), "aerial_count", form="number", answer=a, read=r)
        for k, (a, r) in enumerate([("3", "3"), ("5", "7"), ("2", "1"), ("9", None)])
    ]
    found = measure_counts(rows)
    assert (found.mae, found.within_1, found.read) == (1.0, 2 / 3, 0.75)
    assert measure_counts(rows[3:]) == (None, None, 0.0)


@given(st.integers(0, 30), st.integers(0, 30))
def test_mcnemar_is_the_exact_binomial_test(more, less):
    expected = stats.binomtest(more, more + less).pvalue if more + less else 1.0
    assert mcnemar(more, less) == pytest.approx(expected)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=8))
def test_sign_flips_are_those_of_a_plain_enumeration(values):
    pairs = [(k, float(value)) for k, value in enumerate(values)]
    signs = list(itertools.product([1, -1], repeat=len(values)))
    hits = sum(abs(sum(s * v for s, v in zip(row, values, strict=True))) >= abs(sum(values)) for row in signs)
    assert flip_signs(pairs) == pytest.approx(hits / len(signs))


def test_many_images_are_tested_by_draws_close_to_the_normal_limit():
    generator = np.random.default_rng(3)
    values = generator.choice([-1.0, 0.0, 1.0], 400, p=[0.25, 0.4, 0.35])
    deviation = math.sqrt((values**2).sum())
    z = abs(values.sum()) / deviation
    expected = 2 * stats.norm.sf(z)
    step = 2 * stats.norm.pdf(z) * 2 / deviation  # sums of signs come in steps of 2, at both ends
    close = share_tolerance(expected, DRAWS) + step
    assert flip_signs(list(enumerate(values))) == pytest.approx(expected, abs=close)


def test_a_comparison_is_of_the_questions_that_both_were_asked():
    first = [make(v, str(k)) for k, v in enumerate([1, 1, 1, 0, 1])]
    second = [make(v, str(k)) for k, v in enumerate([0, 1, 0, 1])]
    found = compare(first, second)
    assert found.difference.n == 4 and found.difference.value == pytest.approx(0.25)
    assert (found.only_first, found.only_second) == (2, 1) and found.mcnemar == 1.0
    assert compare(first, []) is None
