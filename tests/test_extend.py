"""docs/extend.md, run from the page itself: its files and commands in order, and what it says one sees."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from kill_points import call_forked
from killing import ROOT
from pages import list_steps, read_page
from writing_commands import import_ahead

from tools.commands.seams import render_markdown
from tools.registry import SEAMS

CHECKOUT = ("agents", "itb", "prompts", "tests", "tools", "trainer")
FEWEST_WORDINGS = "at least four wordings"
PAGE = read_page("extend.md")


def flatten(text: str) -> str:
    """Without the lines of tables and without runs of blanks."""
    return " ".join(re.sub(r"[^\x00-\x7f]", " ", text).split())


def run(line: str, root: Path) -> str:
    """What a command says, in a folder that looks like the root of the checkout.

    A module of ours in a forked process: what a plugin adds ends with it, and nothing is imported anew.
    """
    program, *words = shlex.split(line)
    if (program, words[0]) == ("python", "-m"):
        ended = call_forked(words[1], tuple(words[2:]), root, is_inside=True)
        assert ended.code == 0, f"{line}\n{ended.printed}"
        return ended.printed
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, "COLUMNS": "200", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(shlex.split(line), cwd=root, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def test_every_walkthrough_of_the_page_runs_and_shows_what_it_says(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    for program in ("agents", "tools", "itb", "trainer"):
        import_ahead(program)
    for name in CHECKOUT:
        (tmp_path / name).symlink_to(ROOT / name)
    printed, commands = "", 0
    for step in list_steps(PAGE):
        if step.kind == "file":
            assert step.path.startswith("mine/")
            (tmp_path / step.path).parent.mkdir(exist_ok=True)
            (tmp_path / step.path).write_text(step.text, encoding="utf-8")
        elif step.kind == "commands":
            lines = [line for line in step.text.splitlines() if line]
            printed = "\n".join(run(line, tmp_path) for line in lines)
            commands += len(lines)
        else:
            unseen = [line for line in step.text.splitlines() if flatten(line) not in flatten(printed)]
            assert unseen == [], printed
    assert commands >= 14


def test_the_tables_of_the_page_are_those_of_the_command() -> None:
    printed = PAGE.partition("<!-- seams: begin -->")[2].partition("<!-- seams: end -->")[0]
    assert printed.strip() == render_markdown().strip()
    assert all(f"### {seam.name}\n" in printed for seam in SEAMS.values())
    command = [sys.executable, "-m", "tools", "seams", "--markdown"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == printed.strip()


def test_what_the_page_says_of_contracts_is_so() -> None:
    from itb.tasks.base.draft import Candidate, Draft
    from itb.tasks.base.task import Task
    from itb.tasks.base.wording_file import FEWEST
    from tools.datasets import AnnotatedBox, AnnotatedImage, Facts
    from tools.datasets.reading import Row
    from tools.registry import Entry

    assert FEWEST_WORDINGS in PAGE and FEWEST == 4
    fields = {
        name
        for record in (AnnotatedBox, AnnotatedImage, Row, Task, Entry)
        for name in record.__dataclass_fields__
        if name not in ("about", "load")  # of an entry: given by their place
    }
    fields |= {*Candidate._fields, *Draft._fields, *Facts.model_fields}
    assert {name for name in fields if not re.search(rf"\b{name}\b", PAGE)} == set()
