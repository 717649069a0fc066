"""The readers: every layout as its dataset writes it, and what becomes of broken ones."""

import json
import shutil
from pathlib import Path

import mini_sources as mini
import numpy as np
import pytest

from itb.bench import load_bench
from itb.build import BuildSettings, build_bench
from itb.records import PAPER_TASKS, Frame, SourceReject
from itb.sources import READERS, SOURCES, find_layout, read_source
from itb.sources.radiometric import read_thermogram
from tools.errors import MissingError, RejectError, UsageError
from tools.scenes import render_scenes

DATA = Path("../shared/data")
FIRST = (4.0, 5.0, 24.0, 15.0)
SECOND = (30.0, 8.0, 39.0, 17.0)


def read(name, root, **options):
    found = list(read_source(name, root, **options))
    frames = [entry for entry in found if isinstance(entry, Frame)]
    return frames, [entry for entry in found if isinstance(entry, SourceReject)]


def show(frame):
    return [(thing.name, thing.box_xyxy) for thing in frame.things]


LAYOUTS = [
    ("flir", mini.write_flir_13, "FLIR ADAS 1_3: train", "v1-drive-0", [("person", FIRST), ("car", SECOND)]),
    ("flir", mini.write_flir_v2, "FLIR ADAS v2: images_thermal_val", "v2-Abc123", [("bicycle", FIRST)]),
    ("flir", mini.write_flir_july, "July 2018: training", "v1-drive-1", [("dog", FIRST), ("car", SECOND)]),
    ("llvip", mini.write_llvip, "LLVIP: test", "19", [("person", FIRST)]),
    ("vedai", mini.write_vedai_whole, "512 pixels, annotation512.txt", "00000003", [("van", FIRST)]),
    ("vedai", mini.write_vedai_each, "1024 pixels, a file an image", "00000003", [("van", FIRST)]),
    ("dronevehicle", mini.write_dronevehicle, "DroneVehicle: val", "val-0",
     [("freight car", (10.0, 20.0, 30.0, 40.0)), ("truck", (100.0, 100.0, 140.0, 130.0))]),
    ("lsotb", mini.write_lsotb_evaluation, "evaluation, 1 sequences", "sequences/dog_H_001", [("target", FIRST)]),
    ("lsotb", mini.write_lsotb_training, "training, 1", "TrainingData/TIR_training_001/cat_002", [("target", FIRST)]),
    ("rgbnir", mini.write_rgbnir, "1 categories", "forest/0001", []),
    ("hituav", mini.write_hituav_json, "normal_json", "1_080_30_0-2", [("car", FIRST)]),
    ("hituav", mini.write_hituav_rotated, "rotate_xml", "1_080_30_0-2", [("car", FIRST)]),
    ("solar", mini.write_solar, "InfraredSolarModules", "2", []),
]  # fmt: skip
IDS = [f"{name}-{write.__name__.removeprefix('write_')}" for name, write, *_ in LAYOUTS]


@pytest.mark.parametrize(("name", "write", "layout", "group", "things"), LAYOUTS, ids=IDS)
def test_every_layout_is_read_as_it_is_written(name, write, layout, group, things, tmp_path):
    write(tmp_path)
    assert layout in find_layout(name, tmp_path)
    frames, rejects = read(name, tmp_path)
    assert rejects == []
    first = frames[0]
    assert (first.group, show(first)) == (group, [(kind, pytest.approx(box)) for kind, box in things])
    assert (tmp_path / first.image).is_file()
    assert (first.band, first.polarity) == (SOURCES[name].band, SOURCES[name].polarity)
    assert all(thing.is_certain for thing in first.things)


def test_hituav_spoils_counts_where_it_does_not_care(tmp_path):
    mini.write_hituav_xml(tmp_path)
    (frame,), rejects = read("hituav", tmp_path)
    sure = [thing for thing in frame.things if thing.is_certain]
    assert [(thing.name, thing.box_xyxy) for thing in sure] == [("car", FIRST)]
    doubtful = [thing for thing in frame.things if not thing.is_certain]
    assert {thing.box_xyxy for thing in doubtful} == {SECOND}
    assert {"person", "car", "bicycle"} <= {str(thing.name).lower() for thing in doubtful}
    assert frame.facts == {"time": "night", "height_m": 80.0, "angle_degrees": 30.0}
    assert rejects == []


