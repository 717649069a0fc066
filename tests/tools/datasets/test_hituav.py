"""HIT-UAV: three forms, and objects that nobody cares about."""

import mini_datasets as mini
import pytest
from mini_datasets import FIRST, SECOND

STEM = "1_080_30_0_01234"


def write_xml(root):
    mini.write_image(root / f"normal_xml/JPEGImages/{STEM}.jpg")
    objects = (mini.make_object("Car", 4, 5, 24, 15), mini.make_object("DontCare", 30, 8, 39, 17))
    mini.write_text(root / f"normal_xml/Annotations/{STEM}.xml", mini.make_voc(*objects))


def write_json(root):
    mini.write_image(root / f"normal_json/train/{STEM}.jpg")
    keys = {"name_key": "filename", "boxes_key": "annotation", "kinds": ("Person", "Car")}
    found = mini.make_coco((f"{STEM}.jpg",), ((0, [4, 5, 20, 10], 2),), **keys)
    mini.write_json(root / "normal_json/annotations/train.json", found)


def write_rotated(root):
    mini.write_image(root / f"rotate_xml/JPEGImages/{STEM}.jpg")
    box = "<cx>14</cx><cy>10</cy><w>10</w><h>20</h><angle>1.5707963267948966</angle>"
    text = mini.make_voc(f"<name>Car</name><robndbox>{box}</robndbox>")
    mini.write_text(root / f"rotate_xml/Annotations/{STEM}.xml", text)


@pytest.mark.parametrize(
    ("write", "layout", "split"), [(write_json, "normal_json", "train"), (write_rotated, "rotate_xml", None)]
)
def test_both_forms_are_read_as_they_are_written(write, layout, split, tmp_path):
    mini.check_layout("hituav", write, tmp_path, layout, [("car", FIRST)], group="1_080_30_0-2", split=split)


def test_counts_are_spoilt_where_it_does_not_care(tmp_path):
    write_xml(tmp_path)
    (image,), rejects = mini.read("hituav", tmp_path)
    sure = [box for box in image.boxes if box.is_certain]
    assert [(box.name, box.box_xyxy) for box in sure] == [("car", FIRST)]
    doubtful = [box for box in image.boxes if not box.is_certain]
    assert {box.box_xyxy for box in doubtful} == {SECOND}
    assert {"person", "car", "bicycle"} <= {box.name.lower() for box in doubtful}
    assert image.facts == {"time": "night", "height_m": 80.0, "angle_degrees": 30.0}
    assert rejects == []


def test_the_real_samples_are_read():
    mini.check_samples("hituav", "HIT-UAV", {"car", "person"})
