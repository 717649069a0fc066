"""FLIR's files: JPEGs with temperatures, turned ones, insets, both byte orders, and the containers."""

import struct
from pathlib import Path

import mini_datasets as mini
import numpy as np
import pytest
from mini_flir import HEIGHT, WIDTH, make_flir, make_frame, make_values
from PIL import Image

from tools.datasets.reading import RawBox
from tools.errors import MissingError, RejectError
from tools.evidence.sources import measure_file
from tools.registry import extras
from tools.thermal import read_thermal

flyr = pytest.importorskip("flyr", reason="needs the extra cameras")
RADIOMETRIC = mini.DATA / "radiometric"


def find_sample(pattern):
    found = sorted(RADIOMETRIC.glob(pattern))
    if not found:
        pytest.skip("needs ../shared/data/radiometric")
    return found[0]


def write(path, content):
    path.write_bytes(content)
    return path


def test_temperatures_are_within_half_a_degree_of_the_makers_own_software():
    """At the emissivity that the picture states; the software was set to 0.96."""
    jpeg, csv = find_sample("known_temperature/IguanaImage.jpg"), find_sample("known_temperature/*.csv")
    own, theirs = read_thermal(jpeg), read_thermal(csv, "celsius")
    assert (own.source, own.unit, own.polarity) == ("flir", "celsius", "white-hot")
    assert (theirs.source, theirs.unit) == ("csv", "celsius")
    assert own.size == theirs.size == own.picture_size == (640, 480)
    assert np.abs(own.pixels - theirs.pixels).max() < 0.5
    assert own.settings == {"emissivity": 0.95, "distance_m": 1.0, "reflected_celsius": 20.0}
    assert own.overlays == () and own.shows_order


def test_what_a_picture_shows_beside_its_temperatures_is_not_used():
    """A gray JPEG in white-hot levels of the temperatures, drawn anew by their percentiles."""
    thermal = read_thermal(find_sample("other/flir_example.jpg"))
    levels = np.asarray(thermal.display())
    low, high = np.percentile(thermal.pixels, (0.5, 99.5))
    assert levels[thermal.pixels >= high].min() == 255 and levels[thermal.pixels <= low].max() == 0


def test_a_thermogram_that_lies_across_its_picture_is_turned_with_it():
    thermal = read_thermal(find_sample("wikimedia_flir/04*"))
    stored = flyr.unpack(str(find_sample("wikimedia_flir/04*"))).celsius
    assert stored.shape == (60, 80) and thermal.pixels.shape == (80, 60) and thermal.picture_size == (240, 320)
    with Image.open(find_sample("wikimedia_flir/04*")) as picture:
        shown = np.asarray(picture.convert("L").resize((60, 80)), float)[20:60, 5:55]
    assert np.corrcoef(shown.ravel(), thermal.pixels[20:60, 5:55].ravel())[0, 1] > 0.7
    assert np.array_equal(np.sort(thermal.pixels, axis=None), np.sort(stored.astype(np.float32), axis=None))


@pytest.mark.parametrize("quarters", [1, 3])
def test_both_quarter_turns_are_found(tmp_path, quarters):
    values = make_values(48, 32)
    values[4:12, 4:12] = 22000
    shown = np.rot90(values, quarters)
    picture = Image.fromarray((shown / 90).clip(0, 255).astype(np.uint8)).resize((64, 96))
    path = write(tmp_path / "a.jpg", make_flir(make_frame(values), picture))
    thermal = read_thermal(path)
    assert thermal.pixels.shape == (48, 32)
    assert np.unravel_index(thermal.pixels.argmax(), (48, 32)) in {*zip(*np.nonzero(shown == 22000), strict=True)}


def test_an_inset_takes_no_boxes(tmp_path):
    """The picture of a picture-in-picture shows a photograph round the temperatures."""
    whole = read_thermal(write(tmp_path / "whole.jpg", make_flir(make_frame(inset=(0, WIDTH, 0, HEIGHT)))))
    path = write(tmp_path / "inset.jpg", make_flir(make_frame(inset=(2, 6, 1, 5))))
    inset = read_thermal(path)
    assert whole.fits_picture and not inset.fits_picture
    assert np.array_equal(whole.pixels, inset.pixels)
    assert measure_file(path, (), None, "unknown").evidence is not None
    with pytest.raises(RejectError, match=r"inset.jpg shows its temperatures as an inset of a photograph") as error:
        measure_file(path, (RawBox("cup", (0, 0, 4, 4)),), None, "unknown")
    assert error.value.code == "picture_in_picture"


def test_boxes_of_the_picture_are_scaled_to_the_temperatures(tmp_path):
    path = write(tmp_path / "a.jpg", make_flir(picture=Image.new("L", (WIDTH * 10, HEIGHT * 10))))
    measured = measure_file(path, (RawBox("cup", (20, 10, 60, 50)),), None, "unknown")
    assert measured.boxes == ((2, 1, 6, 5),)