def test_partners_labels_crops_and_versions_are_told(tmp_path):
    made = {}
    for name, write in (("llvip", mini.write_llvip), ("rgbnir", mini.write_rgbnir), ("solar", mini.write_solar),
                        ("dronevehicle", mini.write_dronevehicle), ("lsotb", mini.write_lsotb_evaluation),
                        ("vedai", mini.write_vedai_whole), ("flir", mini.write_flir_v2)):  # fmt: skip
        write(tmp_path / name)
        made[name] = read(name, tmp_path / name)[0]
    assert made["llvip"][0].partner == "visible/test/190001.jpg"
    assert (made["rgbnir"][0].label, made["rgbnir"][0].partner) == ("forest", "nirscene1/forest/0001_rgb.tiff")
    assert [frame.label for frame in made["solar"]] == ["Diode-Multi", "No-Anomaly"]
    assert (made["dronevehicle"][0].crop_xyxy, made["dronevehicle"][0].width) == ((100, 100, 740, 612), 640)
    assert [frame.label for frame in made["lsotb"]] == ["dog", "dog"]
    assert made["lsotb"][1].things[0].box_xyxy == (5.0, 6.0, 25.0, 16.0)
    assert made["vedai"][0].partner == "Vehicules512/00000003_co.png"
    assert made["flir"][0].facts["version"] == "v2"


def test_reading_twice_gives_the_same_frames_in_the_same_order(tmp_path):
    mini.write_solar(tmp_path)
    assert read("solar", tmp_path) == read("solar", tmp_path)


@pytest.mark.parametrize("name", READERS)
def test_a_missing_or_another_folder_is_answered_with_the_expected_tree(name, tmp_path):
    with pytest.raises(MissingError, match="no such folder") as raised:
        read(name, tmp_path / "nowhere")
    assert SOURCES[name].how in str(raised.value)
    (tmp_path / "renamed").mkdir()
    (tmp_path / "readme.txt").write_text("")
    with pytest.raises(MissingError, match="does not hold the dataset") as raised:
        read(name, tmp_path)
    text = str(raised.value)
    assert SOURCES[name].tree.splitlines()[0].strip() in text
    assert "found: readme.txt, renamed/" in text and SOURCES[name].how in text


def test_an_unknown_source_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no source is called `kaist`; there are flir, llvip"):
        read("kaist", tmp_path)


def spoil_llvip(text):
    def change(root):
        mini.write_llvip(root)
        mini.write_text(root / "Annotations/190001.xml", text)

    return change


def spoil_flir(change):
    def spoil(root):
        mini.write_flir_13(root)
        mini.change_json(root / "train/thermal_annotations.json", change)

    return spoil


def spoil_file(write, file, text):
    def change(root):
        write(root)
        mini.write_text(root / file, text)

    return change


def drop_file(write, file):
    def change(root):
        write(root)
        (root / file).unlink()

    return change


def add_image(write, file, size=mini.SIZE):
    def change(root):
        write(root)
        mini.write_image(root / file, size)

    return change


