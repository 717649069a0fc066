"""The safe image loader, the framing functions and the PNG writer."""

import io
import signal
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tools.errors import ImageError, UsageError
from tools.images import centre_crop, clip_box, crop, letterbox, load_rgb, remove_unfinished, resize, save_png

ROOT = Path(__file__).resolve().parents[3]
SIZE = (24, 16)


def make_rgb(size=SIZE):
    """A smooth colour ramp: no two columns alike, no two rows alike."""
    x = np.linspace(0, 255, size[0])[None, :] * np.ones((size[1], 1))
    y = np.linspace(0, 255, size[1])[:, None] * np.ones((1, size[0]))
    return Image.fromarray(np.stack([x, y, 255 - x], -1).astype(np.uint8), "RGB")


def refuse(path, **settings_):
    with pytest.raises(ImageError) as caught:
        load_rgb(path, **settings_)
    assert str(path) in str(caught.value)
    assert caught.value.path == path
    return caught.value


def png_header(width, height):
    """A PNG that claims a size and holds no pixels."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = b"IDAT" + zlib.compress(b"")
    chunks = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", zlib.crc32(c)) for c in (body, data, b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("ending", ["png", "bmp", "tif", "ppm"])
def test_rgb_comes_back_exactly(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    make_rgb().save(path)
    loaded = load_rgb(path)
    assert loaded.mode == "RGB"
    assert loaded.tobytes() == make_rgb().tobytes()


@pytest.mark.parametrize("ending", ["jpg", "webp", "gif"])
def test_lossy_formats_come_back_close(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    make_rgb((64, 48)).save(path)
    difference = np.abs(np.asarray(load_rgb(path), float) - np.asarray(make_rgb((64, 48)), float))
    assert difference.mean() < 12


def test_the_files_name_plays_no_part(tmp_path):
    path = tmp_path / "a.jpg"
    make_rgb().save(path, format="PNG")
    assert load_rgb(path).tobytes() == make_rgb().tobytes()


def test_grey_levels_survive(tmp_path):
    grey = Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16), "L")
    grey.save(tmp_path / "a.png")
    assert load_rgb(tmp_path / "a.png").convert("L").tobytes() == grey.tobytes()


def test_palette_and_bilevel(tmp_path):
    make_rgb().quantize(200).save(tmp_path / "p.png")
    difference = np.abs(np.asarray(load_rgb(tmp_path / "p.png"), float) - np.asarray(make_rgb(), float))
    assert difference.mean() < 10
    Image.new("1", SIZE, 1).save(tmp_path / "1.png")
    assert load_rgb(tmp_path / "1.png").getpixel((3, 3)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_composited_on_white(tmp_path, mode):
    image = Image.new("RGBA", SIZE, (0, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 12, 16))
    image.convert("P" if mode == "P" else mode).save(tmp_path / "a.png")
    loaded = load_rgb(tmp_path / "a.png")
    assert loaded.getpixel((2, 2)) == (255, 255, 255)
    assert loaded.getpixel((20, 2)) == (0, 0, 0)


def test_palette_with_a_transparent_index_and_bytes(tmp_path):
    image = Image.new("P", SIZE, 0)
    image.putpalette([10, 20, 30, 200, 0, 0])
    image.paste(1, (12, 0, 24, 16))
    for transparency in (0, b"\x00\xff"):
        image.save(tmp_path / "a.png", transparency=transparency)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            loaded = load_rgb(tmp_path / "a.png")
        assert loaded.getpixel((2, 2)) == (255, 255, 255)
        assert loaded.getpixel((20, 2)) == (200, 0, 0)


def test_half_transparent_is_half_white(tmp_path):
    Image.new("RGBA", SIZE, (0, 0, 0, 128)).save(tmp_path / "a.png")
    assert abs(load_rgb(tmp_path / "a.png").getpixel((0, 0))[0] - 127) <= 1


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_16_bit_is_scaled_between_percentiles(tmp_path, ending):
    ramp = np.linspace(20000, 24000, 40 * 50).astype(np.uint16).reshape(40, 50)
    ramp[0, 0] = 65535  # one dead pixel must not flatten the rest
    Image.fromarray(ramp).save(tmp_path / f"a.{ending}")
    grey = np.asarray(load_rgb(tmp_path / f"a.{ending}").convert("L"), float).ravel()
    assert grey.min() == 0
    assert grey.max() == 255
    assert (np.diff(grey[1:]) >= 0).all()
    assert len(np.unique(grey)) > 200


def test_16_bit_extremes_when_percentiles_coincide_and_when_flat(tmp_path):
    spot = np.full((40, 40), 1000, np.uint16)
    spot[5, 5] = 1001
    Image.fromarray(spot).save(tmp_path / "spot.png")
    assert load_rgb(tmp_path / "spot.png").getpixel((5, 5)) == (255, 255, 255)
    Image.fromarray(np.full((4, 4), 7, np.uint16)).save(tmp_path / "flat.png")
    assert load_rgb(tmp_path / "flat.png").getextrema() == ((0, 0),) * 3


def test_float_with_nan(tmp_path):
    levels = np.linspace(0, 1, 400, dtype=np.float32).reshape(20, 20)
    levels[3, 3] = np.nan
    Image.fromarray(levels).save(tmp_path / "a.tif")
    assert load_rgb(tmp_path / "a.tif").getpixel((19, 19)) == (255, 255, 255)


def test_cmyk(tmp_path):
    Image.new("CMYK", SIZE, (0, 255, 255, 0)).save(tmp_path / "a.jpg", quality=95)
    red, green, blue = load_rgb(tmp_path / "a.jpg").getpixel((5, 5))
    assert red > 200
    assert max(green, blue) < 60


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotation(tmp_path, orientation):
    image = make_rgb()
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(tmp_path / "a.png", exif=exif)
    corner = {1: "tl", 2: "tr", 3: "br", 4: "bl", 5: "tl", 6: "tr", 7: "br", 8: "bl"}[orientation]
    loaded = load_rgb(tmp_path / "a.png")
    assert loaded.size == (SIZE if orientation < 5 else SIZE[::-1])
    x = 0 if corner[1] == "l" else loaded.width - 1
    y = 0 if corner[0] == "t" else loaded.height - 1
    assert loaded.getpixel((x, y)) == image.getpixel((0, 0))
    assert loaded.info == {}


def test_nonsense_exif_is_no_rotation(tmp_path):
    buffer = io.BytesIO()
    make_rgb((64, 48)).save(buffer, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01" * 40)
    (tmp_path / "a.jpg").write_bytes(buffer.getvalue())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_rgb(tmp_path / "a.jpg").size == (64, 48)


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "bmp", "tif", "ppm"])
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_truncated(tmp_path, ending, share):
    path = tmp_path / f"a.{ending}"
    noise = np.random.default_rng(0).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    error = refuse(path)
    assert error.code == "truncated_image"
    assert "copy or download it again" in str(error)


def test_cut_inside_the_header(tmp_path):
    make_rgb().save(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:10])
    assert refuse(tmp_path / "a.png").code == "truncated_image"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "GIF", "TIFF", "WEBP"]), st.data())
def test_damaged_bytes_load_or_raise_image_error(tmp_path_factory, kind, data):
    buffer = io.BytesIO()
    make_rgb().save(buffer, kind)
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "a.bin"
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            assert load_rgb(path, max_pixels=10**6).mode == "RGB"
        except ImageError as error:
            assert str(path) in str(error)


def test_bomb_is_refused_from_the_header(tmp_path):
    path = tmp_path / "bomb.png"
    for side in (9_000, 12_000, 60_000):
        path.write_bytes(png_header(side, side))
        error = refuse(path)
        assert error.code == "image_too_large"
        assert str(side * side) in str(error) or f"{side} x {side}" in str(error)


def test_max_pixels_is_inclusive(tmp_path):
    make_rgb().save(tmp_path / "a.png")
    assert load_rgb(tmp_path / "a.png", max_pixels=24 * 16).size == SIZE
    assert refuse(tmp_path / "a.png", max_pixels=24 * 16 - 1).code == "image_too_large"


def test_missing_directory_empty_and_text(tmp_path):
    assert refuse(tmp_path / "nowhere.jpg").code == "missing_file"
    assert refuse(tmp_path).code == "unreadable_file"
    (tmp_path / "empty.jpg").write_bytes(b"")
    empty = refuse(tmp_path / "empty.jpg")
    assert empty.code == "not_an_image"
    assert "0 bytes" in str(empty)
    (tmp_path / "text.jpg").write_text("<html>404 not found</html>")
    text = refuse(tmp_path / "text.jpg")
    assert text.code == "not_an_image"
    assert "web page" in str(text)
    assert "<html>" not in str(text)
    assert refuse(tmp_path / "text.jpg" / "below.png").code == "missing_file"
    assert refuse(tmp_path / ("x" * 300)).code == "unreadable_file"


def test_other_formats_of_pillow_are_refused(tmp_path):
    make_rgb().save(tmp_path / "a.tga")
    make_rgb().save(tmp_path / "a.pcx")
    assert {refuse(tmp_path / f"a.{ending}").code for ending in ("tga", "pcx")} == {"not_an_image"}


def test_save_png_is_exact_deterministic_and_bare(tmp_path):
    image = make_rgb()
    save_png(image, tmp_path / "a.png")
    image.info.update(dpi=(72, 72), icc_profile=b"profile", transparency=(0, 0, 0))
    save_png(image, tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    assert image.info["dpi"] == (72, 72)
    assert load_rgb(tmp_path / "a.png").tobytes() == image.tobytes()


def test_save_png_leaves_the_old_file_when_it_fails(tmp_path, monkeypatch):
    save_png(make_rgb(), tmp_path / "a.png")
    before = (tmp_path / "a.png").read_bytes()

    def fail(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        save_png(Image.new("L", SIZE), tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_what_a_killed_save_png_leaves_is_removed_and_nothing_else(tmp_path):
    script = (
        "import os, signal, sys; from pathlib import Path; from PIL import Image; from tools.images import save_png\n"
        "Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "save_png(Image.new('L', (8, 8)), Path(sys.argv[1]))"
    )
    (tmp_path / "deep").mkdir()
    for kept in ("a.png", "deep/.hidden.png", "notes.tmp"):
        (tmp_path / kept).touch()
    process = subprocess.run([sys.executable, "-c", script, str(tmp_path / "deep/b.png")], cwd=ROOT, check=False)
    assert process.returncode == -signal.SIGKILL
    assert len(list((tmp_path / "deep").iterdir())) == 2
    assert remove_unfinished(tmp_path) == 1
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {"a.png", "deep/.hidden.png", "notes.tmp"}


sides = st.integers(1, 90)
unit = st.floats(0, 1)
LEAST = 0.011


def place(start, length):
    """Both ends of a side inside 0..1 that is not shorter than `LEAST`; nothing that was drawn is thrown away."""
    first = start * (1 - LEAST)
    return first, min(1.0, first + LEAST + length * (1 - LEAST - first))


@st.composite
def draw_boxes(draw):
    (x1, x2), (y1, y2) = (place(draw(unit), draw(unit)) for _ in range(2))
    return x1, y1, x2, y2


boxes = draw_boxes()


@settings(max_examples=60, deadline=None)
@given(st.tuples(sides, sides), st.tuples(sides, sides), boxes, boxes)
def test_boxes_go_through_every_frame_and_back(old, new, box, region):
    image = Image.new("L", old)
    for framed in (resize(image, new), letterbox(image, new), centre_crop(image, new), crop(image, region)):
        assert np.allclose(framed.boxes.back(framed.boxes.forward(box)), box, atol=1e-9)
    for framed in (resize(image, new), letterbox(image, new), centre_crop(image, new)):
        assert framed.image.size == new
    for framed in (resize(image, new), letterbox(image, new)):
        assert min(framed.boxes.forward(box)) >= -1e-9
        assert max(framed.boxes.forward(box)) <= 1 + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.tuples(sides, sides), boxes)
def test_crop_holds_its_region(old, region):
    framed = crop(Image.new("L", old), region)
    x1, y1, x2, y2 = framed.boxes.forward(region)
    assert x1 >= -1e-3
    assert y1 >= -1e-3
    assert x2 <= 1 + 1e-3
    assert y2 <= 1 + 1e-3


@pytest.mark.parametrize(
    "frame",
    [
        lambda image: resize(image, (300, 500)),
        lambda image: letterbox(image, (300, 500)),
        lambda image: letterbox(image, (500, 100)),
        lambda image: centre_crop(image, (224, 224)),
        lambda image: centre_crop(image, (400, 150)),
        lambda image: crop(image, (0.1, 0.2, 0.9, 0.95)),
    ],
)
def test_a_drawn_box_lands_where_the_mapping_says(frame):
    image = Image.new("L", (400, 300))
    image.paste(255, (160, 120, 240, 210))
    framed = frame(image)
    x1, y1, x2, y2 = framed.boxes.forward((160 / 400, 120 / 300, 240 / 400, 210 / 300))
    rows, columns = np.nonzero(np.asarray(framed.image) > 127)
    width, height = framed.image.size
    expected = np.array([x1 * width, y1 * height, x2 * width, y2 * height])
    assert np.abs(expected - [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]).max() <= 1.01


def test_letterbox_fills_and_clip_cuts():
    framed = letterbox(Image.new("RGB", (100, 50), "white"), (80, 80), fill=114)
    assert framed.image.getpixel((5, 5)) == (114, 114, 114)
    assert framed.image.getpixel((40, 40)) == (255, 255, 255)
    assert clip_box((-0.5, 0.2, 0.5, 1.5)) == (0.0, 0.2, 0.5, 1.0)
    assert clip_box((1.1, 0.2, 1.5, 0.9)) is None


def test_impossible_frames_are_usage_errors():
    image = Image.new("L", (10, 10))
    with pytest.raises(UsageError, match="at least 1"):
        resize(image, (0, 5))
    with pytest.raises(UsageError, match="no part of it is inside"):
        crop(image, (0.5, 0.5, 0.5, 0.9))
