"""Whole builds from hand-made frames: what they write, that nothing about how they ran shows in it, and bad input."""

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mini_frames import frame, install_sources, make_flir, thing, write_images
from PIL import Image
from tolerances import written_tolerance
from typer.testing import CliRunner

from itb.__main__ import app
from itb.build import build as building
from itb.build.audit import audit_bench, read_items
from itb.build.build import BuildSettings, build_bench
from itb.commands.options import parse_sources
from itb.tasks import list_tasks
from tools.datasets import DatasetReject
from tools.errors import MissingError, UsageError

SMALL = (320, 256)
FILES = ("items.jsonl", "splits.json", "audit.json", "manifest.json", "hashes.jsonl")


def shrink(item):
    """A frame half as large: images are quick to write."""
    boxes = tuple(replace(entry, box_xyxy=tuple(value / 2 for value in entry.box_xyxy)) for entry in item.boxes)
    return replace(item, width=SMALL[0], height=SMALL[1], boxes=boxes)


def make_llvip(count):
    return [
        frame(
            k,
            *(thing("person", 20 * n, 10, 20 * n + 15, 60) for n in range(k % 5)),
            source="llvip",
            group=f"{k // 6:02d}",
            image=f"infrared/train/{k:06d}.jpg",
            photo=f"visible/train/{k:06d}.jpg",
            width=SMALL[0],
            height=SMALL[1],
        )
        for k in range(count)
    ]


FRAMES = {"flir": [shrink(item) for item in make_flir(160)], "llvip": make_llvip(36)}
ASKED = {task.name for task in list_tasks() if FRAMES.keys() & set(task.sources)}
REJECT = DatasetReject("llvip", "infrared/train/9.jpg", "no_annotation", "Annotations/9.xml is missing")


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    root = tmp_path_factory.mktemp("images")
    for name, rows in FRAMES.items():
        write_images(root / name, rows)
    return root


@pytest.fixture
def data(images, tmp_path, monkeypatch):
    for name in FRAMES:
        (tmp_path / name).symlink_to(images / name)
    install_sources(monkeypatch, FRAMES, [REJECT])
    return tmp_path


def settings_of(data, out="bench", **changes):
    sources = {name: data / name for name in ("flir", "llvip")}
    return BuildSettings(**{"sources": sources, "out": data / out, **changes})


def unhashed(data, out="bench", **changes):
    return settings_of(data, out, is_hashed=False, **changes)


def read_all(folder):
    return {name: (folder / name).read_bytes() for name in FILES}


def test_a_build_writes_items_whose_images_are_there(data):
    built = build_bench(unhashed(data))
    items = read_items(data / "bench")
    assert list(built.items) == items
    tasks = Counter(item.task for item in items)
    assert set(tasks) == ASKED >= {"locate", "pedestrian_count", "security"}
    assert len({item.id for item in items}) == len(items)
    for item in items:
        path = data / "bench" / item.image
        with Image.open(path) as image:
            assert image.size == (item.width, item.height)
        stem = path.stem
        assert item.id == f"{item.task}-{item.source}-{stem}-{item.id.rpartition('-')[2]}"
        assert all(0 <= value <= 1 for entry in item.evidence for value in entry.box_xyxy_norm)
    splits = json.loads((data / "bench" / "splits.json").read_text())
    assert not set(splits["train"]) & set(splits["test"])
    assert all(item.group in splits[item.split] for item in items)
    for task in tasks:
        test = sum(item.split == "test" for item in items if item.task == task) / tasks[task]
        assert 0.1 < test < 0.47, (task, test)  # whole blocks only, from few images


def test_the_manifest_says_what_is_missing_and_why(data):
    build_bench(unhashed(data))
    manifest = json.loads((data / "bench" / "manifest.json").read_text())
    assert manifest["tasks"]["recognition"] == {"items": 0, "absent_because": "lsotb was not given", "passed_over": {}}
    assert manifest["tasks"]["aerial_count"]["absent_because"] == (
        "vedai was not given; dronevehicle was not given; hituav was not given"
    )
    assert manifest["itb_avg"] == {
        "is_defined": False,
        "because": "without test questions: aerial_count, recognition, scene",
    }
    assert manifest["sources"]["llvip"]["rejects"] == {
        "no_annotation": {"count": 1, "first": "infrared/train/9.jpg: Annotations/9.xml is missing"}
    }
    assert manifest["count_ranges"]["pedestrian_count"] == [0, 20]
    assert manifest["tasks"]["locate"]["in_balanced_blocks"] == manifest["tasks"]["locate"]["items"]
    assert str(data) not in (data / "bench" / "manifest.json").read_text()


