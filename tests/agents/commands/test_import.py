"""Captions and boxes of every form as COCO's two files: a run on these is the run on what they were made from."""

import json
from pathlib import Path

import pytest
from calling import call_here
from mini_coco import SCENES, write_coco
from sensor_run import write_scenes

from tools.datasets.coco.write import write_xywh
from tools.records import Box

ROWS = ("pairs.jsonl", "instructions.jsonl", "rejected.jsonl")
QUICK = (
    "--translator",
    "gray",
    "--workers",
    "0",
    "--block",
    "2",
    "--lag",
    "1",
    "--instructions",
    "all",
    "--mix",
    "each",
)


def run(out, *arguments):
    called = call_here("agents", "run", *arguments, "--workers", "0", "--out", out)
    assert called.returncode == 0, called.stderr
    return {name: (out / name).read_bytes() for name in ROWS}


def do_import(out, *arguments):
    called = call_here("agents", "import", *arguments, "--out", out)
    assert called.returncode == 0, called.stderr
    return called


def write_captions(root: Path, form: str) -> Path:
    texts = {f"{k:04d}": SCENES[k % len(SCENES)][0] for k in range(1, 5)}
    rows = [(f"{stem}.jpg", caption) for stem, captions in texts.items() for caption in captions]
    if form == "csv":
        lines = ["file,caption", *(f'{name},"{caption}"' for name, caption in rows)]
    elif form == "flickr":
        lines = [f"{name}#{k}\t{caption}" for k, (name, caption) in enumerate(rows)]
    else:
        lines = [json.dumps({"file_name": name, "text": caption}) for name, caption in rows]
    path = root / {"csv": "captions.csv", "flickr": "results.token", "metadata": "metadata.jsonl"}[form]
    path.write_text("\n".join(lines) + "\n")
    return path


def write_boxes(root: Path, form: str) -> Path:
    folder = root / form
    folder.mkdir()
    if form == "yolo":
        (folder / "classes.txt").write_text("person\nbench\ncar\ndog\n")
    for k in range(1, 5):
        boxes = [(label, *corner) for label, *corner in SCENES[k % len(SCENES)][1] if label in ("car", "dog", "person")]
        if form == "yolo":
            numbers = {"person": 0, "car": 2, "dog": 3}
            lines = [
                f"{numbers[label]} {(x + w / 2) / 80} {(y + h / 2) / 60} {w / 80} {h / 60}"
                for label, x, y, w, h in boxes
            ]
            (folder / f"{k:04d}.txt").write_text("\n".join(lines))
            continue
        objects = "".join(
            f"<object><name>{label}</name><bndbox><xmin>{x}</xmin><ymin>{y}</ymin><xmax>{x + w}</xmax>"
            f"<ymax>{y + h}</ymax></bndbox></object>"
            for label, x, y, w, h in boxes
        )
        size = "<size><width>80</width><height>60</height></size>"
        (folder / f"{k:04d}.xml").write_text(f"<annotation>{size}{objects}</annotation>")
    return folder


@pytest.mark.parametrize(("captions", "boxes"), [("csv", "voc"), ("flickr", "yolo"), ("metadata", None)])
def test_photographs_with_imported_files_make_the_same_run(captions, boxes, tmp_path):
    write_coco(tmp_path / "coco", 4)
    photos = ("--images", tmp_path / "coco/photos")
    given = ["--captions", write_captions(tmp_path, captions)]
    given += ["--instances", write_boxes(tmp_path, boxes)] if boxes else []
    called = do_import(tmp_path / "imported", *photos, *given)
    again = ["--captions", tmp_path / "imported/captions.json"]
    again += ["--instances", tmp_path / "imported/instances.json"] if boxes else []
    assert run(tmp_path / "one", *photos, *given, *QUICK) == run(tmp_path / "two", *photos, *again, *QUICK)
    assert all(str(path) in called.stdout for path in again[1::2])
    assert (tmp_path / "imported/instances.json").exists() == bool(boxes)


def test_coco_files_come_back_with_their_ids_and_numbers(tmp_path):
    named = write_coco(tmp_path / "coco", 6)
    do_import(tmp_path / "imported", *named)
    old = json.loads((tmp_path / "coco/instances.json").read_text())
    new = json.loads((tmp_path / "imported/instances.json").read_text())
    assert [row["id"] for row in new["images"]] == [row["id"] for row in old["images"]]
    assert [(row["image_id"], row["bbox"]) for row in new["annotations"]] == [
        (row["image_id"], row["bbox"]) for row in old["annotations"]
    ]
    again = ("--captions", tmp_path / "imported/captions.json", "--instances", tmp_path / "imported/instances.json")
    photos = ("--images", tmp_path / "coco/photos")
    assert run(tmp_path / "one", *named, *QUICK) == run(tmp_path / "two", *again, *photos, *QUICK)


def test_a_dataset_and_images_of_a_sensor_make_the_same_run(tmp_path):
    scenes = write_scenes()
    given = ("--dataset", f"flir={scenes / 'flir'}")
    do_import(tmp_path / "flir", *given)
    more = ("--instructions", "all", "--mix", "each")
    boxes = ("--instances", tmp_path / "flir/instances.json")
    assert run(tmp_path / "one", *given, *more) == run(tmp_path / "two", *given, *boxes, *more)
    sensor = ("--sensor-images", scenes / "thermal16", "--unit", "centikelvin")
    named = (*sensor, "--instances", scenes / "annotations/instances_scenes.json")
    do_import(tmp_path / "own", *named[:2], *named[4:])
    boxes = ("--instances", tmp_path / "own/instances.json")
    assert run(tmp_path / "three", *named, *more) == run(tmp_path / "four", *sensor, *boxes, *more)


def test_an_import_of_one_split_prints_a_run_of_that_split(tmp_path):
    given = ("--dataset", f"flir={write_scenes() / 'flir'}", "--split", "train")
    called = do_import(tmp_path / "flir", *given)
    assert f"{given[1]} --split train --instances {tmp_path / 'flir/instances.json'}" in called.stdout


def test_an_import_of_nothing_and_a_wrong_folder_are_one_sentence(tmp_path):
    write_coco(tmp_path / "coco", 2)
    called = call_here("agents", "import", "--images", tmp_path / "coco/photos", "--out", tmp_path / "out")
    assert called.returncode == 2 and "neither a caption nor a box" in called.stderr
    assert not (tmp_path / "out").exists()
    called = call_here("agents", "import", "--images", tmp_path / "none", "--out", tmp_path / "out")
    assert called.returncode == 3 and "no such folder" in called.stderr


@pytest.mark.parametrize("side", [3, 80, 1280])
def test_pixels_have_few_digits_and_give_the_shares_back(side):
    for left in range(0, side - 1, max(1, side // 40)):
        share, end = round(left / side, 6), round((left + 0.77) / side, 6)
        x, _, width, _ = write_xywh(Box(label="car", box_xyxy_norm=(share, share, end, end)), side, side)
        assert x == left and (round(x / side, 6), round((x + width) / side, 6)) == (share, end)
