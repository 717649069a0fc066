"""COCO as a dataset: the files in its folders, with pixels, splits and numbers as ids."""

import json

import mini_datasets as mini
import pytest

from tools.datasets import open_dataset
from tools.errors import UsageError


def write(root, name="val2017", ids=(7, 30)):
    images = [{"id": id, "file_name": f"{id:012d}.jpg", "width": 64, "height": 48} for id in ids]
    captions = [{"id": id, "image_id": id, "caption": f"caption of {id}"} for id in ids]
    boxes = [
        {"id": 1, "image_id": ids[0], "bbox": [4.25, 5, 20, 10.13], "category_id": 1, "iscrowd": 0},
        {"id": 2, "image_id": ids[0], "bbox": [30, 8, 9, 9], "category_id": 2, "iscrowd": 1},
    ]
    kinds = [{"id": 1, "name": "person"}, {"id": 2, "name": "potted plant"}]
    for id in ids:
        mini.write_image(root / name / f"{id:012d}.jpg")
    mini.write_json(root / f"annotations/captions_{name}.json", {"images": images, "annotations": captions})
    content = {"images": images, "annotations": boxes, "categories": kinds}
    mini.write_json(root / f"annotations/instances_{name}.json", content)


def test_the_layout_is_read_as_it_is_written(tmp_path):
    write(tmp_path, "train2017", (5, 100))
    write(tmp_path)
    opened = open_dataset("coco", tmp_path)
    assert opened.layout == "COCO: train2017, val2017"
    images, rejects = mini.read("coco", tmp_path)
    assert [(image.id, image.split) for image in images] == [
        ("5", "train"), ("100", "train"), ("7", "val"), ("30", "val")
    ]  # fmt: skip
    assert rejects == []
    first = images[2]
    assert (first.image, first.captions, first.group) == ("val2017/000000000007.jpg", ("caption of 7",), "7")
    assert [(box.name, box.box_xyxy, box.is_certain) for box in first.boxes] == [
        ("person", (4.25, 5.0, 24.25, 15.13), True), ("potted plant", mini.SECOND, False)
    ]  # fmt: skip
    assert [opened.find(image.id) for image in images] == images


def test_what_cannot_be_found_is_explained(tmp_path):
    write(tmp_path)
    (tmp_path / "val2017/000000000030.jpg").unlink()
    opened = open_dataset("coco", tmp_path)
    for id in ("8", "30", "dog"):
        with pytest.raises(UsageError, match=f"has no image `{id}` that can be used"):
            opened.find(id)


def spoil(change):
    return mini.spoil_json(write, "annotations/captions_val2017.json", change)


SPOILED = {
    "an image that is not there": (mini.drop_file(write, "val2017/000000000030.jpg"), "missing_image", 1),
    "an empty caption": (spoil(lambda found: found["annotations"][0].update(caption=" ")), "empty_caption", 2),
    "a name that leads out": (
        spoil(lambda found: found["images"][0].update(file_name="../7.jpg")), "unsafe_file_name", 1),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILED)
def test_what_cannot_be_used_is_counted(case, tmp_path):
    change, code, left = SPOILED[case]
    mini.check_spoiled("coco", change, tmp_path, code, left)


def test_the_real_samples_have_the_boxes_of_their_files():
    mini.check_samples("coco", "coco2017", {"person", "dog"})
    root = mini.DATA / "coco2017"
    images, rejects = mini.read("coco", root)
    assert rejects == []
    raw = json.loads((root / "annotations/instances_val2017.json").read_text())
    sides = {row["id"]: (row["width"], row["height"]) for row in raw["images"]}
    wanted = {}
    for row in raw["annotations"]:
        x, y, w, h = row["bbox"]
        width, height = sides[row["image_id"]]
        wanted.setdefault(str(row["image_id"]), []).append((x, y, min(x + w, width), min(y + h, height)))
    checked = 0
    for image in images:
        if image.split == "val" and image.boxes:
            found = [box.box_xyxy for box in image.boxes]
            assert found == [pytest.approx(corners, abs=0.011) for corners in wanted[image.id]]
            checked += len(found)
    assert checked > 500
