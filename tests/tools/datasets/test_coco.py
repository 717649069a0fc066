import json
import math
import pickle
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tolerances import written_tolerance

from tools.datasets.boxes import MAX_BOXES
from tools.datasets.coco import MAX_CAPTION_CHARS, load_coco, pieces
from tools.errors import MissingError, ToolkitError, UsageError
from tools.files.inside import find_name_fault

SHARED = Path(__file__).resolve().parents[3].parent / "shared"
REAL = SHARED / "data/coco2017/annotations"
ODD_IDS = SHARED / "cases/coco/07-coco-ids-not-int"
needs_data = pytest.mark.skipif(not REAL.is_dir(), reason=f"{REAL} is missing")
PERSON, DOG = {"id": 1, "name": "person"}, {"id": 18, "name": "dog"}


def image(id_=1, name=None, width=100, height=50, **more):
    return {"id": id_, "file_name": name or f"{id_}.jpg", "width": width, "height": height, **more}


def caption(text="a dog", image_id=1, id_=1):
    return {"id": id_, "image_id": image_id, "caption": text}


def box(bbox=(10, 10, 20, 20), image_id=1, id_=1, category_id=1, **more):
    bbox = list(bbox) if isinstance(bbox, tuple) else bbox
    return {"id": id_, "image_id": image_id, "category_id": category_id, "bbox": bbox, "iscrowd": 0, **more}


@pytest.fixture
def load(tmp_path):
    """Write the files and load them."""

    def load(images=None, captions=(), boxes=None, box_images=None, categories=(PERSON, DOG), limit=None):
        images = [image()] if images is None else images
        first, second = tmp_path / "captions.json", tmp_path / "instances.json"
        first.write_text(json.dumps({"info": {}, "images": images, "annotations": list(captions)}))
        if boxes is None:
            return load_coco(first, None, limit)
        box_images = images if box_images is None else box_images
        content = {"images": box_images, "annotations": list(boxes), "categories": list(categories)}
        second.write_text(json.dumps(content))
        return load_coco(first, second, limit)

    return load


