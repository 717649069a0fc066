"""Temperatures: as the data has them, on pictures drawn from the data."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from mini_frames import frame
from mini_tasks import codes, make_composer, pick

from itb.benchmark.perturb import PERTURBATIONS
from itb.benchmark.pictures import lay_out, name_picture, place_box
from itb.tasks import temperature
from itb.tasks.base import levels
from itb.tasks.base.thermogram import Thermogram, draw_thermogram
from tools.intervals import wilson


def warm_corner(number, corner, high=40.0):
    celsius = np.full((90, 120), 20.0, np.float32)
    row, column = corner
    celsius[30 * row : 30 * row + 30, 40 * column : 40 * column + 40] = high
    facts = {"emissivity": 0.95}
    return frame(number, source="radiometric", width=120, height=90, group=f"g{number}", facts=facts), celsius


def measure(pairs):
    return pick([entry for item, celsius in pairs for entry in temperature.find(item, celsius)])


def test_temperatures_are_asked_as_they_are():
    corners = [(0, 0), (0, 2), (2, 0), (1, 1)]
    found = measure([warm_corner(k, corner) for k, corner in enumerate(corners)])
    by_kind = defaultdict(list)
    for item in found:
        by_kind[item.kind].append(item)
    composer = make_composer(temperature)
    regions = list(temperature.compose(by_kind["region"], composer))
    assert {draft.answer for draft in regions} == {"upper left", "upper right", "lower left", "centre"}
    warmer = list(temperature.compose(by_kind["warmer"], composer))
    assert Counter(draft.answer for draft in warmer)["A"] == len(warmer) / 2 > 0
    for draft in warmer:
        marks = {letter: (x, y) for letter, x, y in draft.picture.marks}
        values = {
            letter: warm_corner(0, corners[int(draft.frame.group[1])])[1][int(y * 90), int(x * 120)]
            for letter, (x, y) in marks.items()
        }
        assert max(values, key=values.get) == draft.answer
    values = list(temperature.compose(by_kind["value"], composer))
    assert {float(draft.answer) for draft in values} <= {20.0, 40.0}
    assert all(draft.unit == "degrees Celsius" and draft.tolerance == 2.0 for draft in values)
    assert all(draft.facts["emissivity"] == 0.95 and draft.picture.has_scale for draft in values)


def test_even_images_and_close_calls_are_passed_over():
    flat = temperature.find(*warm_corner(0, (0, 0), high=21.0))
    assert codes(list(flat)) == {"hardly_any_contrast": 1}
    item, celsius = warm_corner(0, (0, 0))
    celsius[60:, 80:] = 39.5
    assert codes(list(temperature.find(item, celsius))) == {"no_clearly_hottest_part": 1}


def test_a_thermogram_is_white_hot_with_its_scale_beside_it():
    celsius = np.linspace(10, 50, 60 * 80, dtype=np.float32).reshape(60, 80)
    item = frame(0, width=80, height=60, image="sub/one.jpg", source="radiometric")
    picture = Thermogram("value-0", marks=(("", 0.5, 0.5),), has_scale=True)
    layout = lay_out(item, picture)
    assert layout == (80 * 6 + 110, 60 * 6, 80 * 6)
    drawn = np.asarray(draw_thermogram(celsius, layout, picture), dtype=int)
    assert drawn.shape == (360, 590)
    assert drawn[2, 2] < 5 and drawn[-3, 470] > 250
    assert drawn[180, 240] == pytest.approx(255 / 2, abs=255 / 60)  # a row of 60; the ring leaves the place itself free
    bar = drawn[30:330, 480 + 12 + 10]
    assert bar[0] > 245 and bar[-1] < 10 and (np.diff(bar) <= 0).all()
    assert place_box((40, 30, 80, 60), item, layout) == (round(240 / 590, 6), 0.5, round(480 / 590, 6), 1.0)
    assert name_picture(item, picture) == "images/value-0/radiometric/sub/one.png"


def test_large_thermograms_keep_their_size_and_boxes_stay_inside():
    item = frame(0, width=640, height=480)
    layout = lay_out(item, Thermogram("thermograms"))
    assert layout == (640, 480, 640)
    assert place_box((-3, -1, 700, 481), item, layout) == (0.0, 0.0, 1.0, 1.0)


def test_levels_must_not_be_changed():
    spoilt = {name for name, kind in PERTURBATIONS.items() if kind.spoils(temperature.NAME)}
    assert spoilt == {"polarity", "colour-iron", "colour-rainbow", "colour-arctic", "gain"}


def read_spread(truths):
    """The largest part of values that one answer, or one place on the scale, gets right."""
    shares = []
    for is_celsius in (True, False):
        for step in range(-200, 1300):
            right = 0
            for value, tolerance, least, most in truths:
                guess = step / 10 if is_celsius else least + step / 1000 * (most - least)
                right += abs(guess - value) <= tolerance
            shares.append(right / len(truths))
    return max(shares)


def cold_ground(number):
    """A thermogram of which nearly all is cold, with warmer places of several sizes."""
    celsius = np.full((120, 160), 10.0 + number % 3, np.float32)
    for place, level in enumerate((18.0, 26.0, 34.0)):
        celsius[10 + 35 * place : 38 + 35 * place, 20:60] = level + number
    facts = {"emissivity": 0.95}
    item = frame(number, source="radiometric", width=160, height=120, group=f"v{number}", facts=facts)
    return item, celsius


def find_values():
    return [item for item in measure([cold_ground(number) for number in range(12)]) if item.kind == "value"]


def test_marks_are_far_apart_on_the_scale_and_no_constant_answer_gets_many_of_the_values():
    chosen = levels.choose_values(find_values())
    by_image = defaultdict(list)
    for item in chosen:
        by_image[item.frame.image].append(item)
    for items in by_image.values():
        span = items[0].facts["scale_high_celsius"] - items[0].facts["scale_low_celsius"]
        values = sorted(item.truth[0].celsius for item in items)
        assert len(values) == 2 and values[1] - values[0] > max(0.3 * span, 2 * items[0].truth[1])
    strata = Counter(item.key[0] for item in chosen)
    assert len(strata) >= 3 and max(strata.values()) <= len(chosen) / 3
    drafts = list(temperature.compose(find_values(), make_composer(temperature)))
    assert len(drafts) >= 8
    scales = [(draft.facts["scale_low_celsius"], draft.facts["scale_high_celsius"]) for draft in drafts]
    truths = [
        (float(draft.answer), draft.tolerance, low, high) for draft, (low, high) in zip(drafts, scales, strict=True)
    ]
    chance = sum(levels.guess_evenly(low, high, value, far) for value, far, low, high in truths) / len(truths)
    assert wilson(read_spread(truths), len(truths))[0] <= chance


def test_values_that_one_answer_gets_right_are_thinned_out():
    found = find_values()
    alike = [item for item in found if item.truth[0].celsius < 14]
    others = [item for item in found if item.truth[0].celsius > 25][:6]
    kept = levels.spread_values([*alike, *others])
    cold = sum(item in alike for item in kept)
    assert len(kept) < len(alike) + len(others) and cold <= 0.5 * len(kept) < len(alike)


def test_an_even_guess_along_the_scale_is_the_part_that_is_near_enough():
    assert levels.guess_evenly(0.0, 10.0, 5.0, 1.0) == pytest.approx(0.2)
    assert levels.guess_evenly(0.0, 10.0, 0.5, 1.0) == pytest.approx(0.15)
