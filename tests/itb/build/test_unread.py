"""An object that could not be read could be anything: its image is asked for no count, and nothing that is absent."""

from pathlib import Path

import mini_datasets as mini
import pytest
from mini_frames import frame, thing

from itb.build.gather import gather, open_sources
from itb.commands.build import draw_unread
from itb.tasks.base.wordings import load_wordings
from tools.datasets import find_dataset
from tools.datasets.records import Unread
from tools.prompts.pack import DEFAULT_PACK
from tools.terminal.cli import stdout

CASES = Path(__file__).parents[4] / "shared" / "cases" / "itb"
SIDE = (300, 200)


def ask(source, root):
    roots = {source: root}
    return gather(open_sources(roots), roots, load_wordings(DEFAULT_PACK))


def list_counts(found):
    return {(item.key[0], item.truth) for key, items in found.candidates.items() if "count" in key[0] for item in items}


def write_hituav(root, *objects):
    mini.write_image(root / "normal_xml/JPEGImages/1_70_30_0_00001.jpg", SIDE)
    mini.write_text(root / "normal_xml/Annotations/1_70_30_0_00001.xml", mini.make_voc(*objects, size=SIDE))


def write_llvip(root, *objects):
    mini.write_image(root / "infrared/train/010001.jpg", SIDE)
    mini.write_text(root / "Annotations/010001.xml", mini.make_voc(*objects, size=SIDE))


def write_dronevehicle(root, *objects):
    mini.write_image(root / "val/valimgr/00012.jpg", (840, 712))
    mini.write_text(root / "val/vallabelr/00012.xml", mini.make_voc(*objects, size=(840, 712)))


WRITERS = {
    "hituav": (write_hituav, "Car", "car"),
    "llvip": (write_llvip, "person", "person"),
    "dronevehicle": (write_dronevehicle, "feright_car", "freight car"),
}
PLACE = (110, 120, 180, 170)
BAD = {
    "an unknown name": ("unicorn", (190, 120, 240, 170), "unknown_class"),
    "no name": ("", (190, 120, 240, 170), "no_name"),
    "no number": ("{}", ("nan", 120, 240, 170), "bad_box"),
    "a side turned round": ("{}", (240, 120, 190, 170), "bad_box"),
    "outside the image": ("{}", (5000, 120, 6000, 170), "bad_box"),
    "no corner": ("{}", ("", 120, 240, 170), "no_box"),
}


@pytest.mark.parametrize("source", WRITERS)
@pytest.mark.parametrize("fault", BAD)
def test_a_lost_object_leaves_nothing_to_count(source, fault, tmp_path):
    write, written, name = WRITERS[source]
    lost, corners, code = BAD[fault]
    good = mini.make_object(written, *PLACE)
    write(tmp_path / "whole", good)
    assert (name, 1) in list_counts(ask(source, tmp_path / "whole"))
    write(tmp_path / "lost", good, mini.make_object(lost.format(written), *corners))
    found = ask(source, tmp_path / "lost")
    assert list_counts(found) == set()
    assert found.rejects[source] == {code: 1} and found.doubtful[source] == 1
    counting = [task for task in found.skips if "count" in task and source in found.skips[task]]
    assert counting and all(found.skips[task][source] == {"uncertain_object": 1} for task in counting)


@pytest.mark.parametrize("spelt", ["feright car", "Feright_Car", "FREIGHT-CAR", "freightcar", " freight car "])
def test_case_blanks_underscores_and_hyphens_do_not_matter(spelt, tmp_path):
    write_dronevehicle(tmp_path, mini.make_object(spelt, *PLACE), mini.make_object("freight_car", 300, 300, 390, 380))
    found = ask("dronevehicle", tmp_path)
    assert ("freight car", 2) in list_counts(found) and not found.rejects["dronevehicle"]


def test_a_name_that_two_classes_share_when_folded_is_read_exactly():
    facts = find_dataset("hituav").facts.model_copy(update={"names": {"A B": "one", "a-b": "two"}})
    assert (facts.find_name("A B"), facts.find_name("a-b"), facts.find_name("ab")) == ("one", "two", None)


def test_an_object_without_a_name_leaves_no_count_either(tmp_path):
    write_dronevehicle(tmp_path, mini.make_object("car", *PLACE), mini.make_object("*", 300, 300, 340, 330))
    found = ask("dronevehicle", tmp_path)
    assert list_counts(found) == set() and found.unread["dronevehicle"] == {Unread("no_name"): 1}


def test_a_line_that_cannot_be_read_spoils_its_tile(tmp_path):
    line = "{} {} {} 0 {} 1 0\n"
    corners = "100 150 150 100 100 100 150 150"
    mini.write_image(tmp_path / "Vehicules512/00000001_ir.png", SIDE)
    whole = line.format("00000001", "120", "120", f"{corners} 1")
    mini.write_text(tmp_path / "Annotations512/annotation512.txt", whole)
    assert ("car", 1) in list_counts(ask("vedai", tmp_path))
    mini.write_text(tmp_path / "Annotations512/annotation512.txt", whole + "00000001 7 7\n")
    assert list_counts(ask("vedai", tmp_path)) == set()


def test_what_is_absent_and_how_things_lie_is_not_asked_either():
    things = [thing("person", 10, 10, 60, 100), thing("car", 200, 200, 300, 300), thing("bicycle", 400, 10, 460, 90)]
    whole = frame(0, *things, facts={"version": "v1"})
    doubtful = frame(1, *things, facts={"version": "v1"}, unread=(Unread("unknown_class", "Kar"),))
    found = gather({"flir": [whole]}, {"flir": Path()}, load_wordings(DEFAULT_PACK))
    assert {key[0] for key in found.candidates} >= {"security", "locate"}
    found = gather({"flir": [doubtful]}, {"flir": Path()}, load_wordings(DEFAULT_PACK))
    assert not {key[0] for key in found.candidates} & {"security", "locate"}
    assert found.skips["security"]["flir"] == found.skips["locate"]["flir"] == {"uncertain_object": 1}


def test_the_table_names_the_unknown_names_and_how_often(tmp_path):
    objects = [mini.make_object(name, *PLACE) for name in ("Tricycle", "car", "Tricycle", "[red]x")]
    write_hituav(tmp_path, *objects)
    built = type("Built", (), {"gathered": ask("hituav", tmp_path)})
    with stdout.capture() as shown:
        stdout.print(draw_unread(built))
    text = shown.get()
    assert "Tricycle" in text and "[red]x" in text and "unknown_class" in text
    assert [line.split()[-1] for line in text.splitlines() if "Tricycle" in line or "[red]x" in line]


@pytest.mark.parametrize(
    ("case", "source", "counts"), [("dv_unknown_class", "dronevehicle", set()), ("hit_partly_unknown", "hituav", None)]
)
def test_the_shared_cases_ask_nothing_wrong(case, source, counts):
    if not (CASES / case).is_dir():
        pytest.skip("the shared cases are not here")
    found = ask(source, CASES / case)
    if counts is not None:
        assert list_counts(found) == counts
    else:
        annotations = "".join(path.read_text() for path in (CASES / case).rglob("*.xml"))
        assert ("car", annotations.lower().count("<name>car</name>")) in list_counts(found)
