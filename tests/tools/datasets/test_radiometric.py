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


def test_a_directory_that_no_file_can_hold_is_not_walked_through(tmp_path):
    """Such a number stands in little-endian files; flyr would look 33 million times for a record."""
    pytest.importorskip("flyr", reason="needs the extra itb")
    header = b"FFF\0".ljust(24, b"\0") + (64).to_bytes(4, "big") + (2).to_bytes(4, "little")
    records = b"FLIR\0\1\0\0" + header.ljust(64 + 2 * 32, b"\0")
    (tmp_path / "little.jpg").write_bytes(b"\xff\xd8\xff\xe1" + (2 + len(records)).to_bytes(2, "big") + records)
    with pytest.raises(RejectError, match=r"its directory of 33554432 records is longer than the file"):
        read_thermogram(tmp_path / "little.jpg")