COCO = "train/thermal_annotations.json"
SPOILED = {
    "llvip, XML cut short": ("llvip", spoil_llvip("<annotation><object>"), "broken_xml", 0),
    "llvip, empty XML": ("llvip", spoil_llvip(""), "broken_xml", 0),
    "llvip, an entity that would grow": (
        "llvip", spoil_llvip('<!DOCTYPE a [<!ENTITY b "bb">]><annotation>&b;</annotation>'), "broken_xml", 0),
    "llvip, image without XML": ("llvip", drop_file(mini.write_llvip, "Annotations/190001.xml"), "no_annotation", 0),
    "llvip, XML without image": ("llvip", drop_file(mini.write_llvip, "infrared/test/190001.jpg"), "missing_image", 0),
    "llvip, an unknown class": (
        "llvip", spoil_llvip(mini.make_voc(mini.make_object("unicorn", 4, 5, 24, 15))), "unknown_class", 1),
    "llvip, a box outside": (
        "llvip", spoil_llvip(mini.make_voc(mini.make_object("person", 80, 5, 99, 15))), "bad_box", 1),
    "llvip, a box that is no number": (
        "llvip", spoil_llvip(mini.make_voc(mini.make_object("person", "nan", 5, 24, 15))), "bad_box", 1),
    "llvip, a box without corners": (
        "llvip", spoil_llvip(mini.make_voc("<name>person</name>")), "no_box", 1),
    "llvip, another size": ("llvip", spoil_llvip(mini.make_voc(size=(640, 480))), "size_differs", 0),
    "llvip, an image that is none": (
        "llvip", spoil_file(mini.write_llvip, "infrared/test/190001.jpg", "text"), "unreadable_image", 0),
    "flir, empty JSON": ("flir", spoil_file(mini.write_flir_13, COCO, ""), "broken_json", 0),
    "flir, JSON cut short": ("flir", spoil_file(mini.write_flir_13, COCO, '{"images": [{'), "broken_json", 0),
    "flir, a list": ("flir", spoil_file(mini.write_flir_13, COCO, "[]"), "broken_json", 0),
    "flir, no categories": ("flir", spoil_flir(lambda found: found.update(categories=[])), "unknown_class", 1),
    "flir, a file name that leads out": (
        "flir", spoil_flir(lambda found: found["images"][0].update(file_name="../../etc/x.jpeg")), "path_outside", 0),
    "flir, an image that is not listed": (
        "flir", add_image(mini.write_flir_13, "train/thermal_8_bit/FLIR_00099.jpeg"), "no_annotation", 1),
    "flir, a listed image that is not there": (
        "flir", drop_file(mini.write_flir_13, "train/thermal_8_bit/FLIR_00007.jpeg"), "missing_image", 0),
    "flir, boxes of no image": (
        "flir", spoil_flir(lambda found: found["annotations"][0].update(image_id=77)), "no_image_row", 1),
    "flir, an id twice": (
        "flir", spoil_flir(lambda found: found["images"].append(found["images"][0])), "duplicate_id", 1),
    "flir, a box of three numbers": (
        "flir", spoil_flir(lambda found: found["annotations"][0].update(bbox=[1, 2, 3])), "no_box", 1),
    "vedai, a line with too few columns": (
        "vedai", spoil_file(mini.write_vedai_whole, "Annotations512/annotation512.txt", "3 14 10\n"),
        "broken_line", 0),
    "dronevehicle, an image too small for its border": (
        "dronevehicle", add_image(mini.write_dronevehicle, "val/valimgr/00012.jpg", (640, 512)), "size_differs", 0),
    "lsotb, a sequence named otherwise": (
        "lsotb", spoil_file(mini.write_lsotb_evaluation, "sequences/airplane/groundtruth_rect.txt", "1,2,3,4"),
        "no_images", 2),
    "lsotb, a line that is no box": (
        "lsotb", spoil_file(mini.write_lsotb_evaluation, "sequences/dog_H_001/groundtruth_rect.txt", "a,b\n5,6,7,8"),
        "no_box", 1),
    "lsotb, fewer boxes than images": (
        "lsotb", spoil_file(mini.write_lsotb_evaluation, "sequences/dog_H_001/groundtruth_rect.txt", "5,6,7,8"),
        "no_annotation", 1),
    "rgbnir, a folder that is no category": (
        "rgbnir", add_image(mini.write_rgbnir, "nirscene1/desert/0001_nir.tiff"), "unknown_class", 1),
    "rgbnir, only the visible image": (
        "rgbnir", drop_file(mini.write_rgbnir, "nirscene1/forest/0001_nir.tiff"), "missing_image", 0),
    "solar, an unknown class": (
        "solar", lambda root: (mini.write_solar(root), mini.change_json(
            root / "module_metadata.json", lambda found: found["2"].update(anomaly_class="Rust"))), "unknown_class", 1),
    "solar, no mapping": ("solar", spoil_file(mini.write_solar, "module_metadata.json", "[]"), "broken_json", 0),
    "radiometric, a JPEG without temperatures": (
        "radiometric", lambda root: mini.write_image(root / "plain.jpg"), "no_thermogram", 0),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILED)