@pytest.fixture
def write(tmp_path):
    def write(content, name="captions.json"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


# What a good file gives


def test_images_come_by_ascending_id_with_captions_and_boxes_in_file_order(load):
    dataset = load(
        [image(30), image(2), image(11)],
        [caption("second", 30, 1), caption("x", 2, 2), caption("first", 30, 3)],
        [box((0, 0, 50, 25), 30, 1, 18), box((50, 25, 50, 25), 30, 2, 1)],
    )
    assert dataset.ids == ("2", "11", "30")
    assert len(dataset) == 3
    assert [dataset.index_of(id_) for id_ in dataset.ids] == [0, 1, 2]
    photo = dataset.photo(2)
    assert (photo.image_id, photo.file_name, photo.width, photo.height) == ("30", "30.jpg", 100, 50)
    assert photo.captions == ("second", "first")
    assert [(b.label, b.box_xyxy_norm) for b in photo.boxes] == [
        ("dog", (0, 0, 0.5, 0.5)),
        ("person", (0.5, 0.5, 1, 1)),
    ]
    assert dataset.counts["images_without_captions"] == 1
    assert dataset.counts["images_without_boxes"] == 2


def test_an_unknown_image_is_a_usage_error(load):
    dataset = load([image(3), image(9)])
    with pytest.raises(UsageError, match=r"image 5 is not in the captions file; its 2 images have ids 3 to 9"):
        dataset.index_of("5")


def test_without_instances_there_are_no_boxes(load):
    dataset = load(captions=[caption()])
    assert dataset.photo(0).boxes == ()
    assert dataset.counts["images_without_boxes"] == 1
    assert "images_only_in_captions" not in dataset.counts


def test_limit_takes_a_prefix_and_leaves_the_rows_as_they_are(load):
    images = [image(id_) for id_ in (5, 1, 3)]
    rows = [caption(f"c{id_}", id_, id_) for id_ in (1, 3, 5)]
    boxes = [box(image_id=id_, id_=id_, iscrowd=int(id_ == 5)) for id_ in (1, 3, 5)]
    whole, part = load(images, rows, boxes), load(images, rows, boxes, limit=2)
    assert part.ids == ("1", "3")
    assert [part.photo(i) for i in range(2)] == [whole.photo(i) for i in range(2)]
    assert (part.counts["captions"], part.counts["boxes"], part.counts["crowd_regions"]) == (2, 2, 0)
    assert whole.counts["crowd_regions"] == 1
    assert part.digest == whole.digest
    assert load(images, rows, boxes, limit=0).ids == ()


def test_the_digest_follows_the_bytes_of_both_files(load):
    first = load(captions=[caption()], boxes=[box()]).digest
    assert load(captions=[caption()], boxes=[box()]).digest == first
    assert load(captions=[caption("other")], boxes=[box()]).digest != first
    assert load(captions=[caption()], boxes=[box(id_=2)]).digest != first


def test_a_dataset_pickles(load):
    dataset = load(captions=[caption()], boxes=[box()])
    again = pickle.loads(pickle.dumps(dataset))
    assert again.photo(0) == dataset.photo(0)


def test_a_byte_order_mark_is_no_hindrance(write):
    path = write(b"\xef\xbb\xbf" + json.dumps({"images": [image()], "annotations": [caption()]}).encode())
    assert load_coco(path, None).photo(0).captions == ("a dog",)


def test_empty_lists_are_a_dataset_without_images(load):
    dataset = load([], [], [], categories=[])
    assert (len(dataset), dataset.ids, dataset.counts["images"]) == (0, (), 0)


# Pieces


def test_pieces_are_cut_only_between_rows(load, monkeypatch):
    texts = ['a "}, {" b', "}, {", '{"id": 1}, {', "\\", '\\"}, {', "ok"]
    rows = [caption(text, 1, place) for place, text in enumerate(texts)]
    boxes = [box(id_=k, extra=[{"a": 1}, {"b": [{"c": 2}, {"d": 3}]}]) for k in range(7)]
    expected = load(captions=rows, boxes=boxes).photo(0)
    for size in (1, 7, 40, 100):
        monkeypatch.setattr(pieces, "PIECE_BYTES", size)
        assert load(captions=rows, boxes=boxes).photo(0) == expected
    assert expected.captions == tuple(texts)
    assert len(expected.boxes) == 7


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20), max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_text_survives_any_piece_size(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("coco") / "captions.json"
    rows = [caption(text, 1, place) for place, text in enumerate(texts)]
    path.write_text(json.dumps({"images": [image()], "annotations": rows}, ensure_ascii=False), encoding="utf-8")
    whole = load_coco(path, None)
    size, pieces.PIECE_BYTES = pieces.PIECE_BYTES, 3
    try:
        assert load_coco(path, None).photo(0) == whole.photo(0)
    finally:
        pieces.PIECE_BYTES = size
    assert len(whole.photo(0).captions) + len(whole.caption_rejects(0)) == len(texts)


# Files that are no good


def test_malformed_json_names_file_byte_and_line(write):
    path = write('{"images": [],\n "annotations": [}')
    with pytest.raises(
        ToolkitError, match=r"captions\.json is not valid JSON at byte 32 \(line 2, column 18\).*Repair"
    ):
        load_coco(path, None)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_file_says_so(write, share):
    text = json.dumps({"images": [image(k) for k in range(50)], "annotations": [caption(id_=k) for k in range(50)]})
    path = write(text[: int(len(text) * share)])
    with pytest.raises(ToolkitError, match=r"captions\.json is (cut short|not valid JSON).*line 1"):
        load_coco(path, None)


@pytest.mark.parametrize("content", [b"", b"  \n", b"\xef\xbb\xbf"])
def test_an_empty_file_says_so(write, content):
    with pytest.raises(ToolkitError, match="is empty"):
        load_coco(write(content), None)


@pytest.mark.parametrize("content", [b"\x89PNG\r\n", b"PK\x03\x04", "{}".encode("utf-16"), b"{'images': []}"])
def test_a_file_that_is_no_json_says_where(write, content):
    with pytest.raises(ToolkitError, match="is not valid JSON at byte"):
        load_coco(write(content), None)


@pytest.mark.parametrize("content", ["[]", "3", '"text"', "null"])
def test_json_of_another_shape_is_a_usage_error(write, content):
    with pytest.raises(UsageError, match=r"not a COCO file.*--captions takes"):
        load_coco(write(content), None)


@pytest.mark.parametrize("content", ["{}", '{"images": []}', '{"annotations": []}'])
def test_missing_parts_are_a_usage_error(write, content):
    with pytest.raises(UsageError, match=r'is not a captions file: it has no "'):
        load_coco(write(content), None)


def test_a_part_that_is_no_list_is_a_usage_error(write):
    with pytest.raises(UsageError, match='"annotations" is not a list'):
        load_coco(write('{"images": [], "annotations": {}}'), None)


def test_swapped_files_are_recognised(write):
    captions = write(json.dumps({"images": [image()], "annotations": [caption()]}))
    content = {"images": [image()], "annotations": [box()], "categories": [PERSON]}
    instances = write(json.dumps(content), "instances.json")
    with pytest.raises(UsageError, match=r"captions\.json is not an instances file.*like a captions file.*swapped"):
        load_coco(instances, captions)
    with pytest.raises(UsageError, match=r"instances\.json is not a captions file.*like an instances file.*swapped"):
        load_coco(instances, None)


def test_captions_with_categories_are_still_no_instances(write):
    content = json.dumps({"images": [image()], "annotations": [caption()], "categories": []})
    path = write(content)
    with pytest.raises(UsageError, match='not one of its annotations has a "bbox"') as caught:
        load_coco(path, path)
    assert caught.value.exit_code == 2


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(MissingError, match=r"--captions .*none\.json: no such file"):
        load_coco(tmp_path / "none.json", None)
    with pytest.raises(UsageError, match="is a folder"):
        load_coco(tmp_path, None)


@pytest.mark.parametrize("bad", [1.5, None, True, math.nan, 1e300, "", " ", "a\nb", [1], {}, "x" * 1001])
def test_a_row_whose_id_is_none_is_left_out_and_counted(load, bad):
    dataset = load([image(7), image(8) | {"id": bad}])
    assert (dataset.ids, dataset.counts["images_without_id"]) == (("7",), 1)
    dataset = load(captions=[caption(), caption(id_=2), caption(id_=3) | {"image_id": bad}])
    assert (dataset.counts["captions"], dataset.counts["captions_without_image_id"]) == (2, 1)
    assert "captions_of_unknown_images" not in dataset.counts
    dataset = load(boxes=[box(), box(id_=2) | {"image_id": bad}])
    assert (dataset.counts["boxes"], dataset.counts["boxes_without_image_id"]) == (1, 1)
    dataset = load(captions=[caption("a"), caption("b") | {"id": bad}, caption("b") | {"id": bad}])
    assert dataset.photo(0).captions == ("a", "b", "b")


def test_a_file_in_which_no_row_has_an_id_is_an_error(load):
    with pytest.raises(ToolkitError, match=r"captions\.json: not one of its images has an id"):
        load([image(None)])
    with pytest.raises(ToolkitError, match=r"captions\.json: not one of its annotations has an image_id"):
        load(captions=[caption(image_id=None), {"caption": "b"}])
    with pytest.raises(ToolkitError, match=r"instances\.json: not one of its annotations has an image_id"):
        load(boxes=[box(image_id=None), {"bbox": [1, 1, 2, 2]}])
    dataset = load(boxes=[box()], categories=[PERSON, {"id": None, "name": "cat"}])
    assert dataset.counts["categories_malformed"] == 1


@pytest.mark.parametrize("write_id", [int, float, str])
@pytest.mark.parametrize("boxes_too", [True, False])
def test_a_number_is_one_id_however_it_is_written(load, write_id, boxes_too):
    ids, own = (12, 3, 139), write_id if boxes_too else int
    captions = [caption(f"c{id_}", write_id(id_), write_id(id_)) for id_ in ids]
    boxes = [box(image_id=own(id_), id_=own(id_), category_id=own(18)) for id_ in ids]
    dataset = load([image(write_id(id_)) for id_ in ids], captions, boxes, [image(own(id_)) for id_ in ids])
    assert dataset.ids == ("3", "12", "139")
    assert [dataset.photo(i).captions for i in range(3)] == [("c3",), ("c12",), ("c139",)]
    assert [[found.label for found in dataset.photo(i).boxes] for i in range(3)] == [["dog"]] * 3


def test_ids_of_any_text_are_joined_and_come_after_the_numbers(load):
    ids = ("yard/b", "007", 7, "图", 2**70, "a-0", -3, 2**63)
    captions = [caption(f"of {id_}", id_, f"uuid-{id_}") for id_ in ids]
    boxes = [box(image_id=id_, id_=f"uuid-{id_}") for id_ in ids] + [box(image_id="nowhere", id_="uuid")]
    dataset = load([image(id_) for id_ in ids], captions, boxes)
    assert dataset.ids == ("-3", "7", str(2**63), "007", str(2**70), "a-0", "yard/b", "图")
    for place, id_ in enumerate(dataset.ids):
        assert dataset.index_of(id_) == place
        assert dataset.photo(place).captions == (f"of {id_}",)
        assert len(dataset.photo(place).boxes) == 1
    assert dataset.counts["boxes_of_unknown_images"] == 1
    with pytest.raises(UsageError, match=r"image 7\.0 is not in the captions file; its 8 images have ids -3 to 图"):
        dataset.index_of("7.0")
    assert pickle.loads(pickle.dumps(dataset)).ids == dataset.ids


def test_a_caption_that_is_refused_keeps_the_id_it_has(load):
    dataset = load(captions=[caption("", id_="uuid-1"), caption("", id_=None)])
    assert [reject.annotation_id for reject in dataset.caption_rejects(0)] == ["uuid-1", None]


@pytest.mark.parametrize("name", ["float_ids", "str_ids", "one_null_image_id", "one_str_ann_id"])
@pytest.mark.skipif(not ODD_IDS.is_dir(), reason=f"{ODD_IDS} is missing")
def test_files_with_ids_of_other_types_are_read(name):
    captions = ODD_IDS / f"{name}.captions.json"
    own = captions if captions.is_file() else ODD_IDS / "float_ids.captions.json"
    dataset = load_coco(own, ODD_IDS / f"{name}.instances.json")
    assert dataset.ids == ("1", "2", "3")
    lost = int(name == "one_null_image_id")
    assert (dataset.counts["boxes"], dataset.counts.get("boxes_without_image_id", 0)) == (6 - lost, lost)


def test_a_caption_that_is_no_utf8_is_left_out_and_counted(write):
    text = json.dumps({"images": [image()], "annotations": [caption(), caption("XX", id_=2)]})
    dataset = load_coco(write(text.encode().replace(b"XX", b"\xff\xfe")), None)
    assert dataset.photo(0).captions == (caption()["caption"],)
    assert dataset.counts["annotations_malformed"] == 1


def test_rows_of_which_none_can_be_read_stop_with_the_first(write):
    text = json.dumps({"images": [image()], "annotations": [None, 3]})
    with pytest.raises(ToolkitError, match=r"annotations\[0\] cannot be used: .*nor can any other row"):
        load_coco(write(text), None)


NO_ROWS = [None, 5, "x", [], [1], True, {}]
ODD = [
    None,
    True,
    "",
    "x",
    [],
    [1],
    {},
    {"a": 1},
    math.nan,
    math.inf,
    -1,
    0.5,
    1e300,
    10**30,
    10**400,
    "9" * 2000,
    "\0",
]


@pytest.mark.parametrize("row", NO_ROWS)
@pytest.mark.parametrize("part", ["images", "captions", "boxes", "categories"])
def test_a_row_that_is_none_is_one_reject(load, part, row):
    parts = {"images": [image(), image(2)], "captions": [caption()], "boxes": [box()], "categories": [PERSON, DOG]}
    for place in (0, len(parts[part])):
        own = parts | {part: [*parts[part][:place], row, *parts[part][place:]]}
        dataset = load(own["images"], own["captions"], own["boxes"], categories=own["categories"])
        assert dataset.photo(dataset.index_of("1")).captions == (caption()["caption"],)
        assert [found.label for found in dataset.photo(dataset.index_of("1")).boxes] == ["person"]
        assert set(dataset.counts) > set(load(*(parts[name] for name in ("images", "captions", "boxes"))).counts)


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize(
    ("part", "field"),
    [
        *(("images", field) for field in ("id", "file_name", "width", "height")),
        *(("captions", field) for field in ("id", "image_id", "caption")),
        *(("boxes", field) for field in ("id", "image_id", "category_id", "bbox", "iscrowd")),
        *(("categories", field) for field in ("id", "name")),
    ],
)
def test_any_odd_field_spoils_at_most_its_own_row(load, part, field, value):
    parts = {
        "images": [image(), image(2)],
        "captions": [caption(), caption(image_id=2, id_=2)],
        "boxes": [box(), box(image_id=2, id_=2, category_id=18)],
        "categories": [PERSON, DOG],
    }
    parts[part][0] = parts[part][0] | {field: value}
    dataset = load(parts["images"], parts["captions"], parts["boxes"], categories=parts["categories"])
    place = dataset.index_of("2")
    assert dataset.reject(place) is None
    assert len(dataset.photo(place).captions) == 1
    assert [found.label for found in dataset.photo(place).boxes] == ["dog"]
    assert [dataset.photo(other) for other in range(len(dataset))]


def test_numbers_beyond_any_type_spoil_their_row(write):
    text = json.dumps({"images": [image()], "annotations": [caption(), caption("b", id_="HUGE")]})
    for number in ("1e999", "9" * 5000, "-1e999"):
        dataset = load_coco(write(text.replace('"HUGE"', number)), None)
        assert dataset.photo(0).captions[0] == caption()["caption"]


def test_a_crowded_image_is_refused_and_the_others_are_not(load):
    crowd = [box((k % 90, k % 40, 5, 5), id_=k) for k in range(MAX_BOXES + 1)]
    dataset = load([image(), image(2)], [caption()], [*crowd, box(image_id=2, id_=99_999)])
    assert dataset.reject(0)[0] == "too_many_boxes"
    assert f"{MAX_BOXES + 1} boxes" in dataset.reject(0)[1]
    assert (len(dataset.photo(0).boxes), len(dataset.photo(1).boxes)) == (0, 1)
    assert load([image()], [caption()], crowd[1:]).reject(0) is None


def test_sizes_that_neither_file_states_are_read_from_the_images(write, tmp_path):
    rows = [{"id": k, "file_name": f"{k}.png"} for k in (1, 2, 3)]
    own = write(json.dumps({"images": rows, "annotations": [caption()]}))
    content = {"images": rows, "annotations": [box((10, 10, 10, 10)), box(image_id=3, id_=3)], "categories": [PERSON]}
    boxed = write(json.dumps(content), "instances.json")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("L", (40, 20)).save(tmp_path / "1.png")
    Image.new("L", (40, 20)).save(tmp_path / "3.png", exif=exif)
    dataset = load_coco(own, boxed, photographs=tmp_path)
    assert (dataset.photo(0).width, dataset.photo(0).height) == (40, 20)
    assert dataset.photo(0).boxes[0].box_xyxy_norm == (0.25, 0.5, 0.5, 1)
    assert [dataset.reject(k) and dataset.reject(k)[0] for k in range(3)] == [
        None,
        "missing_file",
        "orientation_unclear",
    ]
    assert load_coco(own, boxed).reject(0)[0] == "bad_image_size"


def test_half_a_surrogate_pair_is_found(load):
    with pytest.raises(ToolkitError, match=r"not valid JSON at byte 193 "):
        load(captions=[caption(), caption("a \ud83d", id_=2), caption(id_=3)])


def test_one_category_id_with_two_names_is_an_error(load):
    with pytest.raises(ToolkitError, match=r"instances.*\.json: category 1 is both 'person' and 'cat'"):
        load(boxes=[box()], categories=[PERSON, {"id": 1, "name": "cat"}])


def test_one_category_id_with_one_name_in_two_spellings_is_read(load):
    spelt = [{"id": 1, "name": name} for name in ("fire hydrant", "Fire-Hydrant ", "fire_hydrant")]
    dataset = load(boxes=[box()], categories=spelt)
    assert [found.label for found in dataset.photo(0).boxes] == ["fire hydrant"]


def test_a_small_file_loads_in_milliseconds(load):
    load(captions=[caption()], boxes=[box()])
    started = time.process_time()
    load(
        [image(k) for k in range(300)],
        [caption(image_id=k % 300, id_=k) for k in range(1500)],
        [box(id_=k) for k in range(1500)],
    )
    assert time.process_time() - started < 0.5


# Images


def test_images_of_only_one_file_are_counted(load):
    dataset = load([image(1), image(2)], [caption()], [box(), box(image_id=3, id_=2)], [image(1), image(3)])
    assert dataset.ids == ("1", "2")
    assert (dataset.counts["images_only_in_captions"], dataset.counts["images_only_in_instances"]) == (1, 1)
    assert dataset.counts["boxes"] == 1
    assert "boxes_of_unknown_images" not in dataset.counts


def test_a_repeated_image_is_kept_once_and_a_contradiction_is_rejected(load):
    same = load([image(), image()], [caption()])
    assert (len(same), same.counts["images_repeated"], same.reject(0)) == (1, 1, None)
    other = load([image(), image(name="other.jpg")], [caption()])
    assert other.reject(0)[0] == "conflicting_image"
    assert other.counts["images_rejected"] == 1


def test_files_that_disagree_on_the_size_reject_the_image(load):
    dataset = load([image()], [caption()], [box()], [image(width=200)])
    assert dataset.reject(0) == ("conflicting_image", "the captions file says 100x50, the instances file 200x50")
    assert dataset.photo(0).boxes == ()
    assert dataset.counts["boxes_of_rejected_images"] == 1


def test_a_size_that_only_the_instances_file_has_is_used(load):
    bare = {"id": 1, "file_name": "1.jpg"}
    dataset = load([bare], [caption()], [box((0, 0, 50, 50))], [image()])
    assert dataset.reject(0) is None
    assert dataset.photo(0).boxes[0].box_xyxy_norm == (0, 0, 0.5, 1)


@pytest.mark.parametrize("width", [0, -3, None, "wide", "0", "-640", "6e2", 0.5, math.nan, math.inf, True, 10**9])
def test_an_impossible_size_rejects_the_image(load, width):
    dataset = load([image(width=width)], [caption()], [box()])
    assert dataset.reject(0)[0] == "bad_image_size"
    assert dataset.photo(0).boxes == ()


@pytest.mark.parametrize("width", ["100", " 100 ", "100.0", 100.0])
def test_a_size_as_text_or_float_is_read(load, width):
    assert load([image(width=width)], [caption()]).photo(0).width == 100


def test_backslashes_are_separators(load):
    assert load([image(name="train\\a.jpg")], [caption()]).photo(0).file_name == "train/a.jpg"


UNSAFE = [
    "../x.jpg",
    "a/../../x.jpg",
    "/etc/passwd",
    "\\\\host\\b.jpg",
    "..\\x.jpg",
    "C:\\x.jpg",
    "C:/x.jpg",
    "C:x",
    "a\0.jpg",
    "..",
    "a/",
]
UNSAFE += [".", "~/x.jpg", "a\nb.jpg"]


@pytest.mark.parametrize("name", UNSAFE)
def test_a_file_name_that_may_leave_its_folder_rejects_the_image(load, name):
    dataset = load([image(name=name), image(2)], [caption(), caption(image_id=2, id_=2)], [box()])
    code, reason = dataset.reject(0)
    assert code == "unsafe_file_name"
    assert repr(name.replace("\\", "/")) in reason
    assert dataset.photo(0).file_name == ""
    assert dataset.reject(1) is None
    assert dataset.rejects.keys() == {"1"}


@pytest.mark.parametrize("name", [None, "", 5, ["a"]])
def test_a_missing_file_name_rejects_the_image(load, name):
    dataset = load([image() | {"file_name": name}], [caption()])
    assert dataset.reject(0)[0] == "missing_file_name"


@given(st.text(max_size=30))
def test_a_name_that_passes_stays_in_its_folder(name):
    if name and find_name_fault(name) is None:
        resolved = Path("/images/" + name).resolve()
        assert Path("/images") in resolved.parents


@pytest.mark.parametrize("name", ["1.jpg", "train2017/1.jpg", "a..b.jpg", "...jpg", "Bild ä.png", "图.jpg"])
def test_ordinary_names_pass(name):
    assert find_name_fault(name) is None


# Captions


def test_captions_that_are_none_are_left_out_and_named(load):
    long = "word " * 2000
    rows = [caption(text, id_=place) for place, text in enumerate(["ok", "", " \n\t", long, None, 7, "fine"])]
    dataset = load(captions=rows)
    assert dataset.photo(0).captions == ("ok", "fine")
    refused = [(reject.annotation_id, reject.code) for reject in dataset.caption_rejects(0)]
    codes = ["empty_caption", "empty_caption", "caption_too_long", "caption_not_text", "caption_not_text"]
    assert refused == list(zip("12345", codes, strict=True))
    assert dataset.counts["captions"] == 2
    assert {key: value for key, value in dataset.counts.items() if key.startswith("rejected_")} == {
        "rejected_empty_caption": 2,
        "rejected_caption_too_long": 1,
        "rejected_caption_not_text": 2,
    }


def test_an_image_whose_captions_are_all_refused_has_none(load):
    dataset = load(captions=[caption("")])
    assert dataset.photo(0).captions == ()
    assert dataset.counts["images_without_captions"] == 1


def test_the_longest_caption_that_passes(load):
    dataset = load(captions=[caption("x" * MAX_CAPTION_CHARS), caption("x" * (MAX_CAPTION_CHARS + 1), id_=2)])
    assert [len(text) for text in dataset.photo(0).captions] == [MAX_CAPTION_CHARS]


@pytest.mark.parametrize(
    "text", ["一只狗在街上", "собака на улице", "كلب في الشارع", "犬 👩‍👩‍👧", "{{ x }} {% y %}", "<b>&amp;"]
)
def test_other_scripts_templates_and_markup_stay_as_they_are(load, text):
    assert load(captions=[caption(text)]).photo(0).captions == (text,)


def test_control_characters_and_white_space_become_single_spaces(load):
    messy = "\ufeff a\x00dog\r\n\tsits \u2028 on\x1b\xa0a\x85bench\x9f "
    assert load(captions=[caption(messy)]).photo(0).captions == ("a dog sits on a bench",)


def test_captions_of_unknown_images_and_repeated_ids(load):
    rows = [caption("a"), caption("a"), caption("b"), caption("c", 99, 5), caption("d", id_=6)]
    dataset = load(captions=rows)
    assert dataset.photo(0).captions == ("a", "b", "d")
    assert dataset.counts["captions_of_unknown_images"] == 1
    assert dataset.counts["captions_repeated"] == 1
    assert dataset.counts["caption_ids_reused"] == 1


def test_annotations_without_ids_are_no_repeats(load):
    row = {"image_id": 1, "caption": "a"}
    assert load(captions=[row, row]).photo(0).captions == ("a", "a")


# Boxes

BAD_BOXES = [
    (None, "boxes_missing"),
    ([], "boxes_malformed"),
    ([1, 2, 3], "boxes_malformed"),
    ([1, 2, 3, 4, 5], "boxes_malformed"),
    (["1", 2, 3, 4], "boxes_malformed"),
    ({"x": 1}, "boxes_malformed"),
    ("1,2,3,4", "boxes_malformed"),
    ([True, 2, 3, 4], "boxes_malformed"),
    ([10**400, 2, 3, 4], "boxes_malformed"),
    ([math.nan, 2, 3, 4], "boxes_not_finite"),
    ([1, 2, math.inf, 4], "boxes_not_finite"),
    ([-math.inf, 2, 3, 4], "boxes_not_finite"),
    ([10, 10, 0, 5], "boxes_without_area"),
    ([10, 10, 5, 0], "boxes_without_area"),
    ([10, 10, -5, 5], "boxes_without_area"),
    ([100, 0, 10, 10], "boxes_outside_their_image"),
    ([-20, 0, 20, 10], "boxes_outside_their_image"),
    ([0, 51, 5, 5], "boxes_outside_their_image"),
    ([5, 5, 1e-9, 5], "boxes_outside_their_image"),
    ([1e308, 0, 1e308, 5], "boxes_outside_their_image"),
]


@pytest.mark.parametrize(("bbox", "reason"), BAD_BOXES)
def test_a_box_that_is_none_is_dropped_and_counted_and_its_neighbours_stay(load, bbox, reason):
    dataset = load(captions=[caption()], boxes=[box(), box(bbox, id_=2), box((0, 0, 100, 50), id_=3, category_id=18)])
    assert [(b.label, b.box_xyxy_norm) for b in dataset.photo(0).boxes] == [
        ("person", (0.1, 0.2, 0.3, 0.6)),
        ("dog", (0, 0, 1, 1)),
    ]
    assert dataset.counts[reason] == 1
    assert dataset.counts["boxes"] == 2
    assert dataset.counts["captions"] == 1


def test_nan_elsewhere_and_in_text_changes_nothing(load):
    dataset = load([image(extra=math.nan)], [caption('NaN said "-Infinity", NaN')], [box(area=math.nan)])
    assert dataset.photo(0).captions == ('NaN said "-Infinity", NaN',)
    assert dataset.counts["boxes"] == 1


def test_a_box_that_leaves_the_image_is_clipped(load):
    dataset = load(boxes=[box((-10, -10, 60, 30)), box((90, 40, 50, 50), id_=2), box((0, 0, 100.4, 50.4), id_=3)])
    assert [b.box_xyxy_norm for b in dataset.photo(0).boxes] == [(0, 0, 0.5, 0.4), (0.9, 0.8, 1, 1), (0, 0, 1, 1)]
    assert dataset.counts["boxes_clipped"] == 2


def test_crowds_are_marked(load):
    dataset = load(
        boxes=[
            box(iscrowd=1),
            box(id_=2),
            box(id_=3, iscrowd=None),
            {k: v for k, v in box(id_=4).items() if k != "iscrowd"},
        ]
    )
    assert [b.is_crowd for b in dataset.photo(0).boxes] == [True, False, False, False]
    assert dataset.counts["crowd_regions"] == 1


def test_boxes_of_unknown_images_and_categories_and_repeated_ids(load):
    boxes = [
        box(),
        box(),
        box((0, 0, 5, 5)),
        box(image_id=77, id_=4),
        box(category_id=99, id_=5),
        box(category_id=None, id_=6),
    ]
    dataset = load(boxes=boxes)
    assert len(dataset.photo(0).boxes) == 2
    assert dataset.counts["boxes_repeated"] == 1
    assert dataset.counts["box_ids_reused"] == 1
    assert dataset.counts["boxes_of_unknown_images"] == 1
    assert dataset.counts["boxes_of_unknown_categories"] == 2


numbers = st.floats(-300, 300, allow_nan=False).map(lambda value: round(value, 3))


@given(st.lists(st.tuples(numbers, numbers, numbers, numbers), max_size=10))
@settings(max_examples=60, deadline=None)
def test_every_box_that_is_kept_lies_in_the_image(tmp_path_factory, bboxes):
    folder = tmp_path_factory.mktemp("coco")
    captions, instances = folder / "c.json", folder / "i.json"
    captions.write_text(json.dumps({"images": [image()], "annotations": []}))
    rows = [box(bbox, id_=place) for place, bbox in enumerate(bboxes)]
    instances.write_text(json.dumps({"images": [image()], "annotations": rows, "categories": [PERSON]}))
    dataset = load_coco(captions, instances)
    kept = [b.box_xyxy_norm for b in dataset.photo(0).boxes]
    assert all(0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1 for x1, y1, x2, y2 in kept)
    lost = sum(dataset.counts.get(key, 0) for key in ("boxes_without_area", "boxes_outside_their_image"))
    assert len(kept) + lost == len(bboxes)


# Real data


@needs_data
@pytest.mark.parametrize("split", ["train2017", "val2017"])
def test_real_files_against_an_independent_count(split):
    captions, instances = (REAL / f"{kind}_{split}.json" for kind in ("captions", "instances"))
    printed, boxed = json.loads(captions.read_text()), json.loads(instances.read_text())
    dataset = load_coco(captions, instances)
    names = {category["id"]: category["name"] for category in boxed["categories"]}
    assert dataset.ids == tuple(map(str, sorted(row["id"] for row in printed["images"])))
    assert dataset.counts["captions"] == len(printed["annotations"])
    assert dataset.counts["boxes"] == len(boxed["annotations"])
    assert dataset.counts["crowd_regions"] == sum(row["iscrowd"] for row in boxed["annotations"])
    assert not dataset.rejects
    for row in printed["images"]:
        photo = dataset.photo(dataset.index_of(str(row["id"])))
        assert (photo.file_name, photo.width, photo.height) == (row["file_name"], row["width"], row["height"])
        texts = [a["caption"] for a in printed["annotations"] if a["image_id"] == row["id"]]
        assert photo.captions == tuple(" ".join(text.split()) for text in texts)
        mine = [a for a in boxed["annotations"] if a["image_id"] == row["id"]]
        assert Counter(b.label for b in photo.boxes) == Counter(names[a["category_id"]] for a in mine)
        for found, annotation in zip(photo.boxes, mine, strict=True):
            x, y, w, h = annotation["bbox"]
            expected = (x / row["width"], y / row["height"], (x + w) / row["width"], (y + h) / row["height"])
            assert found.box_xyxy_norm == pytest.approx([min(max(v, 0), 1) for v in expected], abs=written_tolerance(6))
            assert found.is_crowd == bool(annotation["iscrowd"])
