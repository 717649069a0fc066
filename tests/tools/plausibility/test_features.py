"""Skews equal a plain second implementation, flip with the image, and are those that were fitted on."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from scipy.ndimage import gaussian_filter
from scipy.stats import scoreatpercentile, skew

from tools.plausibility.classifiers import COEFFICIENTS, load_coefficients
from tools.plausibility.features import FEATURES, VERSION, measure_skews

SIZES = st.tuples(st.integers(2, 400), st.integers(2, 400))


def make_image(size: tuple[int, int], seed: int) -> Image.Image:
    """Smooth blobs with a skew of their own, and noise."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray((255 * rng.random((7, 9)) ** rng.uniform(0.2, 6)).astype(np.uint8))
    noise = rng.normal(0, 6, (size[1], size[0]))
    return Image.fromarray(np.clip(np.asarray(small.resize(size)) + noise, 0, 255).astype(np.uint8), mode="L")


def measure_plainly(image: Image.Image) -> list[float]:
    """The four skews once more, by scipy: nothing is shared with `tools.plausibility`."""
    share = 256 / max(image.size)
    size = tuple(max(32, round(side * share)) for side in image.size)
    way = Image.Resampling.LANCZOS if share < 1 else Image.Resampling.BICUBIC
    levels = np.asarray(Image.fromarray(np.asarray(image, np.float32)).resize(size, way), np.float64)
    found = [float(skew(levels, axis=None))]
    for sigma in (8, 16):
        found.append(float(skew(gaussian_filter(levels, sigma) - gaussian_filter(levels, 1.6 * sigma), axis=None)))
    p1, p5, p50, p95, p99 = (scoreatpercentile(levels, at) for at in (1, 5, 50, 95, 99))
    return [max(-8.0, min(8.0, value)) for value in found] + [float((p95 + p5 - 2 * p50) / max(p99 - p1, 4))]


@settings(max_examples=40, deadline=None)
@given(SIZES, st.integers(0, 10**6))
def test_skews_are_those_of_a_second_implementation(size: tuple[int, int], seed: int) -> None:
    image = make_image(size, seed)
    assert measure_skews(image) == pytest.approx(measure_plainly(image), abs=2e-4)


@settings(max_examples=40, deadline=None)
@given(SIZES, st.integers(0, 10**6))
def test_inversion_turns_every_sign_and_nothing_else(size: tuple[int, int], seed: int) -> None:
    image = make_image(size, seed)
    assert measure_skews(ImageOps.invert(image)) == pytest.approx(-measure_skews(image), abs=1e-9)


@pytest.mark.parametrize("level", [0, 90, 255])
def test_an_even_image_has_no_skew(level: int) -> None:
    assert measure_skews(Image.new("L", (64, 48), level)) == pytest.approx(np.zeros(4), abs=1e-6)


def test_one_lamp_in_the_dark_is_no_more_than_8() -> None:
    image = Image.new("L", (256, 256), 0)
    image.putpixel((100, 100), 255)
    assert measure_skews(image)[0] == 8.0


def test_the_coefficients_say_where_they_come_from() -> None:
    found = load_coefficients()
    assert found.provenance.features == VERSION
    assert found.provenance.pairs == {"LLVIP": 26, "MSRS": 15, "RoadScene": 99, "TNO": 13}
    assert "tests/benchmarks/plausibility.py" in found.provenance.command
    assert set(found.classifiers) == {"inverted", "prior", "gray"}
    assert all(set(each.weights) == set(FEATURES) for each in found.classifiers.values())
    assert found.classifiers["gray"].threshold is None, "four skews cannot tell gray photographs"
    assert len(json.loads(COEFFICIENTS.read_text(encoding="utf-8"))) == 2 and COEFFICIENTS.stat().st_size < 2000


def test_log_odds_are_a_sum() -> None:
    classifier = load_coefficients().classifiers["inverted"]
    skews = np.array([[1.0, 2.0, -1.0, 0.5]])
    by_hand = classifier.intercept + sum(
        classifier.weights[name] * value for name, value in zip(FEATURES, skews[0], strict=True)
    )
    assert classifier.judge(skews) == pytest.approx([by_hand])
