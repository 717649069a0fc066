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
    module: str,
    arguments: list[object],
    is_ready: Callable[[], bool],
    *numbers: signal.Signals,
    delay: float = 0.1,
    is_deaf: bool = False,
) -> Stopped:
    """`python -m MODULE ARGUMENTS`, sent a signal `delay` seconds after it is ready, and what follows it at once.

    Args:
        is_deaf: SIGINT is ignored, as in what a shell has put into the background.

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
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN if is_deaf else signal.SIG_DFL),  # noqa: PLW1509
    )
    try:
        end = time.monotonic() + 120
        while process.poll() is None and time.monotonic() < end and not is_ready():
            time.sleep(0.01)
        time.sleep(delay)
        assert process.poll() is None and time.monotonic() < end + delay, process.communicate(timeout=1)[1]
        started = time.monotonic()
        for number in numbers:
            process.send_signal(number)
            time.sleep(0.1)
        _, printed = process.communicate(timeout=30)
        return Stopped(process.returncode, time.monotonic() - started, printed)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
