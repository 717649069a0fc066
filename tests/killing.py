"""Run the program in a process of its own, kill it with SIGKILL, start it again, and compare what it wrote."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXPORTS = (
    "pairs.jsonl",
    "instructions.jsonl",
    "rejected.jsonl",
    "rules.jsonl",
    "manifest.json",
    "README.md",
    "report.html",
)


def start_run(arguments: Sequence[str], out: Path) -> subprocess.Popen[str]:
    """`python -m agents run ARGUMENTS --out OUT` in its own process group, so that its workers die with it."""
    command = [sys.executable, "-m", "agents", "run", *arguments, "--out", str(out)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def finish_run(arguments: Sequence[str], out: Path) -> None:
    """The same, to its end.

    Raises:
        RuntimeError: it did not end with exit code 0.
    """
    process = start_run(arguments, out)
    _, printed = process.communicate(timeout=600)
    if process.returncode != 0:
        raise RuntimeError(f"exit code {process.returncode}: {printed}")


def count_done(out: Path) -> int:
    """Images that are final, read beside the running process."""
    if not (out / "run.sqlite").is_file():
        return 0
    try:
        connection = sqlite3.connect(f"file:{out / 'run.sqlite'}?mode=ro", uri=True, timeout=1)
        try:
            return int(connection.execute("SELECT count(*) FROM results").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.OperationalError:
        return 0


def kill_run(arguments: Sequence[str], out: Path, after: int, delay_seconds: float) -> bool:
    """Start, wait until `after` images are final and a moment more, kill; False when it had ended by itself."""
    process = start_run(arguments, out)
    while count_done(out) < after and process.poll() is None:
        time.sleep(0.002)
    time.sleep(delay_seconds)
    was_running = process.poll() is None
    if was_running:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return was_running


def kill_often(arguments: Sequence[str], out: Path, images: int, kills: int, seed: int) -> int:
    """Kill `kills` times at random points of the run, then finish it; give the number of kills that hit."""
    generator = random.Random(seed)
    targets = sorted(generator.randrange(images + 1) for _ in range(kills))
    hits = sum(kill_run(arguments, out, target, generator.random() * 0.03) for target in targets)
    finish_run(arguments, out)
    return hits


def read_exports(out: Path) -> dict[str, bytes]:
    """Every exported file of a run, infrared images among them, by its path."""
    images = (path for path in (out / "images").rglob("*") if path.is_file())
    paths = [*(out / name for name in EXPORTS), *images]
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(paths)}
