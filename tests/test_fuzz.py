"""A slice of tests/benchmarks/fuzz.py: a few changed inputs of every kind, and each command on its input as it is."""

import os
import random
import subprocess
import sys

import pytest
from fuzzing.kinds import KINDS
from fuzzing.values import mutate_value
from fuzzing.watching import make_box, watch
from fuzzing.written import write_json
from killing import ROOT

EACH = 5
SEED = 0


def test_a_slice_of_every_kind_fails_nothing(tmp_path):
    pytest.importorskip("trl", reason="needs the extra train")
    script = ROOT / "tests" / "benchmarks" / "fuzz.py"
    flags = ("--inputs", str(EACH * len(KINDS)), "--whole", "2", "--seed", str(SEED), "--processes", "1")
    ended = subprocess.run(
        [sys.executable, str(script), *flags, "--out", str(tmp_path / "failures")],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-6000:] + ended.stderr[-2000:]
    assert ended.stdout.count("\n") >= len(KINDS)


def test_the_same_seed_makes_the_same_change():
    data = {"images": [{"id": 1, "file_name": "a.jpg"}], "info": {}}
    made = [[write_json(mutate_value(data, random.Random(f"x {k}"))) for k in range(200)] for _ in range(2)]
    assert made[0] == made[1]
    assert len(set(made[0])) > 100


@pytest.mark.parametrize(
    ("command", "what"),
    [
        (("toucher",), "touched"),
        (("climber",), "touched"),
        (("faulty",), "traceback"),
        (("odd",), "code"),
        (("right",), ""),
    ],
)
def test_what_is_wrong_is_seen(tmp_path, command, what, monkeypatch):
    """A watch that sees nothing would find nothing either."""
    (tmp_path / "seed").mkdir()
    (tmp_path / "seed" / "a.txt").write_text("a")
    said = {
        "toucher": "open('in/a.txt', 'w').write('b')",
        "climber": "open('../../y.jpg', 'w').write('b')",
        "faulty": "[][0]",
        "odd": "raise SystemExit(77)",
        "right": "import pathlib; pathlib.Path('out').mkdir(); open('out/a', 'w')",
    }[command[0]]
    (tmp_path / f"{command[0]}.py").write_text(said)
    monkeypatch.setattr("fuzzing.watching.ROOT", tmp_path)
    outcome = watch(make_box(tmp_path / "work", tmp_path / "seed"), command, ("out",), is_whole=True)
    assert outcome.failed == bool(what)
    assert bool(outcome.touched) == (what == "touched")
    assert outcome.has_traceback == (what == "traceback")
    assert outcome.is_illegal == (what == "code")
