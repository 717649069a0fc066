"""Links in a benchmark: those that a build made are followed to what it linked, all others stay inside."""

import json
import os
import shutil

import pytest
from calling import call_here
from mini_bench import write_bench
from PIL import Image


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = tmp_path_factory.mktemp("links")
    scenes = root / "scenes"
    assert call_here("tools", "scenes", "--count", "12", "--size", "160x128", "--out", scenes).returncode == 0
    done = call_here("itb", "build", "--source", f"flir={scenes / 'flir'}", "--out", root / "bench")
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def world(built, tmp_path):
    shutil.copytree(built, tmp_path / "world", symlinks=True)
    return tmp_path / "world"


def first_link(bench):
    return bench / json.loads((bench / "links.jsonl").read_text().splitlines()[0])["image"]


def call_all(bench, out, items=()):
    """Export and report of a benchmark, as (exit code, what was said)."""
    export = call_here("itb", "export", bench, "--format", "llava", "--split", "all", "--out", out / "export")
    blind = call_here("itb", "eval", bench, "--model", "chance", "--split", "all", "--out", out / "p.jsonl")
    report = call_here("itb", "report", out / "p.jsonl", "--bench", bench, "--out", out / "report")
    assert (blind.returncode, report.returncode) == (0, 0), blind.stderr + report.stderr
    return export


def test_what_a_build_linked_is_read(world, tmp_path):
    link = first_link(world / "bench")
    assert link.is_symlink() and not os.path.realpath(link).startswith(str(world / "bench"))
    done = call_all(world / "bench", tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("states", ["nothing", "another"])
def test_a_link_to_something_else_is_not_followed(world, tmp_path, states):
    secret = tmp_path / "secret.png"
    Image.new("RGB", (160, 128), (250, 20, 20)).save(secret)
    link = first_link(world / "bench")
    link.unlink()
    link.symlink_to(os.path.relpath(secret, link.parent))
    if states == "nothing":
        (world / "bench/links.jsonl").unlink()
    done = call_all(world / "bench", tmp_path)
    assert done.returncode == 1 and "leads out of its folder" in done.stderr and "Traceback" not in done.stderr
    pixels = [Image.open(path).convert("RGB").getpixel((0, 0)) for path in (tmp_path / "export").rglob("*.png")]
    assert (250, 20, 20) not in pixels


def test_an_evaluation_that_needs_images_asks_nothing(tmp_path):
    bench = write_bench(tmp_path / "bench", images=3)
    secret = tmp_path / "secret.png"
    image = sorted((bench / "images").glob("*.png"))[-1]
    image.rename(secret)
    image.symlink_to("../../secret.png")
    url = ("--model", "http://127.0.0.1:9/v1", "--model-name", "m", "--split", "all")
    done = call_here("itb", "eval", bench, *url, "--out", tmp_path / "p.jsonl")
    assert done.returncode == 1 and "leads out of its folder" in done.stderr, done.stderr
    assert not (tmp_path / "p.jsonl").exists()


def test_a_link_that_stays_inside_is_followed(tmp_path):
    bench = write_bench(tmp_path / "bench", images=3)
    image = sorted((bench / "images").glob("*.png"))[-1]
    image.rename(bench / "images/kept.png")
    image.symlink_to("kept.png")
    assert call_all(bench, tmp_path).returncode == 0


def test_copies_need_no_record(world, tmp_path):
    source = f"flir={world / 'scenes/flir'}"
    done = call_here("itb", "build", "--source", source, "--copy-images", "--out", world / "bench")
    assert done.returncode == 0, done.stderr
    assert not (world / "bench/links.jsonl").exists()
