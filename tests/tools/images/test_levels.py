"""Nodata is left out of the shown range, 16-bit colour is scaled, and what is whole but not read is called that."""

import struct
import zlib

import numpy as np
import pytest
from killing import ROOT
from PIL import Image

from tools.errors import ImageError
from tools.images import display_range, load_rgb, scale_levels

CASES = ROOT.parent / "shared/cases/images"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="../shared/cases/images is not there")
HEIGHT, WIDTH = 60, 80


def make_kelvin(dtype=np.float32, scale=1.0):
    """A scene of 293 to 296 K with a hot spot of 330 K."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    kelvin = 293 + 3 * rows / HEIGHT + 0.01 * columns
    kelvin[20:30, 30:40] = 330
    return (kelvin * scale).astype(dtype)


def fill_border(values, fill, width=8):
    filled = values.copy()
    filled[:width], filled[-width:], filled[:, :width], filled[:, -width:] = fill, fill, fill, fill
    return filled


def load_grey(path):
    return np.asarray(load_rgb(path).convert("L"), int)


def write_deep_png(path, values):
    """16 bits a channel: grey and alpha, RGB, or RGB and alpha."""
    height, width, channels = values.shape
    kind = {2: 4, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    body = [b"IHDR" + struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0), b"IDAT" + zlib.compress(rows), b"IEND"]
    chunks = [struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in body]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks))


def write_tiff(path, values, order="<", method=1):
    """A plain TIFF of any type and number of channels, one strip, as other software writes them."""
    height, width, channels = values.shape
    kind = {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    data = values.astype(values.dtype.newbyteorder(order)).tobytes()
    bits = struct.pack(f"{order}{channels}H", *[values.dtype.itemsize * 8] * channels)
    kinds = struct.pack(f"{order}{channels}H", *[kind] * channels)
    at = 8 + len(data)
    tags = [
        (256, 3, 1, width), (257, 3, 1, height), (258, 3, channels, bits), (259, 3, 1, method),
        (262, 3, 1, 2 if channels > 2 else 1), (273, 4, 1, 8), (277, 3, 1, channels), (278, 3, 1, height),
        (279, 4, 1, len(data)), (339, 3, channels, kinds),
    ]  # fmt: skip
    extra, entries = b"", b""
    for tag, type_, count, value in tags:
        if isinstance(value, bytes):
            inline = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack(f"{order}I", at + len(extra))
            extra += value if len(value) > 4 else b""
        else:
            inline = struct.pack(f"{order}H", value).ljust(4, b"\0") if type_ == 3 else struct.pack(f"{order}I", value)
        entries += struct.pack(f"{order}HHI", tag, type_, count) + inline
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, at + len(extra))
    path.write_bytes(head + data + extra + struct.pack(f"{order}H", len(tags)) + entries + b"\0" * 4)


@pytest.mark.parametrize("fill", [np.nan, np.inf, -np.inf, -10000, -9999, -32768, -3.4028235e38, 1e30, 0])
def test_a_border_without_values_leaves_the_rest_as_it_is(tmp_path, fill):
    Image.fromarray(make_kelvin()).save(tmp_path / "whole.tif")
    Image.fromarray(fill_border(make_kelvin(), fill)).save(tmp_path / "cut.tif")
    whole, cut = load_grey(tmp_path / "whole.tif"), load_grey(tmp_path / "cut.tif")
    inside = (slice(8, -8), slice(8, -8))
    assert np.abs(whole[inside] - cut[inside]).max() <= 5
    assert cut[0].max() == 0
    assert cut[25, 35] == 255


def test_a_zero_border_in_16_bit_is_left_out(tmp_path):
    Image.fromarray(fill_border(make_kelvin(np.uint16, 100), 0)).save(tmp_path / "cut.png")
    grey = load_grey(tmp_path / "cut.png")
    assert grey[0].max() == 0
    assert grey[40, 40] < 40
    assert grey[25, 35] == 255


def test_zeros_that_were_measured_stay():
    ramp = np.linspace(0, 60000, 4000).astype(np.uint16).reshape(50, 80)
    assert display_range(ramp).is_shown.all()
    two_levels = np.zeros((10, 10), np.uint16)
    two_levels[3:6] = 65535
    assert display_range(two_levels).is_shown.all()
    assert scale_levels(two_levels, display_range(two_levels)).max() == 255
    share = np.linspace(0, 1, 400, dtype=np.float32).reshape(20, 20)
    assert display_range(share).is_shown.all()


def test_a_sentinel_among_measured_values_is_one_of_them():
    heights = np.arange(-32768, 32767, dtype=np.int32)[: 250 * 250].reshape(250, 250)
    assert display_range(heights).is_shown.all()


def test_several_fill_values_and_one_that_the_caller_knows():
    values = make_kelvin()
    values[0], values[1], values[2], values[3] = -32768, -9999, np.nan, 77
    shown = display_range(values, nodata=77)
    assert not shown.is_shown[:4].any()
    assert shown.is_shown[4:].all()
    assert shown.low > 292


def test_nothing_but_nodata_is_black(tmp_path):
    for fill in (np.nan, -9999):
        Image.fromarray(np.full((6, 6), fill, np.float32)).save(tmp_path / "none.tif")
        assert load_grey(tmp_path / "none.tif").max() == 0


def test_the_nodata_tag_of_geographic_software_is_heard(tmp_path):
    values = fill_border(make_kelvin(), 250.0)
    Image.fromarray(values).save(tmp_path / "a.tif", tiffinfo={42113: "250"})
    grey = load_grey(tmp_path / "a.tif")
    assert grey[0].max() == 0
    assert grey[8:-8, 8:-8][0, 0] < 20


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_16_bit_png_with_colour_or_alpha_is_scaled_as_grey_is(tmp_path, channels):
    grey = make_kelvin(np.uint16, 100)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    colour = np.stack([grey] * channels, -1)
    if channels != 3:
        colour[:, :, -1] = 65535
    write_deep_png(tmp_path / "deep.png", colour)
    assert np.abs(load_grey(tmp_path / "deep.png") - load_grey(tmp_path / "grey.png")).max() <= 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_16_bit_colour_tiff_and_ppm_are_scaled(tmp_path, order):
    grey = make_kelvin(np.uint16, 100)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    colour = np.stack([grey] * 3, -1)
    write_tiff(tmp_path / "deep.tif", colour, order)
    head = f"P6\n{WIDTH} {HEIGHT}\n65535\n".encode()
    (tmp_path / "deep.ppm").write_bytes(head + colour.astype(">u2").tobytes())
    for name in ("deep.tif", "deep.ppm"):
        assert np.abs(load_grey(tmp_path / name) - load_grey(tmp_path / "grey.png")).max() <= 1


def test_transparent_pixels_of_16_bit_become_white_and_count_for_nothing(tmp_path):
    deep = np.stack([make_kelvin(np.uint16, 100), np.full((HEIGHT, WIDTH), 65535, np.uint16)], -1)
    deep[:10] = (65000, 0)
    write_deep_png(tmp_path / "a.png", deep)
    grey = load_grey(tmp_path / "a.png")
    assert grey[:10].min() == 255
    assert grey[25, 35] == 255
    assert grey[50, 5] < 40


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.zeros((6, 5, 3), np.float32), "3 channels of 32-bit float"),
        (np.zeros((6, 5, 2), np.uint16), "2 channels of 16-bit unsigned"),
        (np.zeros((6, 5, 5), np.uint16), "5 channels"),
        (np.zeros((6, 5, 1), np.float64), "1 channel of 64-bit float"),
    ],
)
def test_a_whole_tiff_without_a_decoder_is_unsupported_and_a_cut_one_damaged(tmp_path, values, words):
    path = tmp_path / "a.tif"
    write_tiff(path, values)
    with pytest.raises(ImageError, match=words) as caught:
        load_rgb(path)
    assert caught.value.code == "unsupported_image"
    assert "copy or download" not in str(caught.value)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ImageError) as caught:
        load_rgb(path)
    assert caught.value.code == "truncated_image"


def test_an_unknown_compression_is_unsupported(tmp_path):
    write_tiff(tmp_path / "a.tif", np.zeros((6, 5, 1), np.uint8), method=34887)
    with pytest.raises(ImageError, match="compressed by method 34887") as caught:
        load_rgb(tmp_path / "a.tif")
    assert caught.value.code == "unsupported_image"


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"sk-secret-key 123", "text file"),
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\0\x18ftypheic", "HEIF"),
        (b"RIFF\1\0\0\0WAVE", "unknown kind"),
    ],
)
def test_what_is_no_image_is_named_and_never_quoted(tmp_path, head, words):
    (tmp_path / "a.jpg").write_bytes(head + b"\0" * 20 * (words != "text file"))
    with pytest.raises(ImageError, match=words) as caught:
        load_rgb(tmp_path / "a.jpg")
    assert caught.value.code == "not_an_image"
    assert "sk-" not in str(caught.value)
    assert "\\x" not in str(caught.value)


@needs_cases
def test_shared_cases_look_as_the_file_without_nodata():
    kelvin = load_grey(CASES / "f32_kelvin.tif")
    for name in ("u16_la.png", "u16_rgb48.png", "u16_rgb3.tif"):
        assert np.abs(load_grey(CASES / name) - kelvin).max() <= 2
    for name in ("f32_nan_nodata.tif", "f32_-10000_nodata.tif", "u16_zero_border.png"):
        grey = load_grey(CASES / name)
        assert np.abs(grey - kelvin)[grey > 0].max() <= 4
        assert grey[:, 0].max() == 0
    for name in ("f32_3ch.tif", "u16_2ch.tif"):
        with pytest.raises(ImageError) as caught:
            load_rgb(CASES / name)
        assert caught.value.code == "unsupported_image"
