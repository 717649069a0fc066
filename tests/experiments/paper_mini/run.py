"""Runs cells, several at a time, each once: killed and started again, the experiment goes on where it was."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from paper_mini.cells import Cell
from tools.errors import ToolkitError, UsageError
from tools.files import explain_disk, make_parent, write_text
from tools.terminal.bars import make_bar
from tools.terminal.cli import stderr

POLL_SECONDS = 0.2
TAIL_LINES = 15
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "COLUMNS": "120"}


@dataclass
class Running:
    """A cell whose command is under way."""

    cell: Cell
    process: "subprocess.Popen[bytes]"
    began: float


def run_cells(cells: Sequence[Cell], out: Path, jobs: int) -> None:
    """Run what is not done yet; a cell is done when its mark, `marks/<name>.json`, is there.

    Raises:
        UsageError: a mark was left by another command: `out` holds an experiment of other settings.
        ToolkitError: a command failed; its last lines are told, and what is done stays done.
    """
    done = {cell.name for cell in cells if _is_done(cell, out)}
    running: list[Running] = []
    with make_bar("cell") as bar:
        task = bar.add_task("paper-mini", total=len(cells), completed=len(done), cell="")
        try:
            while len(done) < len(cells):
                _start(cells, done, running, out, jobs)
                for entry in [each for each in running if _has_ended(each, out)]:
                    running.remove(entry)
                    done.add(entry.cell.name)
                bar.update(task, completed=len(done), cell=", ".join(entry.cell.name for entry in running))
                time.sleep(POLL_SECONDS if running else 0)
        finally:
            for entry in running:
                entry.process.terminate()


def _start(cells: Sequence[Cell], done: set[str], running: list[Running], out: Path, jobs: int) -> None:
    """Start cells whose needs are met, in their order, until all jobs are taken; hand-overs are done at once."""
    under_way = {entry.cell.name for entry in running}
    for cell in cells:
        if cell.name in done or cell.name in under_way or not done.issuperset(cell.needs):
            continue
        if cell.make is not None:
            began = time.monotonic()
            cell.make()
            _mark(cell, out, time.monotonic() - began, 0.0)
            done.add(cell.name)
        elif len(running) < jobs:
            running.append(_launch(cell, out))


def _launch(cell: Cell, out: Path) -> Running:
    log = out / f"logs/{cell.name}.txt"
    make_parent(log)
    with explain_disk(log), log.open("ab") as sink:
        process = subprocess.Popen(
            [*_die_together(), *(cell.command or ())], stdout=sink, stderr=sink, stdin=subprocess.DEVNULL,
            env={**os.environ, **ENVIRONMENT},
        )  # fmt: skip
    return Running(cell, process, time.monotonic())


def _die_together() -> list[str]:
    """Prefix of a command that ends it when this process dies (Linux), so that nobody writes to a killed experiment."""
    return ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []


def _has_ended(entry: Running, out: Path) -> bool:
    pid, status, usage = os.wait4(entry.process.pid, os.WNOHANG)
    if not pid:
        return False
    entry.process.returncode = os.waitstatus_to_exitcode(status)
    if entry.process.returncode:
        tail = (out / f"logs/{entry.cell.name}.txt").read_text(errors="replace").splitlines()[-TAIL_LINES:]
        stderr.print("\n".join(tail), markup=False, soft_wrap=True)
        raise ToolkitError(
            f"{entry.cell.name}: ended with exit code {entry.process.returncode}; all it said is in "
            f"{out}/logs/{entry.cell.name}.txt. The same command goes on with what is left"
        )
    _mark(entry.cell, out, time.monotonic() - entry.began, usage.ru_utime + usage.ru_stime)
    return True


def _mark(cell: Cell, out: Path, seconds: float, cpu_seconds: float) -> None:
    path = out / f"marks/{cell.name}.json"
    make_parent(path)
    made = {"command": _describe(cell, out), "seconds": round(seconds, 2), "cpu_seconds": round(cpu_seconds, 2)}
    write_text(path, json.dumps(made) + "\n")


def _is_done(cell: Cell, out: Path) -> bool:
    path = out / f"marks/{cell.name}.json"
    if not path.is_file():
        return False
    found = json.loads(path.read_text(encoding="utf-8"))["command"]
    if found != _describe(cell, out):
        raise UsageError(f"{out}: {cell.name} was made with other settings; use another --out, or delete this folder")
    return True


def _describe(cell: Cell, out: Path) -> list[str]:
    """The command without the interpreter and without where the experiment stands."""
    return [part.replace(str(out), "OUT") for part in (cell.command or ("", "hand-over"))[1:]]


def read_costs(out: Path) -> dict[str, float]:
    """CPU seconds of every cell that is done, by name."""
    root = out / "marks"
    return {
        path.relative_to(root).with_suffix("").as_posix(): json.loads(path.read_text(encoding="utf-8"))["cpu_seconds"]
        for path in sorted(root.rglob("*.json"))
    }
