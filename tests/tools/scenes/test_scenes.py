import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tolerances import float_tolerance, largest_difference, written_tolerance

from tools.datasets.coco import load_coco
from tools.errors import ToolkitError, UsageError
from tools.scenes import KINDS, Sensor, render_pair, render_scenes
from tools.scenes.painter import OPEN
from tools.scenes.render import is_legible

SHARED = Path(__file__).resolve().parents[3].parent / "shared"
SIZE = (192, 160)
NUMBERS = {"a": 1, "an": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
NAMES = {
    "person": "person|people",
    "dog": "dogs?",
    "car": "cars?",
    "bicycle": "bicycles?",
    "cow": "cows?",
    "bus": "bus|buses",
    "motorcycle": "motorcycles?",
    "building": "buildings?",
    "tree": "trees?",
}


def read_all(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("scenes")
    render_scenes(12, 3, out, size=SIZE)
    return out


@pytest.fixture(scope="module")
def scenes():
    return [render_pair(7, index, kind, SIZE) for kind in KINDS for index in range(8)]


def test_equal_settings_give_equal_bytes_and_a_grown_folder_equals_one_long_run(folder, tmp_path):
    assert render_scenes(5, 3, tmp_path, size=SIZE).rendered == 5
    stamp = (tmp_path / "visible/000001.jpg").stat().st_mtime_ns
    assert render_scenes(12, 3, tmp_path, size=SIZE).rendered == 7
    assert (tmp_path / "visible/000001.jpg").stat().st_mtime_ns == stamp
    assert read_all(tmp_path) == read_all(folder)
    assert not np.array_equal(render_pair(3, 1, "street", SIZE).visible, render_pair(4, 1, "street", SIZE).visible)


def test_other_settings_on_one_folder_are_refused(folder):
    with pytest.raises(UsageError, match="seed: 3 -> 4"):
        render_scenes(12, 4, folder, size=SIZE)
    with pytest.raises(UsageError, match="holds 12 scenes already"):
        render_scenes(3, 3, folder, size=SIZE)


def test_a_lost_image_is_rendered_again_and_the_manifest_counts(folder, tmp_path):
    render_scenes(12, 3, tmp_path, size=SIZE)
    for name in ("visible/000002.jpg", "thermal16/000004.png", "flir/val/thermal_8_bit/FLIR_00005.jpeg"):
        (tmp_path / name).unlink()
    assert render_scenes(12, 3, tmp_path, size=SIZE).rendered == 3
    assert read_all(tmp_path) == read_all(folder)
    assert json.loads((tmp_path / "manifest.json").read_text())["count"] == 12


@pytest.mark.parametrize("name", ["scenes/000002.json", "manifest.json"])
@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_damaged_file_of_the_folder_is_named(tmp_path, name, text):
    render_scenes(2, 3, tmp_path, size=SIZE)
    (tmp_path / name).write_text(text)
    with pytest.raises(ToolkitError, match=re.escape(name)):
        render_scenes(2, 3, tmp_path, size=SIZE)


def test_paint_material_and_text_never_reach_the_thermal_image():
    for kind in KINDS:
        one, other = (render_pair(7, 2, kind, SIZE, palette_seed=palette) for palette in (1, 2))
        assert np.array_equal(one.thermal, other.thermal)
        assert np.array_equal(one.celsius, other.celsius)
        assert [thing.box for thing in one.objects] == [thing.box for thing in other.objects]
        if one.objects:
            assert not np.array_equal(one.visible, other.visible)


def test_boxes_are_those_of_the_object_map(scenes):
    for scene in scenes:
        for thing in scene.objects:
            left, top, right, bottom = thing.box
            rows, columns = np.nonzero(scene.object_ids == thing.object_id)
            assert (rows.min(), rows.max() + 1) == (top, bottom)
            assert (columns.min(), columns.max() + 1) == (left, right)
            assert 0 <= left < right <= SIZE[0] and 0 <= top < bottom <= SIZE[1]


def test_people_and_dogs_are_warmer_than_the_ground_on_cold_days(scenes):
    seen = 0
    for scene in scenes:
        background = float(np.median(scene.celsius[scene.object_ids == 0]))
        for thing in scene.objects:
            mask = scene.object_ids == thing.object_id
            assert abs(float(scene.celsius[mask].mean()) - thing.celsius) < 2.0
            if thing.label in ("person", "dog") and background < 15:
                seen += 1
                assert thing.celsius > background
                assert scene.thermal[mask].mean() > np.median(scene.thermal[scene.object_ids == 0])
    assert seen >= 5


def test_every_kind_shows_its_things(scenes):
    labels = {
        kind: Counter(thing.label for scene in scenes if scene.kind == kind for thing in scene.objects)
        for kind in KINDS
    }
    assert {"person", "car", "building", "tree"} <= labels["street"].keys()
    assert {"person", "dog", "building", "tree"} <= labels["yard"].keys()
    assert {"person", "dog"} <= labels["indoor"].keys()
    assert {"car", "building", "tree"} <= labels["aerial"].keys()
    whole = [render_pair(7, index, "aerial") for index in range(3)]
    assert "person" in {thing.label for scene in whole for thing in scene.objects}


def test_open_scenes_show_one_thing_a_crowd_or_a_mixture():
    kinds = ("road", "field", "shore")
    shown = [
        [thing.label for thing in render_pair(11, index, kinds[index % 3], SIZE).objects if thing.label in OPEN]
        for index in range(150)
    ]
    assert {label for labels in shown for label in labels} == set(OPEN)
    lone = [labels[0] for labels in shown if len(labels) == 1]
    assert 0.2 < len(lone) / len(shown) < 0.5 and len(set(lone)) >= 6
    crowds = [labels for labels in shown if len(labels) > 3 and set(labels) == {"person"}]
    assert 0.04 < len(crowds) / len(shown) < 0.25
    assert sum(len(set(labels)) >= 4 for labels in shown) > 20


def test_captions_count_what_is_there(scenes):
    checked = 0
    for scene in scenes:
        counts = Counter(thing.label for thing in scene.objects)
        assert len(scene.captions) == 5
        for caption in scene.captions[:2]:
            for label, name in NAMES.items():
                found = re.search(rf"\b({'|'.join(NUMBERS)}) (?:{name})\b", caption.lower())
                if found and counts[label]:
                    checked += 1
                    assert NUMBERS[found[1]] == counts[label], caption
    assert checked > 50
    words = " ".join(caption for scene in scenes for caption in scene.captions)
    assert re.search(r"\b(?:red|blue|green)\b", words) and "brick" in words and re.search(r'says "[A-Z]+"', words)


def test_the_annotations_load_without_a_reject(folder):
    dataset = load_coco(folder / "annotations/captions_scenes.json", folder / "annotations/instances_scenes.json")
    assert len(dataset) == 12
    assert not dataset.rejects
    assert dataset.counts["captions"] == 60
    rows = [json.loads(line) for line in (folder / "temperatures.jsonl").read_text().splitlines()]
    assert len(rows) == dataset.counts["boxes"]
    assert all(-40 < row["temperature_celsius"] < 80 for row in rows)


def test_sixteen_bit_images_hold_the_temperatures_the_sensor_read(folder):
    scene = render_pair(3, 1, KINDS[1], SIZE)
    values = np.asarray(Image.open(folder / "thermal16/000001.png"), np.float64)
    bound = written_tolerance(2) + float_tolerance(400)  # hundredths of a kelvin, from float32
    assert largest_difference(values / 100 - 273.15, scene.celsius) < bound
    assert np.array_equal(np.asarray(Image.open(folder / "thermal8/000001.png")), scene.thermal)


def test_the_flir_layout_has_the_same_boxes(folder):
    coco = json.loads((folder / "annotations/instances_scenes.json").read_text())
    expected = Counter(
        (image["image_id"], tuple(image["bbox"]))
        for image in coco["annotations"]
        if image["category_id"] in (1, 2, 3, 18)
    )
    found: Counter = Counter()
    for split in ("train", "val"):
        data = json.loads((folder / f"flir/{split}/thermal_annotations.json").read_text())
        names = {image["id"]: image["file_name"] for image in data["images"]}
        assert data["images"][0]["id"] == 0
        assert data["annotations"][0]["id"] == 1
        for box in data["annotations"]:
            assert (folder / "flir" / split / names[box["image_id"]]).is_file()
            found[int(re.search(r"(\d{5})", names[box["image_id"]])[1]), tuple(box["bbox"])] += 1
    assert found == expected


def test_gain_and_noise_change_the_thermal_image_only():
    plain = render_pair(7, 1, "street", SIZE)
    for sensor in (Sensor(gain="fixed"), Sensor(noise_celsius=1.5), Sensor(blur_pixels=2.5)):
        other = render_pair(7, 1, "street", SIZE, sensor)
        assert not np.array_equal(plain.thermal, other.thermal)
        assert np.array_equal(plain.visible, other.visible)


@pytest.mark.parametrize("kind", KINDS)
def test_both_images_show_the_same_edges(kind):
    for index in range(3):
        scene = render_pair(7, index, kind, (320, 256), Sensor(noise_celsius=0.0, row_noise_celsius=0.0))
        ids = scene.object_ids
        inner = (ids[1:-1, 1:-1] > 0) & (ids[1:-1, 1:-1] == ids[1:-1, 2:])
        edge = (ids[1:-1, 1:-1] > 0) & (ids[1:-1, 1:-1] != ids[1:-1, 2:])
        for picture in (scene.visible.astype(np.float64).mean(2), scene.celsius.astype(np.float64)):
            step = np.abs(np.diff(picture, axis=1))[1:-1, 1:]
            assert step[edge].mean() > 2 * step[inner].mean()
            shifted = np.roll(edge, 6, axis=1)
            assert step[edge].mean() > 1.5 * step[shifted].mean()


def test_what_captions_relate_is_borne_out_by_the_boxes(scenes):
    checked = Counter()
    for scene in scenes:
        boxes = {}
        for thing in scene.objects:
            name = thing.paint or thing.material
            boxes.setdefault((name, thing.label), []).append(thing.box)
        for caption in scene.captions:
            for relation in (" to the left of ", " in front of ", " next to "):
                if relation not in caption:
                    continue
                one, other = (find_boxes(boxes, part) for part in caption.split(relation))
                pairs = [(a, b) for a in one for b in other if a != b]
                assert any(is_related(relation.strip(), a, b) for a, b in pairs), caption
                checked[relation] += 1
    assert all(checked[relation] for relation in (" to the left of ", " in front of ", " next to ")), checked


def find_boxes(boxes, words):
    is_person = re.search(r"\b(man|woman|person)\b", words)
    return [
        box
        for (name, label), found in boxes.items()
        for box in found
        if name in words and (label in words or (label == "person" and is_person))
    ]


def is_related(relation, one, other):
    if relation == "to the left of":
        return one[2] <= other[0]
    if relation == "in front of":
        return one[0] < other[2] and other[0] < one[2] and one[3] > other[3]
    return one[2] <= other[0] or other[2] <= one[0]


def test_quoted_text_is_printed_on_something_in_full_view():
    seen = 0
    for scene in (render_pair(7, index, kind, (480, 384)) for kind in ("street", "yard") for index in range(5)):
        for text in re.findall(r'says "([A-Z]+)"', " ".join(scene.captions)):
            assert text in {thing.text for thing in scene.objects}
            seen += 1
        for thing in scene.objects:
            assert not thing.text or thing.label in ("building", "car")
            assert (thing.label == "building") == bool(thing.material)
            assert (thing.label in ("building", "tree")) != bool(thing.paint)
    assert seen >= 5


def test_captions_say_what_the_light_is():
    scenes = [render_pair(7, index, "aerial", SIZE) for index in range(24)]
    assert {scene.light for scene in scenes} == {"sunny", "cloudy", "night"}
    brightness = {scene.light: scene.visible.mean() for scene in scenes}
    assert brightness["night"] < 0.7 * brightness["sunny"]
    for scene in scenes:
        words = " ".join(scene.captions)
        for light, day in (("sunny", "sunny day"), ("cloudy", "gray sky"), ("night", "at night")):
            assert scene.light == light or day not in words


def test_captions_are_five_whole_sentences_of_many_wordings(scenes):
    for scene in scenes:
        assert len(set(scene.captions)) == 5, scene.captions
        for caption in scene.captions:
            assert caption[0].isupper() and caption.endswith(".") and "  " not in caption
            assert not re.search(r"\ba [aeiou]|\ban [^aeiou]|\bpersons\b|\b(?:two|three|four) \w+[^s] (?:and|in)\b",
                                 caption.replace("people", "peoples").lower()), caption  # fmt: skip
            is_many = re.search(r"\bThere are (?!a\b)", caption) or re.search(r"\bThere is an? ", caption)
            assert is_many or "There " not in caption, caption


def test_the_flir_files_have_the_form_of_the_real_ones(folder):
    expected = {"info", "licenses", "categories", "images", "annotations"}
    for split in ("train", "val"):
        data = json.loads((folder / f"flir/{split}/thermal_annotations.json").read_text())
        assert data.keys() == expected
        for box in data["annotations"]:
            left, top, wide, high = box["bbox"]
            corners = [left, top, left, top + high, left + wide, top + high, left + wide, top]
            assert box["segmentation"] == [corners] and box["area"] == wide * high
    real = SHARED / "data/FLIR_ADAS_1_3/train/thermal_annotations.json"
    if not real.is_file():
        pytest.skip(f"{real} is missing: the real FLIR ADAS 1.3 annotations")
    found = json.loads(real.read_text())
    assert found.keys() == data.keys()
    assert found["annotations"][0].keys() == data["annotations"][0].keys()
    assert found["images"][0].keys() == data["images"][0].keys()
    names = {category["name"]: category["id"] for category in found["categories"]}
    assert all(names[category["name"]] == category["id"] for category in data["categories"])


def test_text_is_legible_only_when_large_inside_and_uncovered():
    ids = np.full((40, 60), 3, np.int32)
    assert is_legible((10.0, 10.0, 40.0, 20.0), 3, ids)
    assert not is_legible((10.0, 10.0, 40.0, 13.0), 3, ids)
    assert not is_legible((-2.0, 10.0, 40.0, 20.0), 3, ids)
    assert not is_legible((10.0, 10.0, 62.0, 20.0), 3, ids)
    ids[12:14, 30:33] = 4
    assert not is_legible((10.0, 10.0, 40.0, 20.0), 3, ids)


def test_whatever_is_drawn_is_annotated():
    """A thing that others cover almost wholly is left out with its shadow, and the rest stays where it was."""
    for kind in KINDS:
        for seed in range(12):
            scene = render_pair(seed, 1, kind, SIZE)
            assert set(np.unique(scene.object_ids)) - {0} == {thing.object_id for thing in scene.objects}


def test_some_scene_had_something_to_leave_out():
    """Object numbers are counted before anything is left out, so a gap shows that it happened."""
    scenes = [render_pair(seed, 1, "street", SIZE) for seed in range(40)]
    numbers = [[thing.object_id for thing in scene.objects] for scene in scenes]
    assert any(found and found != list(range(1, found[-1] + 1)) for found in numbers)
