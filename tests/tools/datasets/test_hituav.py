"""HIT-UAV: three forms, and objects that nobody cares about."""

from collections import defaultdict
from pathlib import Path

import mini_datasets as mini
import pytest
from mini_datasets import FIRST, SECOND

from itb.benchmark.duplicates import join_groups
from itb.build.split import Kind, split_groups
from tools.datasets.hituav.reader import find_flights

STEM = "1_080_30_0_01234"


def write_xml(root):
    mini.write_image(root / f"normal_xml/JPEGImages/{STEM}.jpg")
    objects = (mini.make_object("Car", 4, 5, 24, 15), mini.make_object("DontCare", 30, 8, 39, 17))
    mini.write_text(root / f"normal_xml/Annotations/{STEM}.xml", mini.make_voc(*objects))


def write_json(root):
    mini.write_image(root / f"normal_json/train/{STEM}.jpg")
    keys = {"name_key": "filename", "boxes_key": "annotation", "kinds": ("Person", "Car")}
    found = mini.make_coco((f"{STEM}.jpg",), ((0, [4, 5, 20, 10], 2),), **keys)
    mini.write_json(root / "normal_json/annotations/train.json", found)


def write_rotated(root):
    mini.write_image(root / f"rotate_xml/JPEGImages/{STEM}.jpg")
    box = "<cx>14</cx><cy>10</cy><w>10</w><h>20</h><angle>1.5707963267948966</angle>"
    text = mini.make_voc(f"<name>Car</name><robndbox>{box}</robndbox>")
    mini.write_text(root / f"rotate_xml/Annotations/{STEM}.xml", text)


@pytest.mark.parametrize(
    ("write", "layout", "split"), [(write_json, "normal_json", "train"), (write_rotated, "rotate_xml", None)]
)
def test_both_forms_are_read_as_they_are_written(write, layout, split, tmp_path):
    mini.check_layout("hituav", write, tmp_path, layout, [("car", FIRST)], group="night-01234", split=split)


def test_counts_are_spoilt_where_it_does_not_care(tmp_path):
    write_xml(tmp_path)
    (image,), rejects = mini.read("hituav", tmp_path)
    sure = [box for box in image.boxes if box.is_certain]
    assert [(box.name, box.box_xyxy) for box in sure] == [("car", FIRST)]
    doubtful = [box for box in image.boxes if not box.is_certain]
    assert {box.box_xyxy for box in doubtful} == {SECOND}
    assert {"person", "car", "bicycle"} <= {box.name.lower() for box in doubtful}
    assert image.facts == {"time": "night", "height_m": 80.0, "angle_degrees": 30.0}
    assert rejects == []


def test_flights_are_parted_where_numbers_leap_and_by_the_time_of_day():
    names = ["0_60_30_0_00010", "0_70_30_0_00109", "0_60_30_0_00300", "1_60_30_0_00040", "other"]
    assert find_flights(names) == {
        "0_60_30_0_00010": "day-00010",
        "0_70_30_0_00109": "day-00010",
        "0_60_30_0_00300": "day-00300",
        "1_60_30_0_00040": "night-00040",
    }


def test_in_the_whole_set_no_two_flights_come_within_thirty_numbers():
    names = Path("../shared/data/full_size_facts/hituav_frames.txt")
    if not names.is_file():
        pytest.skip(f"needs {names}")
    stems = [line.partition(".")[0] for line in names.read_text().split()]
    flights = find_flights(stems)
    assert len(stems) == 2898 == len(flights) and len(set(flights.values())) == 15
    counts = {f"hituav/{flight}": {Kind("aerial_count", "hituav"): 1} for flight in flights.values()}
    for flight in flights.values():
        counts[f"hituav/{flight}"][Kind("aerial_count", "hituav")] += 1
    side = split_groups(counts, join_groups(counts, ()), 0).side
    frames = defaultdict(list)
    for stem, flight in flights.items():
        frames[stem[0], side[f"hituav/{flight}"]].append(int(stem[-5:]))
    for time in "01":
        gaps = [abs(test - train) for test in frames[time, "test"] for train in frames[time, "train"]]
        assert min(gaps, default=31) > 30
    tested = len(frames["0", "test"]) + len(frames["1", "test"])
    assert 0.25 < tested / 2898 < 0.42


def test_the_real_samples_are_read():
    mini.check_samples("hituav", "HIT-UAV", {"car", "person"})
