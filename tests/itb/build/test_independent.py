"""A benchmark built from the real samples, checked against the raw annotation files with a few lines of their own.

Nothing of `tools.datasets` or `itb.tasks` is used here: counts are recounted, relations and "not there" derived again,
labels and temperatures looked up.
"""

import csv
import json
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from itb.build.build import BuildSettings, build_bench
from itb.tasks import list_tasks
from tools.registry import DATASETS

DATA = Path("../shared/data")
FOLDERS = {
    "flir": "FLIR_ADAS_1_3",
    "hituav": "HIT-UAV",
    "llvip": "LLVIP",
    "lsotb": "LSOTB-TIR",
    "radiometric": "radiometric",
    "rgbnir": "RGB-NIR_scene",
    "solar": "InfraredSolarModules",
    "vedai": "VEDAI",
}
LACKING = [name for name in FOLDERS if name not in DATASETS.names()]
MISSING = [folder for folder in FOLDERS.values() if not (DATA / folder).is_dir()]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"the real samples are missing: {DATA}/{', '.join(MISSING)}")
VEDAI = {
    1: "car",
    2: "truck",
    4: "tractor",
    5: "camping car",
    7: "motorcycle",
    8: "bus",
    9: "van",
    11: "pickup",
    23: "boat",
    31: "plane",
}
TASKS_LOOKED_AT = {
    *("locate", "aerial_count", "pedestrian_count", "recognition", "scene", "security"),
    *("temperature", "damage", "modality"),
}
"""Of any other task nobody knows here what it finds in these datasets."""
# Names of FLIR v2 that v1 annotates under another name, which must then be missing as well.
COVERED = {"motorcycle": "bicycle", "bus": "other vehicle", "train": "other vehicle"}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    sources = {name: DATA / folder for name, folder in FOLDERS.items() if name not in LACKING}
    return build_bench(BuildSettings(sources, tmp_path_factory.mktemp("real") / "bench"))


@pytest.fixture(scope="module")
def bench(built, tmp_path_factory):
    return next(path for path in tmp_path_factory.getbasetemp().glob("real*/bench"))


def choose(built, task, source=None):
    items = [item for item in built.items if item.task == task and source in (None, item.source)]
    if not items and LACKING:
        pytest.skip(f"this checkout lacks the datasets {', '.join(LACKING)}")
    assert items, f"no {task} of {source}"
    return items


def original(item):
    """The image's path in its dataset, whether the build linked it or made another of it."""
    parts = item.image.split("/")
    return "/".join(parts[2:] if parts[1] == item.source else parts[3:])


def read_flir():
    """split/file -> name -> corners."""
    found = {}
    for split in ("train", "val", "video"):
        raw = json.loads((DATA / "FLIR_ADAS_1_3" / split / "thermal_annotations.json").read_text())
        names = {entry["id"]: entry["name"] for entry in raw["categories"]}
        files = {entry["id"]: f"{split}/{entry['file_name']}" for entry in raw["images"]}
        found |= {path: defaultdict(list) for path in files.values()}
        for entry in raw["annotations"]:
            x, y, w, h = entry["bbox"]
            found[files[entry["image_id"]]][names[entry["category_id"]]].append((x, y, x + w, y + h))
    return found


def single_out(how, boxes):
    """Which of the boxes the words mean; there must be no second one that they could mean."""
    if how == "only":
        (box,) = boxes
        return box
    if how == "largest":
        first, second = sorted(boxes, key=lambda b: (b[0] - b[2]) * (b[3] - b[1]))[:2]
        assert (first[2] - first[0]) * (first[3] - first[1]) > 1.4 * (second[2] - second[0]) * (second[3] - second[1])
        return first
    box = min(boxes, key=lambda b: b[0]) if how == "leftmost" else max(boxes, key=lambda b: b[2])
    others = [other for other in boxes if other is not box]
    assert all(other[0] > box[2] if how == "leftmost" else other[2] < box[0] for other in others)
    return box


def test_every_relation_is_as_the_boxes_have_it(built):
    raw = read_flir()
    answers = Counter()
    for item in choose(built, "locate"):
        boxes = raw[original(item)]
        (a_how, a_name), (b_how, b_name) = (item.facts[key].split(" ", 1) for key in ("subject", "object"))
        a, b = single_out(a_how, boxes[a_name]), single_out(b_how, boxes[b_name])
        holds = {"left": a[2] < b[0], "right": b[2] < a[0], "above": a[3] < b[1], "below": b[3] < a[1]}
        opposite = {"left": "right", "right": "left", "above": "below", "below": "above"}
        relation = item.facts["relation"]
        assert item.answer == ("yes" if holds[relation] else "no"), item.id
        assert holds[relation] != holds[opposite[relation]], item.id
        assert a_name in item.question and b_name in item.question
        words = {"left": "left of", "right": "right of", "above": "higher", "below": "lower"}
        assert words[relation] in item.question
        assert item.question.index(a_name) < item.question.index(words[relation]) < item.question.rindex(b_name)
        answers[item.answer] += 1
    assert answers["yes"] == answers["no"]


