"""FLIR ADAS: three releases, and what becomes of broken files."""

import mini_datasets as mini
import pytest
from mini_datasets import FIRST, SECOND, add_image, drop_file, spoil_file, spoil_json

from tools.errors import UsageError

COCO = "train/thermal_annotations.json"


def write_13(root):
    mini.write_image(root / "train/thermal_8_bit/FLIR_00007.jpeg")
    names = ("thermal_8_bit/FLIR_00007.jpeg",)
    boxes = ((0, [4, 5, 20, 10], 1), (0, [30, 8, 9, 9], 2))
    mini.write_json(root / COCO, mini.make_coco(names, boxes))


def write_v2(root):
    name = "data/video-Abc123-frame-000012-xyz.jpg"
    mini.write_image(root / "images_thermal_val" / name)
    made = mini.make_coco((name,), ((0, [4, 5, 20, 10], 2),), kinds=("person", "bike", "motor"))
    mini.write_json(root / "images_thermal_val/coco.json", made)


def write_july(root):
    mini.write_image(root / "training/PreviewData/FLIR_00108.jpeg")
    rows = [{"category_id": "18", "bbox": [4, 5, 20, 10]}, {"category_id": "3", "bbox": [30, 8, 9, 9]}]
    mini.write_json(root / "training/Annotations/FLIR_00108.json", {"annotation": rows})


def spoil(change):
    return spoil_json(write_13, COCO, change)


LAYOUTS = [
    (write_13, "FLIR ADAS 1_3: train", "v1-drive-0", "train", "v1", [("person", FIRST), ("car", SECOND)]),
    (write_v2, "FLIR ADAS v2: images_thermal_val", "v2-Abc123", "val", "v2", [("bicycle", FIRST)]),
    (write_july, "July 2018: training", "v1-drive-1", "train", "v1", [("dog", FIRST), ("car", SECOND)]),
]


@pytest.mark.parametrize(("write", "layout", "group", "split", "version", "boxes"), LAYOUTS)
def test_every_release_is_read_as_it_is_written(write, layout, group, split, version, boxes, tmp_path):
    facts = {"version": version}
    mini.check_layout("flir", write, tmp_path, layout, boxes, group=group, split=split, facts=facts, photo=None)


SPOILED = {
    "empty JSON": (spoil_file(write_13, COCO, ""), "broken_json", 0),
    "JSON cut short": (spoil_file(write_13, COCO, '{"images": [{'), "broken_json", 0),
    "a list": (spoil_file(write_13, COCO, "[]"), "broken_json", 0),
    "no categories": (spoil(lambda found: found.update(categories=[])), "unknown_class", 1),
    "a file name that leads out": (
        spoil(lambda found: found["images"][0].update(file_name="../../etc/x.jpeg")), "path_outside", 0),
    "an absolute file name": (
        spoil(lambda found: found["images"][0].update(file_name="C:\\x.jpeg")), "path_outside", 0),
    "an image that is not listed": (
        add_image(write_13, "train/thermal_8_bit/FLIR_00099.jpeg"), "no_annotation", 1),
    "a listed image that is not there": (
        drop_file(write_13, "train/thermal_8_bit/FLIR_00007.jpeg"), "missing_image", 0),
    "boxes of no image": (spoil(lambda found: found["annotations"][0].update(image_id=77)), "no_image_row", 1),
    "an id twice": (spoil(lambda found: found["images"].append(found["images"][0])), "duplicate_id", 1),
    "an image twice": (spoil(lambda found: found["images"].append(found["images"][0] | {"id": 99})), "duplicate_id", 1),
    "a box of three numbers": (spoil(lambda found: found["annotations"][0].update(bbox=[1, 2, 3])), "no_box", 1),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILED)
def test_what_cannot_be_used_is_counted(case, tmp_path):
    change, code, left = SPOILED[case]
    mini.check_spoiled("flir", change, tmp_path, code, left)


def test_two_files_that_differ_in_their_suffix_only_are_refused(tmp_path):
    add_image(write_13, "train/thermal_8_bit/FLIR_00007.png")(tmp_path)
    with pytest.raises(UsageError, match=r"FLIR_00007\.jpeg and .*FLIR_00007\.png would have the same id"):
        mini.read("flir", tmp_path)


def test_without_images_the_annotations_are_believed(tmp_path):
    drop_file(write_13, "train/thermal_8_bit/FLIR_00007.jpeg")(tmp_path)
    (image,), rejects = mini.read("flir", tmp_path, needs_images=False)
    assert (image.width, image.height) == mini.SIZE and rejects == []


def test_the_real_samples_are_read():
    mini.check_samples("flir", "FLIR_ADAS_1_3", {"person", "car"})
