"""A writer that plants faults of all eight kinds in its texts, through real runs: what is caught, and equal bytes."""

import json
import re
import runpy
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from killing import finish_run, kill_often, read_exports
from mini_coco import change_json, write_coco
from plugging import PLUGINS, forget_plugins, name_plugin  # noqa: F401

from agents.checks.annotated import load_boxes

IMAGES = 180
PREFIX = 60
SEED = 5
FAULTY = re.compile(
    r"\b(?:red|blue|white|black|brown|green|colorful|wooden|brick|glass|plastic|metal|shiny|sunlit|striped) "
    r"| that says STOP"
)
CAUGHT, LOST = 0.9, 0.03
FLAGS = [
    *("--backend", "planter", *name_plugin("planter"), "--translator", "none", "--workers", "0", "--seed", str(SEED)),
    *("--instructions", "all", "--mix", "each", "--block", "8", "--lag", "2"),
]


def clean(data: dict[str, Any]) -> None:
    """Take out of the captions what infrared cannot show, so that a text without a planted fault has none."""
    for row in data["annotations"]:
        row["caption"] = FAULTY.sub("", row["caption"])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The folder of the inputs, with a run at concurrency 1, and the arguments of that run."""
    root = tmp_path_factory.mktemp("planted")
    arguments = [*write_coco(root, IMAGES), *FLAGS]
    change_json(root / "captions.json", clean)
    finish_run([*arguments, "--concurrency", "1"], root / "whole")
    return root, arguments


@pytest.mark.usefixtures("forget_plugins")
def test_nine_in_ten_planted_faults_of_every_kind_are_caught_and_clean_texts_stay(whole) -> None:
    plant = runpy.run_path(str(PLUGINS / "dummy_planter.py"))["plant"]
    root, _ = whole
    boxes = load_boxes(root / "instances.json")
    planted, caught, unplanted, lost = Counter[str](), Counter[str](), 0, []
    for image_id, kind, attempt in list_attempts(root / "whole"):
        found = plant(SEED, image_id, kind, attempt["round"], boxes[image_id])
        if found is None:
            unplanted += 1
            lost += [] if attempt["verdict"]["is_accepted"] else [attempt]
            continue
        assert attempt["messages"][-1]["content"].endswith(found[1])
        planted[found[0]] += 1
        caught[found[0]] += not attempt["verdict"]["is_accepted"]
    assert len(planted) == 8
    assert min(planted.values()) >= 10
    assert 0.25 < planted.total() / (planted.total() + unplanted) < 0.35
    assert all(caught[kind] >= CAUGHT * count for kind, count in planted.items()), (planted, caught)
    assert len(lost) <= LOST * unplanted, lost


def list_attempts(run: Path):
    """Image, kind and every attempt of every debate, accepted in the end or not."""
    rows = [json.loads(line) for line in (run / "instructions.jsonl").read_text().splitlines()]
    rows += [row for line in (run / "rejected.jsonl").read_text().splitlines() if "debate" in (row := json.loads(line))]
    return [(row["image_id"], row["kind"], attempt) for row in rows for attempt in row["debate"]]


def test_its_run_has_the_same_bytes_at_another_concurrency_and_killed_and_resumed(whole) -> None:
    root, arguments = whole[0], [*whole[1], "--limit", str(PREFIX)]
    finish_run([*arguments, "--concurrency", "1"], root / "one")
    finish_run([*arguments, "--concurrency", "4"], root / "four")
    expected = read_exports(root / "one")
    assert read_exports(root / "four") == expected
    hits = kill_often([*arguments, "--concurrency", "4"], root / "killed", PREFIX, 3, seed=2)
    assert hits > 0
    assert read_exports(root / "killed") == expected
