"""InfraredSolarModules: crops with one condition each."""

import mini_datasets as mini
import pytest
from mini_datasets import spoil_file, spoil_json

METADATA = "module_metadata.json"


def write(root):
    rows = {}
    for number, kind in ((2, "Diode-Multi"), (10, "No-Anomaly")):
        mini.write_image(root / f"images/{number}.jpg", (24, 40))
        rows[str(number)] = {"image_filepath": f"images/{number}.jpg", "anomaly_class": kind}
    mini.write_json(root / METADATA, rows)


def test_the_layout_is_read_as_it_is_written(tmp_path):
    mini.check_layout("solar", write, tmp_path, "InfraredSolarModules", [], group="2", labels=("Diode-Multi",))
    assert [image.labels for image in mini.read("solar", tmp_path)[0]] == [("Diode-Multi",), ("No-Anomaly",)]


SPOILED = {
    "an unknown class": (
        spoil_json(write, METADATA, lambda found: found["2"].update(anomaly_class="Rust")), "unknown_class", 1),
    "no mapping": (spoil_file(write, METADATA, "[]"), "broken_json", 0),
}  # fmt: skip


@pytest.mark.parametrize("case", SPOILED)
def test_what_cannot_be_used_is_counted(case, tmp_path):
    change, code, left = SPOILED[case]
    mini.check_spoiled("solar", change, tmp_path, code, left)


def test_the_real_samples_are_read():
    mini.check_samples("solar", "InfraredSolarModules", set())
