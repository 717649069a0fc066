"""Captions and boxes in files of their own: every form, every way of naming an image, and what is lost on the way."""

import json

import mini_datasets as mini
import pytest

from tools.datasets.tables import NameTable, read_box_table, read_caption_table
from tools.datasets.tables.names import NameIndex
from tools.datasets.taking import take_dataset
from tools.errors import MissingError, UsageError

CAPTIONS = {
    "a.csv": "file,caption\na.png,One car.\nb.png,\n",
    "b.csv": "caption;file_name\nOne car.;a.png\n",
    "c.tsv": "image\ttext\na.png\tOne car.\n",
    "d.jsonl": '\ufeff{"file_name": "a.png", "text": "One car."}\r\n{"file_name": 5, "text": "x"}\r\n',
    "e.json": '[{"image": "a.png", "captions": ["One car.", "One car."]}]',
    "f.json": json.dumps({"images": [{"id": "7", "file_name": "a.png"}],
                          "annotations": [{"image_id": 7, "caption": " One  car. "}, None]}),
    "g.txt": "a.png#0\tOne car.\n",
}  # fmt: skip


@pytest.mark.parametrize("name", CAPTIONS)
def test_captions_are_read_in_every_form(name, tmp_path):
    path = tmp_path / name
    path.write_text(CAPTIONS[name], encoding="utf-8")
    table = read_caption_table(path)
    assert table.find("deep/a.png") == table.find("a.jpg") == ("One car.",)
    assert table.find("other.png") is None


def test_rows_that_say_nothing_are_counted(tmp_path):
    (tmp_path / "a.csv").write_text(CAPTIONS["a.csv"])
    assert read_caption_table(tmp_path / "a.csv").rejects == {"empty_caption": 1}
    (tmp_path / "d.jsonl").write_text(CAPTIONS["d.jsonl"])
    assert read_caption_table(tmp_path / "d.jsonl").rejects == {"no_name": 1}


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "{", "[1]", '{"images": 3}'])
def test_no_captions_are_one_sentence(text, tmp_path):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(UsageError, match="--captions"):
        read_caption_table(tmp_path / "x.csv")
    with pytest.raises(MissingError, match="no such file"):
        read_caption_table(tmp_path / "none.csv")


def test_a_name_that_fits_two_rows_is_refused_only_where_its_folder_does_not_decide(tmp_path):
    table = NameTable({"day/1.png": "day", "night\\1.png": "night", "2.png": "two"}, tmp_path)
    assert (table.find("day/1.png"), table.find("night/1.jpg"), table.find("x/2.tif")) == ("day", "night", "two")
    with pytest.raises(UsageError, match="two rows are called"):
        table.find("dawn/1.png")


@pytest.mark.parametrize(
    ("names", "image", "found"),
    [
        (("a/x.png", "b/x.jpg"), "a/x.jpg", ["a/x.png"]),
        (("x.png", "x", "x.jpg"), "x.jpg", ["x.jpg"]),
        (("x.png", "x"), "x.jpg", ["x"]),
        (("x.png", "x.tif"), "x.jpg", ["x.png", "x.tif"]),
        (("f.0001", "f.0002"), "f.0001.jpg", ["f.0001"]),
        (("f.0002",), "f.0001", []),
        (("train/1/x.jpg", "val/2/x.jpg"), "val/1/x.jpg", ["train/1/x.jpg", "val/2/x.jpg"]),
        (("1/x.jpg", "val/2/x.jpg"), "val\\1\\x.jpg", ["1/x.jpg"]),
        (("000000000139.jpg",), "COCO_val2014_000000000139.jpg", ["000000000139.jpg"]),
        (("COCO_val2014_000000000139",), "val2017/000000000139.jpg", ["COCO_val2014_000000000139"]),
        (("yard_17.rf.a1.jpg", ""), "17.jpg", []),
    ],
)
def test_names_are_matched_in_one_way(names, image, found):
    assert NameIndex(names).find(image) == found


def write_images(root, *names):
    for name in names:
        mini.write_image(root / name)
    return root


def write_boxes(folder, form):
    if form == "coco":
        made = mini.make_coco(("a.png",), ((0, [4, 5, 20, 10], 1),), kinds=("car",))
        mini.write_json(folder / "boxes.json", made)
        return folder / "boxes.json"
    if form == "voc":
        mini.write_text(folder / "voc/a.xml", mini.make_voc(mini.make_object("car", 4, 5, 24, 15)))
        return folder / "voc"
    mini.write_text(folder / "yolo/classes.txt", "car\n")
    mini.write_text(folder / "yolo/a.txt", f"0 {14 / 64} {10 / 48} {20 / 64} {10 / 48}\n")
    return folder / "yolo"


@pytest.mark.parametrize("form", ["coco", "voc", "yolo"])
def test_boxes_of_every_form_are_those_of_the_image(form, tmp_path):
    root = write_images(tmp_path / "images", "deep/a.png", "b.png")
    taken = take_dataset("folder", root, boxes=read_box_table(write_boxes(tmp_path, form)))
    first, second = (taken.photo(place) for place in range(2))
    assert (first.image_id, second.image_id) == ("b", "deep/a")
    assert first.boxes == ()
    (box,) = second.boxes
    assert box.label == "car"
    assert box.box_xyxy_norm == pytest.approx((4 / 64, 5 / 48, 24 / 64, 15 / 48), abs=1e-5)
    assert taken.counts["images_without_instances"] == 1


LOST = {
    "no number": "0 0.5 0.5 0.2 0.2\n0 x 0.5 0.2 0.2\n",
    "an unknown class": "0 0.5 0.5 0.2 0.2\n9 0.5 0.5 0.2 0.2\n",
    "outside the image": "0 0.5 0.5 0.2 0.2\n0 5.0 0.5 0.2 0.2\n",
}


@pytest.mark.parametrize("fault", LOST)
def test_an_object_that_is_lost_leaves_its_image_without_boxes(fault, tmp_path):
    root = write_images(tmp_path / "images", "a.png")
    folder = write_boxes(tmp_path, "yolo")
    (folder / "a.txt").write_text(LOST[fault])
    taken = take_dataset("folder", root, boxes=read_box_table(folder))
    assert taken.photo(0).boxes == ()
    assert taken.counts["images_with_unread_objects"] == 1


def test_names_of_no_image_are_counted_and_none_at_all_is_refused(tmp_path):
    root = write_images(tmp_path / "images", "a.png", "b.png")
    (tmp_path / "c.csv").write_text("file,caption\na.png,One car.\nz.png,Two cars.\n")
    taken = take_dataset("folder", root, captions=read_caption_table(tmp_path / "c.csv"))
    assert [taken.photo(place).captions for place in range(2)] == [("One car.",), ()]
    assert taken.counts["names_in_captions_of_no_image"] == 1
    assert taken.counts["images_without_captions"] == 1
    (tmp_path / "c.csv").write_text("file,caption\nz.png,Two cars.\n")
    with pytest.raises(UsageError, match="none of its 1 names is an image here"):
        take_dataset("folder", root, captions=read_caption_table(tmp_path / "c.csv"))
