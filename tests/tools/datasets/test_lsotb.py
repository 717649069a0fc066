"""LSOTB-TIR: evaluation and training part; the label is what a sequence tracks."""

import mini_datasets as mini
import pytest
from mini_datasets import FIRST, spoil_file

BOXES = "sequences/dog_H_001/groundtruth_rect.txt"


def write_evaluation(root):
    for number in (1, 2):
        mini.write_image(root / f"sequences/dog_H_001/img/000{number}.jpg")
    mini.write_text(root / BOXES, "4,5,20,10\n5\t6 20,10\n")


def write_training(root):
    mini.write_image(root / "TrainingData/TIR_training_001/cat_002/0001.jpg")
    path = root / "Annotations/TIR_training_001/cat_002/0001.xml"
    mini.write_text(path, mini.make_voc(mini.make_object("cat", 4, 5, 24, 15)))


LAYOUTS = [
    (write_evaluation, "evaluation, 1 sequences", "sequences/dog_H_001", "dog", "test"),
    (write_training, "training, 1", "TrainingData/TIR_training_001/cat_002", "cat", "train"),
]


@pytest.mark.parametrize(("write", "layout", "group", "label", "split"), LAYOUTS)
def test_both_parts_are_read_as_they_are_written(write, layout, group, label, split, tmp_path):
    boxes = [("target", FIRST)]
    mini.check_layout("lsotb", write, tmp_path, layout, boxes, group=group, labels=(label,), split=split)


def test_any_separator_is_read(tmp_path):
    write_evaluation(tmp_path)
    images, _ = mini.read("lsotb", tmp_path)
    assert images[1].boxes[0].box_xyxy == (5.0, 6.0, 25.0, 16.0)


SPOILED = {
    "a sequence named otherwise": (
        spoil_file(write_evaluation, "sequences/airplane/groundtruth_rect.txt", "1,2,3,4"), "no_images", 2),
    "a line that is no box": (spoil_file(write_evaluation, BOXES, "a,b\n5,6,7,8"), "no_box", 1),
    "fewer boxes than images": (spoil_file(write_evaluation, BOXES, "5,6,7,8"), "no_annotation", 1),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILED)
def test_what_cannot_be_used_is_counted(case, tmp_path):
    change, code, left = SPOILED[case]
    mini.check_spoiled("lsotb", change, tmp_path, code, left)


def test_what_follows_the_name_airplane_is_not_believed(tmp_path):
    write_evaluation(tmp_path)
    (tmp_path / "sequences/dog_H_001").rename(tmp_path / "sequences/airplane")
    images, rejects = mini.read("lsotb", tmp_path)
    assert [image.labels for image in images] == [(), ()]
    assert [reject.code for reject in rejects] == ["untrusted_label"]


def test_the_real_samples_are_read():
    mini.check_samples("lsotb", "LSOTB-TIR", {"target"})
