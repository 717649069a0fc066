"""The control `inverted-gray` is the negative of the photograph's luminance, pixel by pixel."""

import numpy as np
import pytest
from PIL import Image

from tools.compare.measures import correlation
from tools.images import load_rgb, save_png
from tools.translation import TranslateRequest, TranslatorSpec, make_translator


def test_it_is_the_exact_negative_of_gray(tmp_path):
    pixels = np.random.default_rng(3).integers(0, 256, (37, 53, 3), np.uint8)
    save_png(Image.fromarray(pixels), tmp_path / "a.png")
    (made,) = make_translator(TranslatorSpec("inverted-gray")).translate(
        [TranslateRequest(tmp_path / "a.png", (), "1")]
    )
    gray = load_rgb(tmp_path / "a.png").convert("L")
    assert made.mode == "L" and (np.asarray(gray, int) + np.asarray(made, int) == 255).all()
    real = np.random.default_rng(4).uniform(0, 255, (37, 53)).astype(np.float32)
    with_gray, with_made = (correlation(real, np.asarray(image, np.float32)) for image in (gray, made))
    assert with_gray == pytest.approx(-with_made, abs=1e-5)