def test_two_builds_give_the_same_bytes(data):
    build_bench(settings_of(data))
    before = read_all(data / "bench")
    build_bench(settings_of(data, "again", is_copied=True))
    assert read_all(data / "again") == before
    build_bench(settings_of(data))
    assert read_all(data / "bench") == before
    other = settings_of(data, "other", seed=1)
    build_bench(other)
    assert read_all(data / "other")["items.jsonl"] != before["items.jsonl"]


def test_a_build_that_was_stopped_goes_on_to_the_same_bytes(data, monkeypatch):
    build_bench(settings_of(data))
    whole = read_all(data / "bench")
    bring = building.bring_image

    def stop(source, target, is_copied):
        if "00050" in target.name:
            raise KeyboardInterrupt
        bring(source, target, is_copied)

    monkeypatch.setattr(building, "bring_image", stop)
    with pytest.raises(KeyboardInterrupt):
        build_bench(settings_of(data, "stopped"))
    assert not (data / "stopped" / "manifest.json").exists()
    monkeypatch.setattr(building, "bring_image", bring)
    build_bench(settings_of(data, "stopped"))
    assert read_all(data / "stopped") == whole


def test_images_are_linked_or_copied(data):
    build_bench(unhashed(data))
    build_bench(unhashed(data, "copied", is_copied=True))
    name = next(item.image for item in read_items(data / "bench") if item.image.startswith("images/flir/"))
    assert (data / "bench" / name).is_symlink() and not (data / "bench" / name).readlink().is_absolute()
    assert not (data / "copied" / name).is_symlink()
    assert (data / "bench" / name).read_bytes() == (data / "copied" / name).read_bytes()


def test_made_images_are_what_they_are_called(data):
    build_bench(unhashed(data))
    for item in read_items(data / "bench"):
        if not item.image.startswith(("images/inverted/", "images/visible/")):
            continue
        made = np.asarray(Image.open(data / "bench" / item.image), dtype=int)
        folder = data / item.source
        original = {path.with_suffix("").as_posix(): path for path in folder.rglob("*.jpg")}
        stem = "/".join(item.image.split("/")[3:])[:-4]
        path = original[(folder / stem).as_posix()]
        shown = np.asarray(Image.open(path).convert("L"), dtype=int)
        assert (made == (255 - shown if "inverted" in item.image else shown)).all()


def test_near_duplicates_across_groups_end_up_on_one_side(data, images, monkeypatch):
    frames = make_llvip(36)
    twin = replace(frames[0], group="99", image="infrared/train/999999.jpg", photo=None, id="infrared/train/999999")
    install_sources(monkeypatch, {"flir": [], "llvip": [*frames, twin]})
    (data / "llvip").unlink()
    shutil.copytree(images / "llvip", data / "llvip")
    Image.open(data / "llvip" / frames[0].image).save(data / "llvip" / twin.image, quality=60)
    built = build_bench(settings_of(data, sources={"llvip": data / "llvip"}))
    joined = built.manifest["joined_groups"]
    assert ["llvip/00", "llvip/99"] in joined
    assert built.audit.alike_count == 0
    sides = {item.group: item.split for item in built.items}
    assert sides.get("llvip/99", sides["llvip/00"]) == sides["llvip/00"]


def test_a_plan_takes_what_there_is_and_says_what_falls_short(data):
    built = build_bench(unhashed(data, count="plan"))
    assert built.manifest["short"]["scene"] == 477
    assert built.manifest["short"]["pedestrian_count"] == 2388 - built.manifest["tasks"]["pedestrian_count"]["items"]
    shares = [entry["share_percent"] for entry in built.manifest["tasks"].values() if "share_percent" in entry]
    assert sum(shares) == pytest.approx(100, abs=len(shares) * written_tolerance(2))


