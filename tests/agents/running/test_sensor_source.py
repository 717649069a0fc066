"""What a run on images of the modality tells of its input, before it starts and at its end."""

import numpy as np
import pytest
from calling import call_here
from PIL import Image


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("a", "b"):
        levels = np.zeros((48, 64), np.uint8)
        levels[24:] = 200
        Image.fromarray(levels).save(folder / f"{name}.png")
    return folder


def run(images, tmp_path, *more):
    return call_here("agents", "run", "--sensor-images", images, "--out", tmp_path / "run", "--workers", "0", *more)


def test_a_polarity_that_is_none_is_refused_with_those_there_are(images, tmp_path):
    called = run(images, tmp_path, "--polarity", "whitehot")
    assert called.returncode == 2
    assert "whitehot" in called.stderr and "white-hot, black-hot" in called.stderr
    called = call_here("tools", "evidence", images / "a.png", "--polarity", "whitehot")
    assert called.returncode == 2 and "white-hot, black-hot" in called.stderr


def test_a_unit_that_fits_none_of_the_files_stops_before_the_run(images, tmp_path):
    called = run(images, tmp_path, "--unit", "celsius")
    assert called.returncode == 3
    assert "none of the first 2 images can be read" in called.stderr


def test_names_of_no_image_are_told(images, tmp_path):
    (tmp_path / "c.csv").write_text("file,caption\na.png,Two cars on a road.\nz.png,Two cars.\n")
    called = run(images, tmp_path, "--captions", tmp_path / "c.csv")
    assert called.returncode == 0, called.stderr
    assert "1 names in --captions are of no image here" in called.stdout
