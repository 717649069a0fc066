"""The check of a command's first images: one good one is enough, and a wrong folder is told where the right one is."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from calling import call_here
from mini_coco import write_coco
from PIL import Image

from tools.datasets.first_images import FIRST, check_first_images, watch_first_images
from tools.datasets.records import DatasetReject
from tools.errors import MissingError

ROOT = Path(__file__).parents[3]


def name_images(folder, count=3):
    return [folder / f"{number}.jpg" for number in range(count)]


def draw(*paths):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (16, 16), (90, 90, 90)).save(path)


def test_one_good_image_among_the_first_is_enough(tmp_path):
    paths = name_images(tmp_path, FIRST)
    draw(paths[-1])
    check_first_images("--images", tmp_path, paths)


def test_images_after_the_first_do_not_save_a_wrong_folder(tmp_path):
    paths = name_images(tmp_path, FIRST + 1)
    draw(paths[-1])
    with pytest.raises(MissingError, match=f"none of the first {FIRST} images can be read"):
        check_first_images("--images", tmp_path, paths)


def test_no_images_at_all_are_no_fault(tmp_path):
    check_first_images("--images", tmp_path, [])


@pytest.mark.parametrize(
    ("lies_in", "root", "printed"),
    [
        ("photos/val2017", "photos", "one folder deeper: name {0}/photos/val2017"),
        ("photos", "photos/val2017", "one folder higher: name {0}/photos"),
        ("elsewhere", "photos", "photos holds a.txt"),
        ("elsewhere", "absent", "there is no folder {0}/absent"),
    ],
)
def test_a_wrong_folder_is_told_where_the_file_lies(tmp_path, lies_in, root, printed):
    draw(*name_images(tmp_path / lies_in))
    (tmp_path / "photos/val2017").mkdir(parents=True, exist_ok=True)
    (tmp_path / "photos/a.txt").touch()
    with pytest.raises(MissingError) as error:
        check_first_images("--images", tmp_path / root, name_images(tmp_path / root))
    text = str(error.value)
    assert printed.format(tmp_path) in text
    assert text.startswith(
        f"--images {tmp_path / root}: none of the first 3 images can be read (3 missing_file), e.g. "
    )
    assert str(tmp_path / root / "0.jpg") in text


def test_unreadable_images_stop_a_command_as_missing_ones_do(tmp_path):
    for path in name_images(tmp_path):
        path.write_bytes(b"none")
    with pytest.raises(MissingError, match="3 not_an_image"):
        check_first_images("--images", tmp_path, name_images(tmp_path))


def test_a_stream_stops_when_all_its_first_images_are_missing(tmp_path):
    absent = [DatasetReject("flir", f"{number}.jpeg", "missing_image", "there is no image") for number in range(30)]
    read = []
    with pytest.raises(MissingError, match="20 missing_image"):
        read.extend(watch_first_images("--source flir:", tmp_path, iter(absent)))
    other = [*absent[:5], *(DatasetReject("flir", "x", "bad_box", "a box") for _ in range(3))]
    with pytest.raises(MissingError, match="5 missing_image"):
        list(watch_first_images("--source flir:", tmp_path, iter(other)))
    rows = [DatasetReject("flir", "x", "bad_row", "a row") for _ in range(30)]
    assert list(watch_first_images("--source flir:", tmp_path, iter(rows))) == rows


@pytest.fixture
def coco(tmp_path):
    write_coco(tmp_path, 4)
    (tmp_path / "photos").rename(tmp_path / "val")
    (tmp_path / "photos").mkdir()
    (tmp_path / "val").rename(tmp_path / "photos/val")
    return tmp_path


def list_arguments(coco):
    files = ["--captions", coco / "captions.json", "--instances", coco / "instances.json"]
    return [*files, "--images", coco / "photos", "--out", coco / "run", "--workers", "0"]


@pytest.mark.parametrize("command", [["run"], ["plan"], ["preview", "2"], ["ablate"]])
def test_a_folder_of_photographs_that_is_one_too_high_stops_every_command(coco, command):
    done = call_here("agents", *command, *list_arguments(coco), columns=400)
    assert done.returncode == 3
    assert f"the file lies one folder deeper: name {coco / 'photos/val'}" in done.stderr
    assert not (coco / "run/run.sqlite").exists()


def test_a_wrong_folder_ends_a_whole_process_with_exit_code_3_and_one_sentence(coco):
    command = [sys.executable, "-m", "agents", "run", *map(str, list_arguments(coco))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.strip().startswith("error: --images")
    assert len(done.stderr.strip().splitlines()) == 1


def test_one_missing_photograph_is_a_reject_and_a_finished_run_needs_none(coco):
    arguments = list_arguments(coco)
    arguments[5] = coco / "photos/val"
    (coco / "photos/val/0002.jpg").unlink()
    assert call_here("agents", "run", *arguments).returncode == 0
    manifest = json.loads((coco / "run/manifest.json").read_bytes())
    assert manifest["counts"]["rejects_by_code"] == {"missing_file": 1}
    shutil.rmtree(coco / "photos/val")
    (coco / "photos/val").mkdir()
    assert call_here("agents", "run", *arguments).returncode == 0
    wrong = call_here("agents", "report", coco / "run", "--images", coco / "photos", columns=400)
    assert wrong.returncode == 3
    assert "none of the first" in wrong.stderr


def test_single_images_that_are_missing_end_with_exit_code_3(tmp_path):
    absent = tmp_path / "absent.png"
    for command in (["translate", absent, "--out", tmp_path / "t"], ["score", "--image", absent, "--caption", "a car"]):
        done = call_here("tools", *command, columns=400)
        assert done.returncode == 3, done
        assert done.stderr.count(str(absent)) == 1
    assert not (tmp_path / "t").exists()


def test_a_folder_of_damaged_photographs_is_not_translated(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for path in name_images(folder):
        path.write_bytes(b"none")
    done = call_here("tools", "translate", folder, "--out", tmp_path / "t", columns=400)
    assert done.returncode == 3
    assert "none of the first 3 images can be read (3 not_an_image)" in done.stderr
