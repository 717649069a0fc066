"""Whole runs on annotation files as other tools write them: odd ids, backslashes, sizes and turned photographs."""

import json

import pytest
from killing import ROOT, read_exports
from mini_coco import paint, write_coco
from PIL import Image

from agents.config import RunConfig
from agents.running.run import run_synthesis
from agents.running.source import open_source

CASES = ROOT.parent / "shared/cases/coco"
SIZE = (320, 240)
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="../shared/cases/coco is not there")


def run(captions, instances, images, out, **changes):
    settings = {"block": 1, "lag": 1, "instructions": "all", "mix": "each", "translator": "gray", "workers": 0}
    config = RunConfig(captions=captions, instances=instances, images=images, out=out, **{**settings, **changes})
    run_synthesis(config)
    exports = read_exports(out)
    return {name: [json.loads(line) for line in text.splitlines()] for name, text in exports.items() if "jsonl" in name}


def count(rows):
    """Images with pairs, and codes of the rejects."""
    return len({row["image"] for row in rows["pairs.jsonl"]}), sorted(row["code"] for row in rows["rejected.jsonl"])


def save_photographs(folder, turn=1):
    exif = Image.Exif()
    exif[0x0112] = turn
    for number in (1, 2, 3):
        folder.mkdir(parents=True, exist_ok=True)
        paint(SIZE, number).save(folder / f"00000{number}.jpg", exif=exif)


def change(path, edit):
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))


@needs_cases
@pytest.mark.parametrize("name", ["str_ids", "float_ids", "one_null_image_id", "one_str_ann_id"])
def test_shared_cases_of_odd_ids_make_whole_runs(tmp_path, name):
    folder = CASES / "07-coco-ids-not-int"
    captions = folder / f"{name}.captions.json"
    captions = captions if captions.is_file() else folder / "float_ids.captions.json"
    save_photographs(tmp_path / "images")
    rows = run(captions, folder / f"{name}.instances.json", tmp_path / "images", tmp_path / "out")
    assert count(rows) == (3, [])


@needs_cases
@pytest.mark.parametrize("name", ["backslash", "no_sizes", "str_sizes"])
def test_shared_cases_of_backslashes_and_sizes_make_whole_runs(tmp_path, name):
    folder = CASES / "16-backslash-and-sizes"
    save_photographs(tmp_path / "images" / ("train" if name == "backslash" else ""))
    captions, instances = folder / f"{name}.captions.json", folder / f"{name}.instances.json"
    rows = run(captions, instances, tmp_path / "images", tmp_path / "out")
    assert count(rows) == (3, [])


def say_all(rows):
    return " ".join(map(json.dumps, rows)).lower()


@needs_cases
def test_the_shared_case_of_turned_photographs_says_what_stands_below(tmp_path):
    folder = CASES / "08-exif-rotated-boxes"
    rows = run(
        folder / "captions.json", folder / "instances.json", folder / "images", tmp_path / "out", translator="prior"
    )
    assert count(rows) == (3, [])
    said = " ".join(say_all(found) for found in rows.values())
    assert "to the right of" not in said and "to the left of" not in said
    assert "below" in said or "above" in said


@pytest.mark.parametrize("turn", range(1, 9))
def test_boxes_are_those_of_the_picture(tmp_path, turn):
    write_coco(tmp_path, 2, SIZE)
    exif = Image.Exif()
    exif[0x0112] = turn
    for photo in (tmp_path / "photos").iterdir():
        Image.open(photo).save(photo, exif=exif)
    config = RunConfig(
        captions=tmp_path / "captions.json", instances=tmp_path / "instances.json", images=tmp_path / "photos",
        out=tmp_path / "out", translator="gray", workers=0,
    )  # fmt: skip
    job = open_source(config).make_job(0, 0)
    plain = open_source(config).dataset.photo(0)
    if turn in (2, 3, 4):
        assert job.fault[0] == "orientation_unclear"
        return
    assert job.fault is None
    assert (job.photo.width, job.photo.height) == (SIZE if turn == 1 else SIZE[::-1])
    x1, y1, x2, y2 = plain.boxes[0].box_xyxy_norm
    wanted = {1: (x1, y1), 5: (y1, x1), 6: (1 - y2, x1), 7: (1 - y2, 1 - x2), 8: (y1, 1 - x2)}[turn]
    assert job.photo.boxes[0].box_xyxy_norm[:2] == pytest.approx(wanted, abs=1e-6)


def test_a_photograph_of_another_size_is_a_reject_with_a_reason(tmp_path):
    write_coco(tmp_path, 3, SIZE)
    paint((200, 100), 1).save(tmp_path / "photos/0002.jpg")
    rows = run(tmp_path / "captions.json", tmp_path / "instances.json", tmp_path / "photos", tmp_path / "out")
    assert count(rows) == (2, ["size_differs"])
    (reject,) = rows["rejected.jsonl"]
    assert "200x100 pixels, its annotation says 320x240" in reject["reason"]
    assert reject["stage"] == "image"


def test_odd_rows_cost_at_most_their_own_image(tmp_path):
    write_coco(tmp_path, 5, SIZE)

    def spoil(document):
        rows = document["annotations"]
        document["images"][0]["id"] = None
        document["images"][1]["file_name"] = "..\\..\\secret.jpg"
        document["images"][2]["width"] = {"a": 1}
        rows[:0] = [None, 7, {"image_id": [1], "caption": 5, "bbox": "x", "category_id": {}}]

    for name in ("captions.json", "instances.json"):
        change(tmp_path / name, spoil)
    rows = run(tmp_path / "captions.json", tmp_path / "instances.json", tmp_path / "photos", tmp_path / "out")
    assert count(rows) == (3, ["unsafe_file_name"])


def test_a_plugin_translator_of_another_size_is_refused(tmp_path, monkeypatch):
    from tools.translation.controls import GrayTranslator

    write_coco(tmp_path, 2, SIZE)
    monkeypatch.setattr(GrayTranslator, "translate", lambda self, requests: [Image.new("L", (8, 8)) for _ in requests])
    rows = run(tmp_path / "captions.json", tmp_path / "instances.json", tmp_path / "photos", tmp_path / "out")
    assert count(rows) == (0, ["bad_translation", "bad_translation"])
    assert "made 8x8 pixels for a photograph of 320x240" in rows["rejected.jsonl"][0]["reason"]
    assert not list((tmp_path / "out").rglob("images/*/*.png"))
