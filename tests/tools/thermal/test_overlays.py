"""What is drawn into pictures: palettes, scales, letters, on drawn and on real pictures."""

import mini_datasets as mini
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tools.images import load_rgb
from tools.thermal.overlays import find_overlays
from tools.thermal.overlays.palettes import PALETTES
from tools.thermal.records import ORDERED_PALETTES

SIZE = (320, 240)
LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)
"""As converting a picture to mode L weighs its channels."""


def make_scene(seed=0):
    """Smooth warm places on noise, as a camera without overlays gives them."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    scene = 60 + 40 * np.sin(columns / 60) + rng.normal(0, 6, rows.shape)
    for _ in range(6):
        x, y, wide = rng.integers(0, SIZE[0]), rng.integers(0, SIZE[1]), rng.integers(8, 40)
        scene += 120 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * wide**2))
    return Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))


def colour(image, name):
    return Image.fromarray(PALETTES[name][np.asarray(image)].astype(np.uint8))


def draw_scale(image, name, place=(300, 40, 308, 200)):
    left, top, right, bottom = place
    steps = np.linspace(255, 0, bottom - top).astype(int)
    bar = PALETTES[name][steps] if name else np.repeat(steps[:, None], 3, 1)
    image.paste(Image.fromarray(np.repeat(bar[:, None], right - left, 1).astype(np.uint8)), (left, top))
    ImageDraw.Draw(image).rectangle((left - 2, top - 2, right + 1, bottom + 1), outline=(0, 0, 0))
    return image


def test_the_ordered_palettes_are_those_whose_luminance_grows():
    grows = {name for name, colours in PALETTES.items() if (np.diff(colours @ LUMINANCE) >= 0).all()}
    assert grows == ORDERED_PALETTES


@pytest.mark.parametrize("name", PALETTES)
def test_each_palette_is_found_again(name):
    found = find_overlays(colour(make_scene(), name))
    assert found.palette == name and found.names == ("false-colour",)
    washed = np.asarray(colour(make_scene(), name)) * (219 / 255) + 16
    assert find_overlays(Image.fromarray(washed.astype(np.uint8))).palette == name


@pytest.mark.parametrize("seed", range(5))
def test_a_plain_picture_has_none(seed):
    assert find_overlays(make_scene(seed).convert("RGB")).names == ()


@pytest.mark.parametrize("name", ["iron", "rainbow", None])
def test_a_scale_is_found(name):
    scene = make_scene()
    image = colour(scene, name) if name else scene.convert("RGB")
    assert "scale" in find_overlays(draw_scale(image, name)).names


def test_letters_in_a_corner_are_found():
    image = make_scene().convert("RGB")
    ImageDraw.Draw(image).text((8, 214), "FLIR 32.6", fill=(255, 255, 255), font=ImageFont.load_default(18))
    assert find_overlays(image).names == ("text",)


def test_real_pictures_of_cameras():
    """Bounds of what was measured; the docstrings of `overlays` have the figures."""
    paths = sorted((mini.DATA / "radiometric").glob("*/*.jpg"))
    if not paths:
        pytest.skip("needs ../shared/data/radiometric")
    found = [find_overlays(load_rgb(path)) for path in paths]
    assert sum(overlays.palette in ("iron", "rainbow-high-contrast") for overlays in found) == 16
    assert sum("scale" in overlays.names for overlays in found) >= 10
    assert sum("text" in overlays.names for overlays in found) >= 12


def test_real_infrared_images_have_none():
    folders = [mini.DATA / name for name in ("FLIR_ADAS_1_3", "HIT-UAV", "LLVIP/infrared", "RoadScene/cropinfrared")]
    if not all(folder.is_dir() for folder in folders):
        pytest.skip("needs ../shared/data")
    paths = [path for folder in folders for path in sorted(folder.rglob("*.jp*g"))[::6]]
    found = [find_overlays(load_rgb(path)).names for path in paths]
    assert len(paths) > 40 and sum(map(bool, found)) <= 1