def test_the_other_byte_order_is_read_though_flyr_cannot():
    """flirpy 0.6.2 finds 15.92 to 59.73 degrees in this file, median 27.67; its picture is gray and white-hot."""
    path = find_sample("other/zenmuse_xtr.jpg")
    thermal = read_thermal(path)
    assert thermal.span == pytest.approx((15.92, 59.73), abs=0.02)
    assert float(np.median(thermal.pixels)) == pytest.approx(27.67, abs=0.02)
    with Image.open(path) as picture:
        shown = np.asarray(picture.convert("L"), float)
    assert np.corrcoef(shown.ravel(), thermal.pixels.ravel())[0, 1] > 0.99


def test_sky_colder_than_any_calibration_has_no_temperature():
    path = find_sample("wikimedia_flir/14*")
    stored, thermal = flyr.unpack(str(path)).celsius, read_thermal(path)
    assert (stored < -40).mean() > 0.1
    assert np.array_equal(np.isnan(thermal.pixels), stored.astype(np.float32) < -40) and thermal.span[0] >= -40


@pytest.mark.parametrize("name", ["ax8.jpg", "flir_example.jpg"])
def test_a_frame_taken_out_of_a_jpeg_reads_the_same(tmp_path, name):
    """What FLIR's JPEGs hide is what its .fff files are; no file of a camera was there to try."""
    from flyr.records import extract_flir_app1

    path = find_sample(f"other/{name}")
    with path.open("rb") as file:
        frame = write(tmp_path / "a.fff", extract_flir_app1(file).read())
    own, theirs = read_thermal(frame), flyr.unpack(str(path)).celsius
    assert own.source == "fff" and own.unit == "celsius" and own.settings["emissivity"] == 0.95
    assert np.abs(own.pixels - theirs).max() < 0.001


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", ["plain", "png"])
def test_containers_in_both_orders_and_kinds(tmp_path, order, kind):
    wanted = read_thermal(write(tmp_path / "a.jpg", make_flir())).pixels
    frame = make_frame(order=order, kind=kind)
    other = make_frame(make_values()[::-1])
    for name, content in (("a.fff", frame), ("a.seq", frame + other), ("renamed.bin", frame)):
        thermal = read_thermal(write(tmp_path / name, content))
        assert np.abs(thermal.pixels - wanted).max() < 0.001, name
    little = read_thermal(write(tmp_path / "b.jpg", make_flir(make_frame(order="<", kind=kind))))
    assert np.abs(little.pixels - wanted).max() < 0.001


def test_compressed_frames_are_refused_by_name(tmp_path):
    for path in (
        write(tmp_path / "a.seq", make_frame(kind="jpeg")),
        write(tmp_path / "a.csq", make_frame(kind="jpeg")),
    ):
        with pytest.raises(RejectError, match=r"\(\.csq\) are not read; export \.seq, TIFF or CSV") as error:
            read_thermal(path)
        assert error.value.code == "export_first"


def test_damaged_containers_are_rejects(tmp_path):
    frame = make_frame(order="<")
    huge = frame[:28] + struct.pack("<I", 1 << 25) + frame[32:]
    for content in (frame[:40], frame[:100], frame[:400], huge, b"FFF\0" + bytes(5000)):
        with pytest.raises(RejectError, match="holds no temperatures that flyr can read") as error:
            read_thermal(write(tmp_path / "a.fff", content))
        assert error.value.code == "no_thermogram" and "\\x" not in str(error.value)


def test_a_missing_package_is_one_line_with_the_command(tmp_path, monkeypatch):
    path = write(tmp_path / "a.fff", make_frame())

    plain = extras.importlib.import_module

    def fail(name, *others):
        if name == "flyr":
            raise ImportError("No module named 'flyr'")
        return plain(name, *others)

    monkeypatch.setattr(extras.importlib, "import_module", fail)
    with pytest.raises(MissingError, match=r"a radiometric FLIR file needs the package flyr.*'\.\[cameras\]'"):
        read_thermal(path)


def test_every_radiometric_sample_is_read_or_refused_with_a_reason():
    paths = sorted(RADIOMETRIC.glob("*/*.jpg"))
    if not paths:
        pytest.skip("needs ../shared/data/radiometric")
    refused = []
    for path in paths:
        try:
            thermal = read_thermal(path)
        except RejectError as error:
            refused.append((path.name[:2], error.code))
            continue
        try:
            stored = flyr.unpack(str(path)).celsius
        except KeyError:
            continue  # the other byte order
        assert np.nanmin(thermal.pixels) == pytest.approx(max(stored.min(), -40), abs=0.5)
        assert np.nanmax(thermal.pixels) == pytest.approx(stored.max(), abs=0.001)
    assert refused == [("07", "no_thermogram")]
    assert Path(paths[0]).suffix == ".jpg"