def test_what_cannot_be_used_is_counted_with_a_reason_and_the_rest_is_read(case, tmp_path):
    name, spoil, code, frames_left = SPOILED[case]
    spoil(tmp_path)
    if name in ("rgbnir",) and not frames_left:
        mini.write_image(tmp_path / "nirscene1/water/0002_nir.tiff")
        frames_left = 1
    frames, rejects = read(name, tmp_path)
    assert code in {reject.code for reject in rejects}
    assert len(frames) == frames_left
    assert all(reject.where and reject.why and reject.source == name for reject in rejects)


def test_an_xml_without_objects_is_a_frame_without_things(tmp_path):
    spoil_llvip(mini.make_voc())(tmp_path)
    (frame,), rejects = read("llvip", tmp_path)
    assert frame.things == () and rejects == []


def test_a_box_that_sticks_out_is_cut_at_the_frame(tmp_path):
    spoil_llvip(mini.make_voc(mini.make_object("person", -5, 40, 24, 99)))(tmp_path)
    (frame,), rejects = read("llvip", tmp_path)
    assert show(frame) == [("person", (0.0, 40.0, 24.0, 48.0))] and rejects == []


def test_sixteen_bit_images_are_frames(tmp_path):
    mini.write_llvip(tmp_path)
    (tmp_path / "infrared/test/190001.jpg").unlink()
    mini.write_image(tmp_path / "infrared/test/190001.png", mode="I;16")
    (frame,), rejects = read("llvip", tmp_path)
    assert frame.image.endswith("190001.png") and rejects == []


def test_without_images_the_annotations_are_believed(tmp_path):
    drop_file(mini.write_flir_13, "train/thermal_8_bit/FLIR_00007.jpeg")(tmp_path)
    (frame,), rejects = read("flir", tmp_path, needs_images=False)
    assert (frame.width, frame.height) == mini.SIZE and rejects == []


def test_what_follows_the_name_airplane_is_not_believed(tmp_path):
    mini.write_lsotb_evaluation(tmp_path)
    (tmp_path / "sequences/dog_H_001").rename(tmp_path / "sequences/airplane")
    frames, rejects = read("lsotb", tmp_path)
    assert [frame.label for frame in frames] == [None, None]
    assert [reject.code for reject in rejects] == ["untrusted_label"]


def test_temperatures_are_those_of_the_makers_own_software():
    """The bounds are what SOURCE.md of the samples measured for flyr: 0.35 degrees at most, 0.17 in the mean."""
    folder = DATA / "radiometric/known_temperature"
    if not folder.is_dir():
        pytest.skip("needs ../shared/data/radiometric")
    pytest.importorskip("flyr", reason="needs the extra itb")
    found = read_thermogram(folder / "IguanaImage.jpg")
    lines = (folder / "IguanaActualTemperatureE0.96Temps20Thermcam.csv").read_text(encoding="utf-8-sig").splitlines()
    wanted = np.array([[float(cell) for cell in line.rstrip(",").split(",")] for line in lines if line.strip()])
    assert wanted.shape == found.celsius.shape == (480, 640)
    difference = np.abs(wanted - found.celsius)
    assert difference.max() < 0.36 and difference.mean() < 0.18


def test_a_file_without_temperatures_is_a_reject(tmp_path):
    mini.write_image(tmp_path / "plain.jpg")
    pytest.importorskip("flyr", reason="needs the extra itb")
    with pytest.raises(RejectError, match="holds no temperatures that flyr can read"):
        read_thermogram(tmp_path / "plain.jpg")


