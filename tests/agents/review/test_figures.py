"""Agreement, against numbers worked out by hand and a second formula."""

import math

import pytest

from agents.review.figures import Pairing, estimate_kappa, estimate_share, measure, weigh

pytest.importorskip("scipy", reason="the package scipy (extra `itb`) is not installed")
TABLE = {(True, True): 20, (True, False): 5, (False, True): 10, (False, False): 15}


def make_rows(counts, is_own_image=True):
    found = []
    for (agent, people), count in counts.items():
        for _ in range(count):
            found.append(Pairing(str(len(found)) if is_own_image else "one", agent, people))
    return found


def test_the_figures_of_a_table_worked_out_by_hand():
    found = measure(make_rows(TABLE))
    assert (found.both, found.agent_alone, found.people_alone, found.neither, found.n) == (20, 5, 10, 15, 50)
    assert found.precision.value == pytest.approx(20 / 25) and found.recall.value == pytest.approx(20 / 30)
    assert found.agreement.value == pytest.approx(0.7)
    # by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5, so kappa is (0.7 - 0.5) / 0.5
    assert found.kappa.value == pytest.approx(0.4)


def test_the_interval_of_kappa_is_that_of_fleiss_cohen_and_everitt():
    n = 50
    p = {key: count / n for key, count in TABLE.items()}
    agent = {side: p[side, True] + p[side, False] for side in (True, False)}
    people = {side: p[True, side] + p[False, side] for side in (True, False)}
    agree = p[True, True] + p[False, False]
    chance = sum(agent[side] * people[side] for side in (True, False))
    same = sum(p[i, i] * ((1 - chance) - (agent[i] + people[i]) * (1 - agree)) ** 2 for i in (True, False))
    other = (1 - agree) ** 2 * sum(p[i, not i] * (people[i] + agent[not i]) ** 2 for i in (True, False))
    variance = (same + other - (agree * chance - 2 * chance + agree) ** 2) / (n * (1 - chance) ** 4)
    from scipy.stats import t

    half = t.ppf(0.975, n - 1) * math.sqrt(variance * n / (n - 1))
    found = estimate_kappa(make_rows(TABLE))
    assert (found.low, found.high) == pytest.approx((0.4 - half, 0.4 + half))


def test_texts_of_one_image_do_not_count_as_many():
    alone = estimate_share([(str(place), place % 2 == 0, 1.0) for place in range(40)])
    together = estimate_share([(str(place % 4), place % 2 == 0, 1.0) for place in range(40)])
    assert together.groups == 4 and not together.is_trusted
    assert together.high - together.low > 2 * (alone.high - alone.low)
    assert estimate_share([("one", True, 1.0), ("one", False, 1.0)]).low is None, "one image bounds nothing"


def test_where_all_agree_the_interval_is_no_point():
    found = estimate_kappa(make_rows({(True, True): 10, (False, False): 10}))
    assert found.value == found.high == 1 and 0.4 < found.low < 1


def test_where_one_side_always_says_the_same_kappa_says_nothing():
    assert estimate_kappa(make_rows({(False, False): 9})) is None
    assert measure([]).kappa is None and measure([]).precision is None
    assert measure(make_rows({(False, True): 3, (False, False): 3})).precision is None


def test_texts_reviewed_more_often_than_others_are_weighed_down():
    # half of the objected texts are reviewed, and one in a hundred of the accepted ones
    rows = weigh(
        make_rows({(True, True): 8, (True, False): 2, (False, True): 1, (False, False): 9}), {True: 20, False: 1000}
    )
    found = measure(rows)
    assert found.precision.value == pytest.approx(0.8), "among texts that were judged alike nothing changes"
    # 16 of the 20 objected texts are faulty, and 100 of the 1000 accepted ones
    assert found.recall.value == pytest.approx(16 / 116)
    assert found.agreement.value == pytest.approx((16 + 900) / 1020)
    chance = 20 / 1020 * 116 / 1020 + 1000 / 1020 * 904 / 1020
    assert found.kappa.value == pytest.approx((916 / 1020 - chance) / (1 - chance))
