"""LLVIP, and with it everything that Pascal VOC's XML can have wrong."""

import mini_datasets as mini
import pytest
from mini_datasets import FIRST, drop_file, spoil_file

from tools.datasets.taking import take_dataset
from tools.errors import UsageError

XML, IMAGE = "Annotations/190001.xml", "infrared/test/190001.jpg"


def write(root):
    for kind in ("infrared", "visible"):
        mini.write_image(root / kind / "test/190001.jpg")
    mini.write_text(root / XML, mini.make_voc(mini.make_object("person", 4, 5, 24, 15)))


def spoil(text):
    return spoil_file(write, XML, text)


def test_the_layout_is_read_as_it_is_written(tmp_path):
    others = {"id": "infrared/test/190001", "photo": "visible/test/190001.jpg", "group": "19", "split": "test"}
    mini.check_layout("llvip", write, tmp_path, "LLVIP: test", [("person", FIRST)], **others)


SPOILED = {
    "XML cut short": (spoil("<annotation><object>"), "broken_xml", 0),
    "empty XML": (spoil(""), "broken_xml", 0),
    "an entity that would grow": (
        spoil('<!DOCTYPE a [<!ENTITY b "bb">]><annotation>&b;</annotation>'), "broken_xml", 0),
    "image without XML": (drop_file(write, XML), "no_annotation", 0),
    "XML without image": (drop_file(write, IMAGE), "missing_image", 0),
    "an unknown class": (spoil(mini.make_voc(mini.make_object("unicorn", 4, 5, 24, 15))), "unknown_class", 1),
    "a box outside": (spoil(mini.make_voc(mini.make_object("person", 80, 5, 99, 15))), "bad_box", 1),
    "a box that is no number": (spoil(mini.make_voc(mini.make_object("person", "nan", 5, 24, 15))), "bad_box", 1),
    "a box without corners": (spoil(mini.make_voc("<name>person</name>")), "no_box", 1),
    "another size": (spoil(mini.make_voc(size=(640, 480))), "size_differs", 0),
    "an image that is none": (spoil_file(write, IMAGE, "text"), "unreadable_image", 0),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILED)
def test_what_cannot_be_used_is_counted(case, tmp_path):
    change, code, left = SPOILED[case]
    mini.check_spoiled("llvip", change, tmp_path, code, left)


def test_an_xml_without_objects_is_an_image_without_boxes(tmp_path):
    spoil(mini.make_voc())(tmp_path)
    (image,), rejects = mini.read("llvip", tmp_path)
    assert image.boxes == () and rejects == []


def test_a_box_that_sticks_out_is_cut_at_the_frame(tmp_path):
    spoil(mini.make_voc(mini.make_object("person", -5, 40, 24, 99)))(tmp_path)
    (image,), rejects = mini.read("llvip", tmp_path)
    assert mini.show(image) == [("person", (0.0, 40.0, 24.0, 48.0))] and rejects == []


def test_sixteen_bit_images_are_images(tmp_path):
    drop_file(write, IMAGE)(tmp_path)
    mini.write_image(tmp_path / "infrared/test/190001.png", mode="I;16")
    (image,), rejects = mini.read("llvip", tmp_path)
    assert image.image.endswith("190001.png") and rejects == []


def test_the_real_samples_are_read():
    mini.check_samples("llvip", "LLVIP", {"person"})


def test_an_image_without_annotation_is_of_its_split_and_one_split_can_be_taken(tmp_path):
    write(tmp_path)
    for name in ("train/010001.jpg", "train/010002.jpg", "test/190002.jpg"):
        mini.write_image(tmp_path / "infrared" / name)
    whole = take_dataset("llvip", tmp_path)
    assert dict(whole.splits) == {"test": 2, "train": 2} and len(whole) == 4
    train = take_dataset("llvip", tmp_path, split="train")
    assert train.ids == ("infrared/train/010001", "infrared/train/010002") and train.splits == whole.splits
    assert train.counts["images"] == train.counts["images_without_annotation"] == 2
    assert train.digest != whole.digest
    with pytest.raises(UsageError, match=r"--split val: llvip has these: test \(2 images\), train \(2 images\)"):
        take_dataset("llvip", tmp_path, split="val")
