"""`python -m trainer` lists every training command, and needs none of their packages."""

import subprocess
import sys

from calling import call_here
from killing import ROOT


def test_every_training_command_is_listed_with_one_line():
    shown = call_here("trainer", columns=60)
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    rooms = (ROOT / "trainer" / room for room in ("commands", "output", "parts"))
    texts = [path for room in rooms for path in sorted(room.glob("*.py"))]
    there = [f"trainer.{path.stem}" for path in texts if "@app.command" in path.read_text(encoding="utf-8")]
    assert [line.split()[2] for line in lines] == there
    assert set(there) >= {"trainer.align", "trainer.sft", "trainer.preview", "trainer.export", "trainer.chat"}
    assert all(len(line.split()) > 5 and line.rstrip().endswith(".") for line in lines)


def test_the_listing_works_without_torch():
    code = "import sys; sys.modules.update(torch=None, transformers=None)\nfrom trainer.__main__ import app\napp([])"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stderr
    assert "python -m trainer.align" in shown.stdout


def test_a_listed_command_is_found_by_its_name():
    shown = call_here("trainer.align", "--help")
    assert shown.returncode == 0 and "--out" in shown.stdout
