"""Radiometric FLIR JPEGs: the temperatures in them."""

import random

import mini_datasets as mini
import numpy as np
import pytest
from killing import ROOT
from mini_flir import HEIGHT, WIDTH, make_flir
from PIL import Image

from tools.errors import RejectError
from tools.thermal.readers.flir import read_thermogram


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


CASE_FILE = ROOT.parent / "shared/data/radiometric/other/ax8.jpg"
CASE_BYTES = ((58776, 11), (58777, 5), (58778, 148), (58779, 183))


def mutate(content, places, seed):
    random_ = random.Random(seed)
    changed = bytearray(content)
    for _ in range(random_.randint(1, 6)):
        changed[random_.choice(places)] = random_.randrange(256)
    return bytes(changed)


def check_mutations(content, places, folder, count):
    """Every file is a thermogram of finite numbers, or a reject with a reason that quotes nothing."""
    outcomes = set()
    for seed in range(count):
        path = folder / "mutated.jpg"
        path.write_bytes(mutate(content, places, seed))
        try:
            found = read_thermogram(path)
        except RejectError as error:
            assert error.code == "no_thermogram"
            assert "\\x" not in str(error)
            outcomes.add("reject")
        else:
            assert np.isfinite(found.celsius).all() and found.celsius.min() >= -273.15
            outcomes.add("value")
    return outcomes


def test_any_mutation_of_a_header_gives_a_value_or_a_reject(tmp_path):
    pytest.importorskip("flyr", reason="needs the extra itb")
    content = make_flir()
    (tmp_path / "a.jpg").write_bytes(content)
    assert read_thermogram(tmp_path / "a.jpg").celsius.shape == (HEIGHT, WIDTH)
    assert check_mutations(content, range(len(content)), tmp_path, 300) == {"reject", "value"}


def test_mutations_of_a_real_sample(tmp_path):
    pytest.importorskip("flyr", reason="needs the extra itb")
    if not CASE_FILE.is_file():
        pytest.skip("needs ../shared/data/radiometric")
    content = CASE_FILE.read_bytes()
    start = content.index(b"FFF\0")
    check_mutations(content, range(start, start + 600), tmp_path, 30)


def test_a_damaged_header_does_not_stop_the_others(tmp_path):
    pytest.importorskip("flyr", reason="needs the extra itb")
    if not CASE_FILE.is_file():
        pytest.skip("needs ../shared/data/radiometric")
    content = bytearray(CASE_FILE.read_bytes())
    (tmp_path / "a_whole.jpg").write_bytes(content)
    for place, value in CASE_BYTES:
        content[place] = value
    (tmp_path / "b_cut.jpg").write_bytes(content)
    images, rejects = mini.read("radiometric", tmp_path)
    assert [image.id for image in images] == ["a_whole"]
    assert [(reject.where, reject.code) for reject in rejects] == [("b_cut.jpg", "no_thermogram")]


def test_temperatures_are_upright_as_their_picture(tmp_path):
    pytest.importorskip("flyr", reason="needs the extra itb")
    exif = Image.Exif()
    exif[0x0112] = 6
    for name, saved in (("a.jpg", {}), ("b.jpg", {"exif": exif})):
        (tmp_path / name).write_bytes(make_flir(**saved))
    plain, turned = (read_thermogram(tmp_path / name).celsius for name in ("a.jpg", "b.jpg"))
    assert (turned == np.rot90(plain, -1)).all()
    images, _ = mini.read("radiometric", tmp_path)
    assert [(image.width, image.height) for image in images] == [(WIDTH, HEIGHT), (HEIGHT, WIDTH)]
