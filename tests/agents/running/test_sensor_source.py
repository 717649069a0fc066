"""What a run on images of the modality tells of its input, before it starts and at its end."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from calling import call_here
from PIL import Image
from sensor_run import write_scenes

from agents.config import RunConfig
from agents.running.source import open_source
from tools.datasets.folder.reader import list_files
from tools.datasets.look import Look, look_at, refuse_photographs, tell_look
from tools.datasets.taking import take_dataset
from tools.errors import MissingError
from tools.thermal.overlays.palettes import PALETTES

DATA = Path(__file__).resolve().parents[4] / "shared/data"


@pytest.fixture
def images(tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("a", "b"):
        levels = np.zeros((48, 64), np.uint8)
        levels[24:] = 200
        Image.fromarray(levels).save(folder / f"{name}.png")
    return folder


def run(images, tmp_path, *more):
    return call_here("agents", "run", "--sensor-images", images, "--out", tmp_path / "run", "--workers", "0", *more)


def test_a_polarity_that_is_none_is_refused_with_those_there_are(images, tmp_path):
    called = run(images, tmp_path, "--polarity", "whitehot")
    assert called.returncode == 2
    assert "whitehot" in called.stderr and "white-hot, black-hot" in called.stderr
    called = call_here("tools", "evidence", images / "a.png", "--polarity", "whitehot")
    assert called.returncode == 2 and "white-hot, black-hot" in called.stderr


def test_a_unit_that_fits_none_of_the_files_stops_before_the_run(images, tmp_path):
    called = run(images, tmp_path, "--unit", "celsius")
    assert called.returncode == 3
    assert "none of the first 2 images can be read" in called.stderr


def test_names_of_no_image_are_told(images, tmp_path):
    (tmp_path / "c.csv").write_text("file,caption\na.png,Two cars on a road.\nz.png,Two cars.\n")
    called = run(images, tmp_path, "--captions", tmp_path / "c.csv")
    assert called.returncode == 0, called.stderr
    assert "1 name in --captions is of no image here" in called.stdout


def paint(folder, count, palette=None):
    """Pictures in two colours that no palette has, or in the colours of one."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        levels = np.random.default_rng(number).integers(0, 256, (12, 16)).repeat(20, 0).repeat(20, 1)
        if palette is None:
            rgb = np.stack([levels, np.roll(levels, 60, 1), 255 - np.roll(levels, 100, 0)], 2)
        else:
            rgb = PALETTES[palette][levels]
        Image.fromarray(rgb.astype(np.uint8)).save(folder / f"{number}.png")
    return folder


def test_photographs_are_no_images_of_a_sensor(tmp_path):
    photos = paint(tmp_path / "both/visible", 12)
    called = run(photos, tmp_path)
    assert called.returncode == 3 and not (tmp_path / "run/pairs.jsonl").exists()
    assert "12 of 12 images looked at seem to be colour photographs" in called.stderr
    assert "--images" in called.stderr and "--accept-colours" in called.stderr
    for number in range(30):
        Image.fromarray(np.full((48, 64), 9 * number % 256, np.uint8)).save(tmp_path / f"both/{number:02d}.png")
    assert run(tmp_path / "both", tmp_path).returncode == 3
    called = run(tmp_path / "both", tmp_path, "--accept-colours")
    assert called.returncode == 0, called.stderr


@pytest.mark.parametrize("palette", ["iron", "rainbow", "arctic"])
def test_false_colours_are_taken_and_told(palette, tmp_path):
    called = run(paint(tmp_path / "images", 3, palette), tmp_path)
    assert called.returncode == 0, called.stderr
    assert f"3 of 3 images looked at are in false colours, as it seems ({palette} 3)" in called.stderr


def test_degrees_without_a_unit_are_told_and_counts_are_not(tmp_path):
    degrees = np.random.default_rng(1).normal(21.5, 3, (24, 32))
    np.savetxt(tmp_path / "scan.csv", degrees, fmt="%.2f", delimiter=",")
    lines = list(tell_look(look_at([tmp_path / "scan.csv"]), None))
    assert len(lines) == 1 and "1 of 1 images" in lines[0] and "--unit celsius" in lines[0]
    assert not list(tell_look(look_at([tmp_path / "scan.csv"], "celsius"), "celsius"))
    np.savetxt(tmp_path / "counts.csv", np.rint(degrees * 100), fmt="%d", delimiter=",")
    assert not list(tell_look(look_at([tmp_path / "counts.csv"]), None))


def test_a_unit_is_told_to_be_of_no_use_for_files_that_state_theirs(tmp_path):
    lines = list(tell_look(Look(20, (), Counter(), 7), "celsius"))
    assert lines == ["--unit celsius is not used for files that state their unit themselves, as 7 of 20 looked at do"]
    assert list(tell_look(Look(20, (), Counter(), 7), None)) == []


