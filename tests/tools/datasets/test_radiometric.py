"""Radiometric FLIR JPEGs: the temperatures in them."""

import mini_datasets as mini
import numpy as np
import pytest

from tools.datasets.radiometric.thermogram import read_thermogram
from tools.errors import RejectError


def write_plain(root):
    mini.write_image(root / "plain.jpg")


def test_temperatures_are_those_of_the_makers_own_software():
    """The bounds are what SOURCE.md of the samples measured for flyr: 0.35 degrees at most, 0.17 in the mean."""
    folder = mini.DATA / "radiometric/known_temperature"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data/radiometric")
    pytest.importorskip("flyr", reason="needs the extra itb")
    found = read_thermogram(folder / "IguanaImage.jpg")
    lines = (folder / "IguanaActualTemperatureE0.96Temps20Thermcam.csv").read_text(encoding="utf-8-sig").splitlines()
    wanted = np.array([[float(cell) for cell in line.rstrip(",").split(",")] for line in lines if line.strip()])
    assert wanted.shape == found.celsius.shape == (480, 640)
    difference = np.abs(wanted - found.celsius)
    assert difference.max() < 0.36 and difference.mean() < 0.18


def test_a_file_without_temperatures_is_a_reject(tmp_path):
    pytest.importorskip("flyr", reason="needs the extra itb")
    mini.check_spoiled("radiometric", write_plain, tmp_path, "no_thermogram", 0)
    with pytest.raises(RejectError, match="holds no temperatures that flyr can read"):
        read_thermogram(tmp_path / "plain.jpg")


def test_the_real_samples_are_read():
    mini.check_samples("radiometric", "radiometric", set())
    images, _ = mini.read("radiometric", mini.DATA / "radiometric")
    assert {image.unit for image in images} == {"celsius"}
