"""A dataset that a plugin brings goes through the commands like those of the toolkit."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from calling import call_here
from PIL import Image
from plugging import forgetting_plugins

from itb.benchmark.bench import load_bench
from itb.build.gather import takes
from itb.tasks import locate
from itb.tasks.base.wordings import load_wordings
from tools.prompts.pack import DEFAULT_PACK

PLUGIN = "tests/plugins/dummy_dataset.py"
LABELS = ("field", "street", "water", "indoor")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Forty images: a person left or right of a car, in one of four kinds of scenes; one without a text file."""
    root = tmp_path_factory.mktemp("dummy")
    generator = np.random.default_rng(0)
    for number in range(40):
        person, car = (20, 200) if number % 2 else (240, 40)
        Image.fromarray(generator.integers(0, 255, (256, 320), np.uint8)).save(root / f"{number:02d}.png")
        lines = (LABELS[number // 2 % 4], f"person {person} 60 {person + 30} 140", f"car {car} 60 {car + 60} 120")
        (root / f"{number:02d}.txt").write_text("\n".join(lines))
    Image.new("L", (320, 256)).save(root / "alone.png")
    return root


def run(*arguments):
    with forgetting_plugins():
        return call_here("itb", *arguments)


@pytest.fixture(scope="module")
def bench(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "bench"
    done = run("build", "--plugin", PLUGIN, "--source", f"dummy={folder}", "--out", str(out))
    assert done.returncode == 0, done.stderr
    return out


def test_it_is_listed_with_the_others(folder):
    listed = run("sources", "--plugin", PLUGIN).stdout
    assert "dummy" in listed and "A folder of images with a text file each" in listed
    found = run("sources", "--plugin", PLUGIN, "--source", f"dummy={folder}")
    assert "images with text files" in found.stdout and "no_annotation 1" in found.stdout
    unknown = run("sources", "--source", f"dummy={folder}")
    assert unknown.returncode == 2
    assert "there is no dataset `dummy`" in unknown.stderr and "--plugin FILE adds more" in unknown.stderr


def test_tasks_take_what_fits_them(bench):
    items = load_bench(bench).items
    assert {item.source for item in items} == {"dummy"}
    assert {"locate", "pedestrian_count", "scene", "modality"} == {item.task for item in items}
    assert Counter(item.answer for item in items if item.task == "scene").keys() == {
        "field", "street", "water", "indoor room"
    }  # fmt: skip
    manifest = json.loads((bench / "manifest.json").read_text())
    passed = {task: entry["passed_over"].get("dummy", {}) for task, entry in manifest["tasks"].items()}
    others = {task for task, file in load_wordings(DEFAULT_PACK).files.items() if file.labels.shown}
    others -= {item.task for item in items}
    assert others and all(passed[task] == {"label_of_another_task": 40} for task in others)
    assert passed["temperature"] == {"no_thermogram": 40} and passed["aerial_count"] == {"no_aerial_view": 40}
    reasons = {manifest["tasks"][task]["absent_because"] for task in others}
    assert all("dummy: 40 frames, passed over: label_of_another_task (40)" in reason for reason in reasons)


def test_the_manifest_says_which_plugin_it_was(folder, bench, tmp_path):
    manifest = json.loads((bench / "manifest.json").read_text())
    assert manifest["settings"]["plugins"].keys() == {"dummy_dataset.py"}
    other = tmp_path / "dummy_dataset.py"
    text = Path(PLUGIN).read_text(encoding="utf-8")
    other.write_text(text + "\n# changed\n")
    done = run("build", "--plugin", str(other), "--source", f"dummy={folder}", "--out", str(bench))
    assert done.returncode == 2 and "plugins" in done.stderr


def test_a_task_takes_its_own_datasets_and_those_of_plugins():
    assert takes(locate.TASK, "flir") and takes(locate.TASK, "of-a-plugin")
    assert not takes(locate.TASK, "llvip")