def test_an_image_with_nothing_but_temperatures_says_why_it_is_rejected(tmp_path):
    (tmp_path / "images").mkdir()
    noise = np.random.default_rng(1).normal(29315, 12, (120, 160)).astype(np.uint16)
    Image.fromarray(noise).save(tmp_path / "images/even.png")
    called = run(tmp_path / "images", tmp_path, "--unit", "centikelvin", "--instructions", "all")
    assert called.returncode == 0, called.stderr
    row = json.loads((tmp_path / "run/rejected.jsonl").read_text())
    assert row["code"] == "nothing_to_say"
    assert "nothing but temperatures can be stated" in row["reason"] and "--captions" in row["reason"]
    (tmp_path / "c.csv").write_text("file,caption\neven.png,A wall of a house beside a door.\n")
    more = ("--unit", "centikelvin", "--instructions", "all", "--mix", "each", "--captions", tmp_path / "c.csv")
    called = run(tmp_path / "images", tmp_path, *more, "--fresh", "--yes")
    assert called.returncode == 0, called.stderr
    asked = (tmp_path / "run/instructions.jsonl").read_text()
    assert "°C to" in asked or "stands for" in asked


def test_published_tests_among_the_images_are_told_and_one_split_can_be_taken(tmp_path):
    scenes = write_scenes() / "flir"
    splits = Counter(image.split for image in take_dataset("flir", scenes).images)
    assert len(splits) > 1
    arguments = ("run", "--dataset", f"flir={scenes}", "--workers", "0", "--out", tmp_path / "run")
    called = call_here("agents", *arguments)
    assert called.returncode == 0, called.stderr
    shares = ", ".join(f"{name} {count}" for name, count in sorted(splits.items()))
    assert f"flir: {shares}" in called.stderr and "--split train" in called.stderr
    source = json.loads((tmp_path / "run/manifest.json").read_text())["source"]
    assert source["splits"] == splits and source["split"] is None
    assert f"flir: {shares}" in (tmp_path / "run/README.md").read_text()
    assert call_here("agents", "report", tmp_path / "run").returncode == 0
    assert f"flir: {shares}" in (tmp_path / "run/report.html").read_text()
    plan = call_here("agents", "plan", *arguments[1:3], "--split", "train")
    assert plan.returncode == 0 and "published split" not in plan.stdout + plan.stderr
    images = take_dataset("flir", scenes).images
    count = next(place for place, image in enumerate(images) if image.split != images[0].split)
    plan = call_here("agents", "plan", *arguments[1:3], "--limit", count)
    assert plan.returncode == 0 and ("published split" in plan.stdout) == (images[0].split != "train")
    config = RunConfig.model_validate({"dataset": f"flir={scenes}", "limit": count})
    assert open_source(config).dataset.splits == {images[0].split: count}
    called = call_here("agents", *arguments, "--split", "train")
    assert called.returncode == 2 and "split" in called.stderr
    called = call_here("agents", *arguments, "--split", "train", "--fresh", "--yes")
    assert called.returncode == 0 and f"{splits['train']} images:" in called.stdout
    called = call_here("agents", *arguments[:-1], tmp_path / "two", "--split", "tset")
    assert called.returncode == 2 and "tset" in called.stderr and "train" in called.stderr


@pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not there: real infrared images")
@pytest.mark.parametrize(
    "name",
    ["radiometric", "FLIR_ADAS_1_3", "HIT-UAV", "InfraredSolarModules", "LLVIP/infrared", "LSOTB-TIR", "M3FD/Ir",
     "MSRS/ir", "RoadScene/cropinfrared", "TNO/ir"],
)  # fmt: skip
def test_no_real_infrared_folder_is_taken_for_photographs(name):
    look = look_at(list_files(DATA / name))
    refuse_photographs(look, "--sensor-images", DATA / name)
    assert look.images and not look.coloured and not look.palettes
    assert bool(look.with_unit) == (name == "radiometric")


@pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not there: real photographs")
@pytest.mark.parametrize("name", ["LLVIP", "M3FD", "MSRS", "RoadScene", "coco2017", "RGB-NIR_scene", "VEDAI"])
def test_real_photographs_and_folders_above_both_kinds_are_refused(name):
    look = look_at(list_files(DATA / name))
    with pytest.raises(MissingError, match="seem to be colour photographs"):
        refuse_photographs(look, "--sensor-images", DATA / name)


def test_evidence_takes_folders_and_draws_no_two_images_as_one(images, tmp_path):
    called = call_here("tools", "evidence", images)
    assert called.returncode == 0, called.stderr
    assert all(f"{images / name}: " in called.stdout for name in ("a.png", "b.png"))
    (tmp_path / "more").mkdir()
    (tmp_path / "more/a.png").write_bytes((images / "a.png").read_bytes())
    called = call_here("tools", "evidence", images, tmp_path / "more", "--out", tmp_path / "drawn")
    assert called.returncode == 2 and "2 images are called a" in called.stderr
    (tmp_path / "empty").mkdir()
    called = call_here("tools", "evidence", tmp_path / "empty")
    assert called.returncode == 3 and "no image in this folder" in called.stderr
