"""Commands that write: killed, or on a full disk, they go on to the bytes of one left alone; two at once are refused.

A seeded slice; `tests/benchmarks/kills.py` kills every command, as often as one likes.
"""

import os
import re
import sys
import time

import pytest
from benchmarks.kills import check_reading, kill_order
from kill_points import call_forked, snapshot
from reading_commands import READS
from test_foreign_folders import WRITES, list_commands, list_programs, load_app
from tiny_run import fork, wait
from writing_commands import AGENTS, ITB, NOT_HERE, ORDERS, TOOLS, Inputs, import_ahead

from tools.files import hold

SLICE = (
    "agents export authors", "agents report", "agents picture", "tools translate", "tools scenes", "itb audit",
    "itb eval", "itb build", "itb export llava",
)  # fmt: skip
QUICKLY_READ = ("agents bill", "agents show", "agents rules list", "itb why")
"""tests/benchmarks/kills.py runs them all."""
QUICK = [order for order in ORDERS if str(order) in SLICE]
NEEDS = {"tools photographs": "skimage", "itb select": "matplotlib", "agents export parquet": "datasets"}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    return Inputs(tmp_path_factory.mktemp("kills") / "inputs")


def needs(order):
    pytest.importorskip(NEEDS.get(str(order), "json"), reason=f"{order} needs it")
    import_ahead(order.command.split()[0])


def test_every_command_is_killed_or_only_reads():
    pytest.importorskip("torch", reason="the trainer's modules need the extra `train`")
    killed, read = {order.command for order in ORDERS} | NOT_HERE.keys(), {each.command for each in READS}
    assert {entry.command for entry in WRITES} <= killed
    assert not killed & read
    assert killed | read == {name for app in list_programs() for name, _ in list_commands(load_app(app), app)}


@pytest.mark.parametrize("reading", [each for each in READS if each.command in QUICKLY_READ], ids=str)
def test_a_command_that_reads_writes_nothing(reading, inputs):
    import_ahead(reading.command.split()[0])
    assert check_reading(reading, inputs) == []


@pytest.mark.parametrize("order", QUICK, ids=str)
def test_a_killed_command_goes_on(order, inputs, tmp_path):
    needs(order)
    outcome = kill_order(order, inputs, tmp_path / "work", 2, 1)
    assert outcome.faults == [] and outcome.sent == 2


@pytest.mark.parametrize("title", ["itb build", "tools translate", "agents picture"])
def test_a_command_on_a_full_disk_goes_on(title, inputs, tmp_path):
    order = next(order for order in ORDERS if str(order) == title)
    needs(order)
    assert kill_order(order, inputs, tmp_path / "work", 3, 1, "full").faults == []


@pytest.mark.parametrize(
    ("title", "points"), [("agents merge", range(10, 34, 4)), ("agents run template", (16, 19, 29))]
)
def test_what_is_killed_while_it_makes_its_stores_goes_on(title, points, inputs, tmp_path):
    order, place = next(order for order in AGENTS if str(order) == title), tmp_path / "work"
    needs(order)
    order.begin(inputs, place)
    assert order.call(inputs, place).code == 0
    expected = snapshot(place)
    for point in points:
        order.begin(inputs, place)
        assert order.call(inputs, place, at=point).code == -9
        ended = order.call(inputs, place)
        assert ended.code == 0, f"{point}: {ended.printed}"
        assert snapshot(place) == expected, point


@pytest.mark.parametrize("order", [*AGENTS, *TOOLS, *ITB], ids=str)
def test_a_second_command_on_the_same_place_is_refused(order, inputs, tmp_path):
    needs(order)
    check_locked(order, inputs, tmp_path / "work")


def check_locked(order, inputs, place):
    """Another process holds what the command writes; it is told so in one sentence, and nothing changes."""
    order.begin(inputs, place)
    target = place / order.target
    if not target.suffix:
        target.mkdir(exist_ok=True)
    order.arguments(inputs, place)
    ready = place.parent / "ready"

    def work():
        with hold(target):
            ready.touch()
            time.sleep(60)

    holder = fork(work)
    try:
        while not ready.exists():
            time.sleep(0.01)
        before = snapshot(place)
        ended = order.call(inputs, place)
        assert ended.code == 1, ended
        errors = [line for line in ended.printed.splitlines() if line.startswith("error: ")]
        assert len(errors) == 1 and re.search(rf"another process \(pid {holder}\) works on it", errors[0]), (
            ended.printed
        )
        assert snapshot(place) == before
    finally:
        ready.unlink(missing_ok=True)
        os.kill(holder, 9)
        wait(holder)


def test_the_points_of_a_command_are_all_that_it_writes(tmp_path):
    """What counts points sees a file made, renamed and deleted, a folder, a link and a statement."""
    module = tmp_path / "seen.py"
    module.write_text(
        "import sqlite3\nfrom pathlib import Path\n"
        "from tools.terminal.cli import make_app\napp = make_app('x')\n"
        "@app.command()\ndef go(place: Path) -> None:\n"
        "    (place / 'f').write_text('')\n    (place / 'f').rename(place / 'g')\n    (place / 'g').unlink()\n"
        "    (place / 'd').mkdir()\n    (place / 'l').symlink_to('d')\n    (place / 'd').rmdir()\n"
        "    sqlite3.connect(place / 'x.sqlite').execute('CREATE TABLE t (x)')\n"
    )
    sys.path.insert(0, str(tmp_path))
    try:
        ended = call_forked("seen", (str(tmp_path),), tmp_path)
    finally:
        sys.path.remove(str(tmp_path))
    assert ended.code == 0, ended.printed
    assert ended.points == 7