def test_what_is_not_there_is_not_annotated_and_the_rest_is(built):
    raw = read_flir()
    for item in choose(built, "security"):
        names = {name for name, boxes in raw[original(item)].items() if boxes}
        assert len(item.options) == 4
        for option in item.options:
            if option == item.answer:
                assert option not in names and COVERED.get(option) not in names, item.id
            else:
                assert option in names, item.id


def test_every_count_of_people_is_that_of_the_xml(built):
    for item in choose(built, "pedestrian_count"):
        root = ET.parse(DATA / "LLVIP" / "Annotations" / f"{Path(item.image).stem}.xml").getroot()
        assert int(item.answer) == sum(entry.findtext("name") == "person" for entry in root.iter("object")), item.id
    with (DATA / "LLVIP" / "person_counts.csv").open() as file:
        stated = {row["image"]: row["persons"] for row in csv.DictReader(file)}
    both = [item for item in choose(built, "pedestrian_count") if Path(item.image).name in stated]
    assert both and all(item.answer == stated[Path(item.image).name] for item in both)


def test_every_count_from_the_air_is_that_of_two_other_files(built):
    raw = json.loads((DATA / "HIT-UAV" / "normal_json" / "annotations" / "subset.json").read_text())
    names = {entry["id"]: entry["name"] for entry in raw["categories"]}
    stems = {entry["id"]: Path(entry["filename"]).stem for entry in raw["images"]}
    counts = defaultdict(Counter)
    for entry in raw["annotation"]:
        counts[stems[entry["image_id"]]][names[entry["category_id"]]] += 1
    plain = {"person": "Person", "car": "Car", "bicycle": "Bicycle", "other vehicle": "OtherVehicle"}
    for item in choose(built, "aerial_count", "hituav"):
        stem = Path(item.image).stem
        assert int(item.answer) == counts[stem][plain[item.facts["name"]]], item.id
        assert counts[stem]["DontCare"] == 0, item.id
        root = ET.parse(DATA / "HIT-UAV" / "normal_xml" / "Annotations" / f"{stem}.xml").getroot()
        assert int(item.answer) == sum(
            entry.findtext("name") == plain[item.facts["name"]] for entry in root.iter("object")
        )


def test_every_count_of_vehicles_is_that_of_the_one_large_file(built):
    counts = defaultdict(Counter)
    for line in (DATA / "VEDAI" / "Annotations512" / "annotation512.txt").read_text().splitlines():
        cells = line.split()
        counts[cells[0]][VEDAI.get(int(cells[12]))] += 1
    for item in choose(built, "aerial_count", "vedai"):
        assert int(item.answer) == counts[Path(item.image).stem[:8]][item.facts["name"]], item.id


def test_temperatures_are_those_of_the_cameras_own_software(built, bench):
    path = DATA / "radiometric" / "known_temperature" / "IguanaActualTemperatureE0.96Temps20Thermcam.csv"
    celsius = np.array([[float(cell) for cell in row if cell] for row in csv.reader(path.open())])
    mine = [item for item in choose(built, "temperature") if "Iguana" in item.image]
    kinds = Counter()
    for item in mine:
        kinds[item.wording.split("/")[1]] += 1
        rows, columns = celsius.shape
        width = item.width - 110 if item.form == "measure" else item.width  # the scale stands at the right
        spots = {}
        for entry in item.evidence:
            x1, y1, x2, y2 = entry.box_xyxy_norm
            x, y = (x1 + x2) / 2 * item.width / width, (y1 + y2) / 2
            spots[entry.name] = celsius[int(y * rows), int(x * columns)]
        if item.form == "measure":
            assert abs(spots["mark"] - float(item.answer)) <= item.tolerance and item.unit == "degrees Celsius"
        elif "warm" in spots:
            assert spots["warm"] > spots["cold"]
        assert item.facts["emissivity"] == 0.95  # of the file; the table was made for 0.96
    assert kinds["value"]


def test_tasks_without_a_label_are_absent_and_itb_avg_is_undefined(built):
    tasks = built.manifest["tasks"]
    lacking = {task.name for task in list_tasks() if set(task.sources) <= set(LACKING)}
    absent = {task for task, entry in tasks.items() if not entry["items"]}
    assert absent & TASKS_LOOKED_AT == ({"recognition", "scene"} | lacking) & TASKS_LOOKED_AT
    assert "lsotb" in tasks["recognition"]["absent_because"] and "rgbnir" in tasks["scene"]["absent_because"]
    assert built.manifest["itb_avg"]["is_defined"] is False


def test_nothing_leaks_and_nothing_contradicts(built):
    audit = built.audit
    assert (audit.leaked_groups, audit.leaked_images, audit.alike_count) == ((), (), 0)
    assert (audit.repeated, audit.contradictory) == ((), ())
