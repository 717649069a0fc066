"""The statistics against closed forms, second implementations and simulation."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import binom
from tolerances import share_tolerance, written_tolerance

from itb.records import Item, Prediction
from itb.report.metrics import Scored, estimate_accuracy, estimate_average, measure_counts
from itb.report.significance import DRAWS, compare, flip_signs, mcnemar
from itb.report.tables import make_comparison_table
from itb.tasks import name_task
from tools.intervals import LEAST_GROUPS, estimate_mean, wilson


def make(value, image="a", task="locate", number=0, form="yes_no", answer="yes", read="yes", failure=None):
    item = Item(
        id=f"{task}-{image}-{number}", task=task, source="s", band="lwir", polarity="white-hot", image=f"i/{image}.png",
        width=10, height=10, question="?", options=(), answer=answer, form=form, wording=f"{task}/0", group=image,
        split="test",
    )  # fmt: skip
    return Scored(
        item, Prediction(item=item.id, reply=read or "", answer=read, failure=failure, is_correct=bool(value))
    )


def find_wilson(p, n, degrees):
    """Where the score equation with Student's quantile has its roots."""
    squared = stats.t.ppf(0.975, degrees) ** 2
    return sorted(np.roots([1 + squared / n, -(2 * p + squared / n), p * p]).real)


def test_one_question_a_group_gives_wilsons_own_interval():
    values = [1, 0, 1, 1, 0, 1, 0, 1]
    found = estimate_accuracy([make(value, str(k)) for k, value in enumerate(values)])
    p, n = np.mean(values), len(values)
    assert found.value == p and (found.n, found.groups) == (n, n) and not found.is_trusted
    assert (found.low, found.high) == pytest.approx(wilson(p, n))


def test_equal_groups_give_the_interval_of_their_means():
    groups = [[1, 1, 0], [0, 0, 0], [1, 1, 1], [1, 0, 1]]
    rows = [make(v, str(c), number=k) for c, values in enumerate(groups) for k, v in enumerate(values)]
    means = [np.mean(values) for values in groups]
    found = estimate_accuracy(rows)
    worth = found.value * (1 - found.value) / (np.var(means, ddof=1) / 4)
    assert found.value == pytest.approx(np.mean(means)) and found.groups == 4
    assert (found.low, found.high) == pytest.approx(find_wilson(found.value, worth, 3))


@given(st.integers(1, 400), st.data())
def test_wilsons_interval_holds_the_share_and_solves_its_equation(total, data):
    right = data.draw(st.integers(0, total))
    low, high = wilson(right / total, total)
    assert 0 <= low <= right / total + 1e-12 and right / total - 1e-12 <= high <= 1
    solved = [(p - right / total) ** 2 - 1.959963984540054**2 * p * (1 - p) / total for p in (low, high)]
    assert solved == pytest.approx([0, 0], abs=1e-9)
    assert wilson(81 / 263, 263) == pytest.approx((0.25529, 0.36621), abs=written_tolerance(5))  # Newcombe 1998


def test_repeating_every_question_does_not_narrow_the_interval():
    values = [1, 0, 1, 1, 0, 1, 0, 1]
    once = estimate_accuracy([make(value, str(k)) for k, value in enumerate(values)])
    often = estimate_accuracy([make(value, str(k), number=n) for k, value in enumerate(values) for n in range(7)])
    assert (often.low, often.high) == pytest.approx((once.low, once.high))


def test_all_right_is_no_certainty_and_one_group_no_interval():
    found = estimate_accuracy([make(1, str(k)) for k in range(9)])
    low, high = stats.binomtest(9, 9).proportion_ci(method="wilson")
    assert (found.low, found.high) == wilson(1.0, 9) == pytest.approx((low, high))
    single = estimate_accuracy([make(1), make(0, number=1)])
    assert (single.value, single.low, single.high) == (0.5, None, None)
    assert estimate_accuracy([]) is None