def test_a_number_is_taken_of_every_task(data):
    built = build_bench(unhashed(data, count="12"))
    assert Counter(item.task for item in built.items) == dict.fromkeys(ASKED, 12)
    blocks = [item for item in built.items if item.task == "security" and "block" in item.facts]
    positions = Counter(item.options.index(item.answer) for item in blocks)
    assert len(positions) == 4 and set(positions.values()) == {len(blocks) // 4}


def test_unreadable_images_are_counted_and_nothing_is_asked_of_them(data, images):
    (data / "flir").unlink()
    shutil.copytree(images / "flir", data / "flir")
    (data / "flir" / "data" / "00003.jpg").write_bytes(b"\xff\xd8\xff no image")
    (data / "flir" / "data" / "00004.jpg").unlink()
    built = build_bench(settings_of(data))
    assert built.manifest["sources"]["flir"]["rejects"].keys() == {"missing_file", "truncated_image"}
    assert not [item for item in built.items if Path(item.image).stem in ("00003", "00004") and item.source == "flir"]


def test_another_benchmark_is_not_overwritten(data):
    build_bench(unhashed(data, count="12"))
    with pytest.raises(UsageError) as caught:
        build_bench(unhashed(data, count="12", seed=3))
    assert str(caught.value) == (
        f"{data / 'bench'} holds a benchmark built otherwise: seed was 0, is 3. Choose another --out, or delete it "
        "with --fresh"
    )
    (data / "bench" / "mine.txt").write_text("stays")
    build_bench(unhashed(data, count="12", seed=3), fresh=True)
    assert (data / "bench" / "mine.txt").exists()


def test_nothing_to_ask_is_an_error_that_says_why(data, monkeypatch):
    install_sources(monkeypatch, {"flir": [frame(0, thing("car", 10, 10, 60, 60))], "llvip": []})
    with pytest.raises(UsageError) as caught:
        build_bench(settings_of(data))
    assert str(caught.value).startswith(
        "nothing can be asked: frames read: flir 1, llvip 0; passed over: fewer_than_three_objects, "
    )


@pytest.mark.parametrize(
    ("texts", "error"),
    [
        (["flir"], "--source 'flir': expected NAME=DIR, e.g. --source flir=data/FLIR_ADAS_1_3"),
        (["flir=a", "flir=b"], "--source flir is given twice; put both datasets' files under one folder"),
    ],
)
def test_sources_are_named(texts, error):
    with pytest.raises(UsageError) as caught:
        parse_sources(texts)
    assert str(caught.value) == error


def test_an_unknown_source_is_refused(data):
    with pytest.raises(UsageError, match=r"there is no dataset `kaist` \(there are: flir, llvip, vedai"):
        build_bench(settings_of(data, sources={"kaist": data}))
    with pytest.raises(UsageError, match="--source coco: photographs; a benchmark asks about images of the modality"):
        build_bench(settings_of(data, sources={"coco": data}))


def test_the_commands_show_the_plan_and_the_audit(data):
    runner = CliRunner()
    command = ["build", "--source", f"flir={data / 'flir'}", "--source", f"llvip={data / 'llvip'}"]
    done = runner.invoke(app, [*command, "--out", str(data / "bench"), "--count", "12"], env={"COLUMNS": "160"})
    assert done.exit_code == 0, done.output
    assert "absent: Kind of scene: rgbnir was not given" in done.output
    assert f"{12 * len(ASKED)} questions in" in done.output
    (data / "bench" / "audit.json").unlink()
    done = runner.invoke(app, ["audit", str(data / "bench")], env={"COLUMNS": "160"})
    assert done.exit_code == 0 and "leakage: 0 groups, 0 images" in done.output
    assert json.loads((data / "bench" / "audit.json").read_text())["leaked_groups"] == []


def test_an_audit_needs_a_benchmark(tmp_path):
    with pytest.raises(MissingError) as caught:
        audit_bench(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: no benchmark there (items.jsonl is missing); `python -m itb build --out {tmp_path}` makes one"
    )


def test_candidates_that_form_no_block_are_told(data, monkeypatch):
    """A count of zero alone: there is something to ask, and nothing to weigh it against."""
    alone = [item for item in FRAMES["llvip"] if not item.boxes][:1]
    install_sources(monkeypatch, {"llvip": alone, "flir": FRAMES["flir"]})
    absent = build_bench(unhashed(data)).manifest["tasks"]["pedestrian_count"]["absent_because"]
    assert "llvip: 1 frames, no question could be formed from 1 candidates" in absent


def test_items_say_how_large_their_evidence_is_to_a_model_and_small_ones_can_be_left_out(data):
    everything = build_bench(unhashed(data))
    for item in everything.items:
        sides = [
            (((box[2] - box[0]) * item.width) * ((box[3] - box[1]) * item.height)) ** 0.5 * 336 / item.width
            for box in (entry.box_xyxy_norm for entry in item.evidence)
        ]
        assert item.evidence_pixels == (pytest.approx(min(sides), abs=written_tolerance(1)) if sides else None)
    large = build_bench(unhashed(data, "large", min_evidence_pixels=30.0))
    assert 0 < len(large.items) < len(everything.items)
    assert all(item.evidence_pixels is None or item.evidence_pixels >= 30 for item in large.items)
    assert large.manifest["tasks"]["locate"]["passed_over"]["flir"]["evidence_too_small"] > 0
