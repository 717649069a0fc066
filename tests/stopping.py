"""Interrupt a command in a process of its own, and see how it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
TOLD = "interrupted; the same command goes on where it stopped"


class Stopped(NamedTuple):
    """Exit code, seconds from the signal to the end, and what stood on stderr."""

    code: int
    seconds: float
    printed: str


def stop_command(
    module: str, arguments: list[object], is_ready: Callable[[], bool], number: signal.Signals, delay: float = 0.1
) -> Stopped:
    """`python -m MODULE ARGUMENTS`, sent a signal `delay` seconds after it is ready.

    Raises:
        AssertionError: it ended by itself, or is not ready within two minutes.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", module, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENAI_API_KEY": "none"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        end = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < end and not is_ready():
            time.sleep(0.01)
        time.sleep(delay)
        assert process.poll() is None and time.monotonic() < end + delay, process.communicate(timeout=1)[1]
        started = time.monotonic()
        process.send_signal(number)
        _, printed = process.communicate(timeout=30)
        return Stopped(process.returncode, time.monotonic() - started, printed)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
