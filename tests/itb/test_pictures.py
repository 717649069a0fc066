"""Images that the build makes, and where boxes are in them."""

import numpy as np
import pytest
from mini_frames import frame
from PIL import Image

from itb.pictures import draw_thermogram, lay_out, make_picture, name_picture, place_box
from itb.tasks.draft import Picture
from itb.tasks.modality import GREY, INVERTED
from tools.errors import UsageError


def test_a_white_border_is_cut_off_before_anything_is_made(tmp_path):
    levels = np.full((120, 140), 255, np.uint8)
    levels[10:110, 20:120] = np.arange(100, dtype=np.uint8)[None, :]
    Image.fromarray(levels).save(tmp_path / "a.png")
    item = frame(0, image="a.png", width=100, height=100, crop_xyxy=(20, 10, 120, 110), partner="a.png")
    for picture in (INVERTED, GREY):
        make_picture(item, picture, tmp_path, tmp_path / "made" / "a.png", None)
        made = np.asarray(Image.open(tmp_path / "made" / "a.png"))
        assert made.shape == (100, 100)
        assert made[0, 30] == (225 if picture is INVERTED else 30)


def test_a_thermogram_is_white_hot_with_its_scale_beside_it():
    celsius = np.linspace(10, 50, 60 * 80, dtype=np.float32).reshape(60, 80)
    item = frame(0, width=80, height=60, image="sub/one.jpg", source="radiometric")
    picture = Picture("thermogram", "value-0", (("", 0.5, 0.5),), has_scale=True)
    layout = lay_out(item, picture)
    assert layout == (80 * 6 + 110, 60 * 6, 80 * 6)
    drawn = np.asarray(draw_thermogram(celsius, layout, picture), dtype=int)
    assert drawn.shape == (360, 590)
    assert drawn[2, 2] < 5 and drawn[-3, 470] > 250
    assert drawn[180, 240] == pytest.approx(255 / 2, abs=255 / 60)  # a row of 60; the ring leaves the place itself free
    bar = drawn[30:330, 480 + 12 + 10]
    assert bar[0] > 245 and bar[-1] < 10 and (np.diff(bar) <= 0).all()
    assert place_box((40, 30, 80, 60), item, layout) == (round(240 / 590, 6), 0.5, round(480 / 590, 6), 1.0)
    assert name_picture(item, picture) == "images/value-0/radiometric/sub/one.png"


def test_large_thermograms_keep_their_size_and_boxes_stay_inside():
    item = frame(0, width=640, height=480)
    layout = lay_out(item, Picture("thermogram", "thermograms"))
    assert layout == (640, 480, 640)
    assert place_box((-3, -1, 700, 481), item, layout) == (0.0, 0.0, 1.0, 1.0)


def test_a_frame_without_a_visible_image_cannot_be_shown_in_grey(tmp_path):
    with pytest.raises(UsageError, match="has no visible image to be shown in grey"):
        make_picture(frame(0), GREY, tmp_path, tmp_path / "a.png", None)
