"""The five ways in of docs/own-data.md, as they stand there, on real files in place of its words in capitals."""

import csv
import json
import re
import shlex
from pathlib import Path

import pytest
from calling import call_here

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/own-data.md"
DATA = ROOT.parent / "shared/data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not there: real images of every kind")


def list_commands():
    text = PAGE.read_text(encoding="utf-8")
    section = text[text.index("## Five ways in") : text.index("## What each reader gives")]
    return re.findall(r"^python -m agents (run .+)$", section, re.MULTILINE)


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    thermal = DATA / "RoadScene/cropinfrared"
    names = sorted(path.stem for path in thermal.iterdir())[:4]
    with (folder / "captions.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "caption"])
        rows.writerows([f"{name}.jpg", "A red car stands on a road near two people."] for name in names)
    images = [{"id": k, "file_name": f"{name}.jpg", "width": 0, "height": 0} for k, name in enumerate(names)]
    boxes = [{"id": k, "image_id": k, "category_id": 1, "bbox": [20, 20, 60, 50]} for k in range(len(names))]
    made = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "car"}]}
    (folder / "boxes.json").write_text(json.dumps(made))
    return {
        "THERMAL": thermal, "BOXES": folder / "boxes.json", "FLIR_ADAS_1_3": DATA / "FLIR_ADAS_1_3",
        "PHOTOS": DATA / "RoadScene/crop_LR_visible", "CAPTIONS": folder / "captions.csv",
        "RADIOMETRIC": DATA / "radiometric",
    }  # fmt: skip


@pytest.mark.parametrize(
    "command", re.findall(r"^python -m agents (import .+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
)
def test_an_import_works_as_it_is_written(command, places, tmp_path):
    words = [re.sub("|".join(places), lambda found: str(places[found[0]]), word) for word in shlex.split(command)]
    words[words.index("--out") + 1] = str(tmp_path / "imported")
    called = call_here("agents", *words)
    assert called.returncode == 0, called.stderr
    name = "captions.json" if "--captions" in words else "instances.json"
    assert json.loads((tmp_path / "imported" / name).read_text())["annotations"]


def test_there_are_five_ways():
    assert len(list_commands()) == 6


@pytest.mark.parametrize("command", list_commands() if PAGE.is_file() else [])
def test_a_way_in_works_as_it_is_written(command, places, tmp_path):
    words = [re.sub("|".join(places), lambda found: str(places[found[0]]), word) for word in shlex.split(command)]
    out = tmp_path / "run"
    words[words.index("--out") + 1] = str(out)
    called = call_here("agents", *words, "--limit", "4", "--workers", "0")
    assert called.returncode == 0, called.stderr
    rows = [json.loads(line) for line in (out / "instructions.jsonl").read_text().splitlines()]
    assert rows
    if "RADIOMETRIC" in command:
        asked = [m["content"] for row in rows for m in row["messages"] if "°C" in m["content"]]
        assert asked
    if "--captions" in command:
        pairs = [json.loads(line) for line in (out / "pairs.jsonl").read_text().splitlines()]
        assert any(pair["original"] and "red" not in pair["caption"] for pair in pairs)