def test_a_directory_that_no_file_can_hold_is_not_walked_through(tmp_path):
    """Such a number stands in little-endian files; flyr would look 33 million times for a record."""
    pytest.importorskip("flyr", reason="needs the extra itb")
    header = b"FFF\0".ljust(24, b"\0") + (64).to_bytes(4, "big") + (2).to_bytes(4, "little")
    records = b"FLIR\0\1\0\0" + header.ljust(64 + 2 * 32, b"\0")
    (tmp_path / "little.jpg").write_bytes(b"\xff\xd8\xff\xe1" + (2 + len(records)).to_bytes(2, "big") + records)
    with pytest.raises(RejectError, match=r"its directory of 33554432 records is longer than the file"):
        read_thermogram(tmp_path / "little.jpg")


REAL = {
    "flir": ("FLIR_ADAS_1_3", {"person", "car"}),
    "llvip": ("LLVIP", {"person"}),
    "vedai": ("VEDAI", {"car"}),
    "hituav": ("HIT-UAV", {"car", "person"}),
    "rgbnir": ("RGB-NIR_scene", set()),
    "lsotb": ("LSOTB-TIR", {"target"}),
    "solar": ("InfraredSolarModules", set()),
    "radiometric": ("radiometric", set()),
}


@pytest.mark.parametrize("name", REAL)
def test_the_real_samples_are_read(name):
    folder, names = REAL[name]
    root = DATA / folder
    if not root.is_dir():
        pytest.skip(f"needs ../shared/data/{folder}")
    frames, _ = read(name, root)
    assert frames and all((root / frame.image).is_file() for frame in frames)
    assert names <= {thing.name for frame in frames for thing in frame.things}
    for frame in frames:
        for thing in frame.things:
            left, top, right, bottom = thing.box_xyxy
            assert 0 <= left < right <= frame.width and 0 <= top < bottom <= frame.height


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    render_scenes(40, 5, folder, size=(192, 160), kinds=("road", "field", "shore", "indoor", "aerial"))
    return folder


def test_rendered_scenes_are_read_with_every_thing_but_the_backdrop(scenes):
    frames = list(read_source("scenes", scenes))
    assert len(frames) == 40 and all(isinstance(frame, Frame) for frame in frames)
    for frame in frames:
        record = json.loads((scenes / f"scenes/{frame.group}.json").read_text())
        own = [(thing["label"], tuple(map(float, thing["box"]))) for thing in record["objects"]]
        told = sorted((thing.name, thing.box_xyxy) for thing in frame.things)
        assert told == sorted(entry for entry in own if entry[0] not in ("building", "tree"))
        label = {"road": "street", "field": "field", "shore": "water", "indoor": "indoor", "aerial": None}
        assert frame.label == label[record["kind"]]
        assert frame.facts["view"] == ("aerial" if record["kind"] == "aerial" else "ground")


def test_a_rendered_scene_without_image_or_record_is_a_reject(scenes, tmp_path):
    folder = tmp_path / "scenes"
    shutil.copytree(scenes, folder)
    (folder / "thermal8/000001.png").unlink()
    (folder / "scenes/000002.json").write_text("{")
    rows = list(read_source("scenes", folder))
    rejects = {row.where: row.code for row in rows if isinstance(row, SourceReject)}
    assert rejects == {"000001": "missing_image", "000002": "broken_json"} and len(rows) == 40


def test_all_six_tasks_can_be_asked_about_rendered_scenes(scenes, tmp_path):
    render_scenes(80, 2, tmp_path / "scenes", size=(192, 160), kinds=("road", "field", "shore", "indoor", "aerial"))
    frames = {Path(frame.image).stem: frame for frame in read_source("scenes", tmp_path / "scenes")}
    build_bench(BuildSettings(sources={"scenes": tmp_path / "scenes"}, out=tmp_path / "bench"))
    items = load_bench(tmp_path / "bench").items
    assert {item.task for item in items} == set(PAPER_TASKS)
    for item in items:
        frame = frames[Path(item.image).stem]
        names = [thing.name for thing in frame.things]
        if item.task in ("aerial_count", "pedestrian_count"):
            assert item.answer == str(names.count(str(item.facts["name"])))
            assert (frame.facts["view"] == "aerial") == (item.task == "aerial_count")
        elif item.task == "recognition":
            assert names == [item.answer]
        elif item.task == "security":
            assert item.answer not in names and set(item.options) - {item.answer} <= set(names)
