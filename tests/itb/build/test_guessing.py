"""What can be answered without the image is refused by name; `--paper` refuses nothing and says what it is."""

import json
import random

import pytest
from mini_frames import frame, install_sources, thing, write_images
from typer.testing import CliRunner

from itb.__main__ import app
from itb.answers.cheap_scores import MARGIN
from itb.build.average import describe_average
from itb.build.build import BuildSettings, build_bench
from itb.tasks import list_paper_tasks
from itb.tasks.base.counting import even_out
from tools.errors import UsageError

SMALL = (320, 256)


def street(number, *names, version="v1"):
    """One of each name, on a drive of eight frames."""
    generator = random.Random(number)
    things = []
    for place, name in enumerate(names):
        x, y = 75 * place + generator.randrange(20), generator.randrange(10, 180)
        things.append(thing(name, x, y, x + 30, y + 40))
    drive = f"drive-{number // 8:03d}"
    return frame(number, *things, group=drive, width=SMALL[0], height=SMALL[1], facts={"version": version})


def make_v1(count):
    """As in FLIR v1: where three kinds are there, the dog is nearly always what is missing."""
    return [street(k, "car", "person", "dog" if k % 25 == 0 else "bicycle") for k in range(count)]


@pytest.fixture
def build(tmp_path, monkeypatch):
    frames = make_v1(200)
    write_images(tmp_path / "flir", frames)
    install_sources(monkeypatch, {"flir": frames})

    def make(out="bench", **changes):
        return build_bench(BuildSettings({"flir": tmp_path / "flir"}, tmp_path / out, is_hashed=False, **changes))

    return make


def test_a_task_that_can_be_guessed_is_refused_by_name_with_its_patterns(build, tmp_path):
    built = build()
    assert {item.task for item in built.items} == {"locate", "modality"}
    (refusal,) = built.refused
    assert refusal.kind == "security" and refusal.low > refusal.chance + MARGIN
    assert refusal.patterns["there: bicycle, car, person; not there: bus, dog, train"] == 192
    assert refusal.patterns["there: car, dog, person; not there: bicycle, bus, motorcycle, train"] == 8
    manifest = json.loads((tmp_path / "bench" / "manifest.json").read_text())
    assert manifest["refused"]["security"]["patterns"] == refusal.patterns
    assert "can be answered without the image" in manifest["tasks"]["security"]["absent_because"]
    done = CliRunner().invoke(
        app,
        ["build", "--source", f"flir={tmp_path / 'flir'}", "--out", str(tmp_path / "bench"), "--no-near-duplicates"],
        env={"COLUMNS": "200"},
    )
    assert done.exit_code == 0, done.output
    assert "refused: What is absent: security: " in done.output and "192 x there: bicycle, car" in done.output
    assert "box-count" not in done.output and "cheap answers, fitted to the train split" in done.output


def test_allow_guessable_keeps_it_and_says_so(build):
    built = build(allow_guessable=True)
    assert {item.task for item in built.items} == {"locate", "modality", "security"} and not built.refused
    assert built.audit.tasks["security"].is_guessable
    assert any(remark.startswith("security: ") and "without the image" in remark for remark in built.audit.remarks)


def test_where_nothing_is_left_that_is_an_error(build, monkeypatch, tmp_path):
    lone = make_v1(80)
    for item in lone:  # without two boxes that are clearly apart nothing but what is absent can be asked
        object.__setattr__(item, "boxes", tuple(thing(box.name, 10, 10, 60, 60) for box in item.boxes))
        object.__setattr__(item, "polarity", "unknown")
    install_sources(monkeypatch, {"flir": lone})
    with pytest.raises(UsageError, match=r"nothing is left to ask: security: 80 questions can be .* --allow-guessable"):
        build("lone")


def test_the_papers_protocol_refuses_nothing_and_splits_by_question(build):
    built = build(is_paper=True)
    tasks = {item.task for item in built.items}
    assert tasks == {"locate", "security"} and not built.refused
    assert not any("block" in item.facts for item in built.items)
    for task in tasks:
        mine = [item.split for item in built.items if item.task == task]
        assert mine.count("test") == round(len(mine) / 3)
    assert built.audit.leaked_groups
    assert built.manifest["itb_avg"] == {"is_defined": True, "protocol": "paper", "tasks": ["locate", "security"]}
    assert sum(item.task == "security" for item in built.items) > 200  # several questions an image, as Table 1 needs
    asked = [(item.image, frozenset(item.options)) for item in built.items if item.task == "security"]
    assert len(set(asked)) == len(asked)


def test_itb_avg_leaves_out_what_can_be_guessed_and_needs_five():
    class Asked:
        def __init__(self, task):
            self.task, self.split, self.facts = task, "test", {"block": "x"}

    items = [Asked(task) for task in list_paper_tasks()]
    assert describe_average(items, {}, False) == {"is_defined": True, "tasks": list(list_paper_tasks())}
    one = describe_average(items, {"security": "why"}, False)
    assert one["without"] == {"security": "why"} and "security" not in one["tasks"] and one["is_defined"]
    two = describe_average(items, {"security": "why", "locate": "why"}, False)
    assert two == {"is_defined": False, "because": "can be guessed without the image: locate, security"}
    assert describe_average(items[1:], {}, False)["because"] == "without test questions: locate"


def test_counts_are_evened_out_where_there_are_enough():
    many = even_out({0: 900, 1: 3000, 2: 900, 3: 500, 4: 300, 5: 100}, 0.1)
    assert max(many.values()) / sum(many.values()) <= 1 / 6 + 0.06 and many[1] == many[2]
    assert even_out({2: 5, 3: 1}, 0.1) == {2: 3, 3: 1}  # so few could be luck
    assert sum(even_out({1: 400}, 0.1).values()) < 8
    assert even_out({}, 0.1) == {} == even_out({0: 7}, 0.1)
