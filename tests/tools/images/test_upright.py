"""Boxes turn with the picture, or the mismatch is named: all orientations, in JPEG, PNG, WebP and TIFF."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from tools.errors import RejectError
from tools.images import load_rgb, match_frame, read_header, turn_box, turn_pixels

SIZE = (48, 32)
BOX = (6.0, 4.0, 20.0, 12.0)


def write_turned(path, orientation, size=SIZE):
    """A black picture with a white box on the pixels as stored."""
    image = Image.new("RGB", size)
    image.paste((255, 255, 255), tuple(map(int, BOX)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    if path.suffix == ".tif":
        image.save(path, tiffinfo={0x0112: orientation})
    else:
        image.save(path, exif=exif, **({} if path.suffix == ".png" else {"quality": 95}))


def find_white(path):
    rows, columns = np.nonzero(np.asarray(load_rgb(path).convert("L")) > 127)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_on_the_stored_pixels_lands_on_the_picture(tmp_path, orientation, ending):
    path = tmp_path / f"a.{ending}"
    write_turned(path, orientation)
    header = read_header(path)
    assert header == (SIZE, orientation)
    assert header.upright == load_rgb(path).size
    assert np.abs(np.subtract(turn_box(BOX, orientation, *SIZE), find_white(path))).max() <= 1
    if orientation in (2, 3, 4):
        with pytest.raises(RejectError, match="EXIF turns") as caught:
            match_frame(path, SIZE)
        assert caught.value.code == "orientation_unclear"
        return
    frame = match_frame(path, SIZE)
    assert frame.size == header.upright
    assert np.abs(np.subtract(frame.place_pixels(BOX), find_white(path))).max() <= 1
    norm = frame.place_norm((BOX[0] / 48, BOX[1] / 32, BOX[2] / 48, BOX[3] / 32))
    assert np.abs(np.multiply(norm, frame.size * 2) - find_white(path)).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_values_beside_a_picture_turn_with_it(tmp_path, orientation):
    write_turned(tmp_path / "a.png", orientation)
    stored = np.asarray(Image.open(tmp_path / "a.png").convert("L"))
    assert (turn_pixels(stored, orientation) == np.asarray(load_rgb(tmp_path / "a.png").convert("L"))).all()


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_boxes_of_an_upright_annotation_stay(tmp_path, orientation):
    write_turned(tmp_path / "a.jpg", orientation)
    frame = match_frame(tmp_path / "a.jpg", SIZE[::-1])
    assert (frame.size, frame.turn) == (SIZE[::-1], 1)
    assert frame.place_pixels(BOX) == BOX


def test_a_size_that_fits_neither_is_refused(tmp_path):
    write_turned(tmp_path / "a.jpg", 6)
    with pytest.raises(RejectError, match=r"32x48 pixels, its annotation says 24x16") as caught:
        match_frame(tmp_path / "a.jpg", (24, 16))
    assert caught.value.code == "size_differs"


def test_what_nobody_can_tell_is_refused_only_where_there_are_boxes(tmp_path):
    write_turned(tmp_path / "square.png", 6, (40, 40))
    write_turned(tmp_path / "a.jpg", 6)
    for name, stated in (("square.png", (40, 40)), ("a.jpg", None)):
        with pytest.raises(RejectError, match="does not tell"):
            match_frame(tmp_path / name, stated)
        assert match_frame(tmp_path / name, stated, has_boxes=False).turn == 1


def test_exif_behind_the_pixels_of_a_png_is_found_without_decoding_them(tmp_path):
    buffer = io.BytesIO()
    Image.new("RGB", SIZE).save(buffer, "PNG")
    exif = Image.Exif()
    exif[0x0112] = 6
    content = b"eXIf" + exif.tobytes().removeprefix(b"Exif\0\0")
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    data = buffer.getvalue()
    (tmp_path / "a.png").write_bytes(data[:-12] + chunk + data[-12:])
    assert read_header(tmp_path / "a.png").orientation == 6
    assert load_rgb(tmp_path / "a.png").size == SIZE[::-1]