@pytest.mark.parametrize("groups", [LEAST_GROUPS, 20, 60])
@pytest.mark.parametrize("is_equal", [True, False])
def test_answers_that_are_constant_in_a_group_are_covered_as_often_as_the_interval_says(groups, is_equal):
    """tests/benchmarks/coverage.py has the whole table, and what intervals by image would give."""
    hits = [covers(groups, share, generator, is_equal) for share, generator in draws(groups)]
    assert 0.90 <= np.mean(hits) <= 0.97


def test_students_quantile_is_paid_where_a_group_holds_right_and_wrong_answers():
    groups = [[1, 1], [0, 0], [1, 0], [1, 1], [0, 0]]
    rows = [(c, float(v)) for c, values in enumerate(groups) for v in values]
    found = estimate_mean(rows)
    low, high = wilson(found.value, 5)
    assert found.low < low and high < found.high


def sum_exactly(groups, share):
    """How often the interval of equal groups, each all right or all wrong, holds the share: binomial, not simulated."""
    held = [low <= share <= high for low, high in (wilson(right / groups, groups) for right in range(groups + 1))]
    return sum(binom.pmf(right, groups, share) for right, is_held in enumerate(held) if is_held)


@pytest.mark.parametrize("groups", [LEAST_GROUPS, 13, 20, 30])
def test_over_all_shares_equal_groups_are_covered_in_95_of_100(groups):
    """One share may lie well or badly between the few means that there can be: 13 groups hold three of them in 97 %."""
    shares = np.linspace(0.05, 0.95, 181)
    assert 0.95 < np.mean([sum_exactly(groups, share) for share in shares]) < 0.96
    assert min(sum_exactly(groups, share) for share in shares) > 0.89


def draws(groups):
    generator = np.random.default_rng(groups)
    return [(share, generator) for share in (0.3, 0.5, 0.8) for _ in range(300)]


def covers(groups, share, generator, is_equal):
    sizes = np.full(groups, 5) if is_equal else 1 + generator.exponential(20, groups).astype(int)
    rows = [(c, float(v)) for c, v in enumerate(generator.random(groups) < share) for _ in range(sizes[c])]
    found = estimate_mean(rows)
    return found.low <= share <= found.high


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
    worth = min(12, found.value * (1 - found.value) / error**2)  # no more than there are questions
    assert (found.low, found.high) == pytest.approx(find_wilson(found.value, worth, 11))
    assert estimate_average({"locate": first, "scene": []}) is None


def test_a_group_that_serves_both_tasks_counts_once():
    rows = [1, 0, 1, 0, 1, 1]
    shared = {
        "locate": [make(v, str(k)) for k, v in enumerate(rows)],
        "scene": [make(v, str(k), "scene") for k, v in enumerate(rows)],
    }
    apart = {"locate": shared["locate"], "scene": [make(v, f"x{k}", "scene") for k, v in enumerate(rows)]}
    one, other = estimate_average(shared), estimate_average(apart)
    assert one.value == other.value and one.groups == 6 and other.groups == 12
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


def test_a_task_of_one_group_has_no_p_and_one_sentence_says_so_for_all_its_rows():
    first = [make(1, number=k) for k in range(12)]
    second = [make(k % 2, number=k) for k in range(12)]
    found = compare(first, second)
    pairs = [("a", "b", "locate", found), ("a", "c", "locate", found)]
    table = make_comparison_table(pairs)
    assert [row[3:5] for row in table.rows] == [("50.0", "-")] * 2
    assert [note for note in table.notes if "no interval and no p" in note] == [
        f"All questions of one drive, flight or scene, so no interval and no p: {name_task('locate')}."
    ]
    many = compare([make(1, str(k)) for k in range(12)], [make(k % 2, str(k)) for k in range(12)])
    shown = make_comparison_table([("a", "b", "locate", many)])
    assert shown.rows[0][4] != "-" and len(shown.notes) == 1
