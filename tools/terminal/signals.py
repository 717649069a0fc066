"""How a command ends when it is interrupted: Ctrl-C and SIGTERM alike, with one exit code, within two seconds.

What a command writes is whole or not there at any moment, so nothing is lost when it is ended from without. It is asked
to end first, as Python does on Ctrl-C; what has not ended after `GRACE`, or at the second signal, is ended.
"""

import asyncio
import atexit
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

INTERRUPTED = 130
GRACE = 1.2
"""Seconds in which an interrupted command may end by itself."""
TIDYING = 0.2
TOLD = "interrupted; the same command goes on where it stopped"


class Interruption:
    """What this process knows of being interrupted; from the first signal on its time runs."""

    def __init__(self) -> None:
        self.is_begun = False
        self._is_asked = False
        self._is_told = False
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Let the time run, once."""
        with self._lock:
            if self.is_begun:
                return
            self.is_begun = True
        timer = threading.Timer(GRACE, self.end)
        timer.daemon = True
        timer.start()

    def take(self, number: int, frame: FrameType | None) -> None:
        """A signal, in the main thread: what works there is asked to end; at the second one it is ended.

        An event loop hears it through its tasks, and what those raise then is told to nobody: an exception in the midst
        of its own code would hit whatever happens to run there, and libraries tell that with a traceback.
        """
        if self._is_asked:
            self.end()
        self._is_asked = True
        self.begin()
        loop = asyncio._get_running_loop()
        if loop is None:
            raise KeyboardInterrupt
        loop.set_exception_handler(lambda *_: None)
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.call_soon_threadsafe(lambda: None)  # it may be asleep

    def leave(self) -> None:
        """The command has ended by itself. Python would now take libraries apart, for seconds where they are big."""
        self._is_told = True  # by whoever turns the exit code into words
        atexit.register(_finish)

    def end(self) -> None:
        """End this process and those that it started."""
        tidying = threading.Thread(target=_end_children, daemon=True)
        tidying.start()
        tidying.join(TIDYING)
        if not self._is_told:
            is_shown = sys.__stderr__ is not None and sys.__stderr__.isatty()
            text = f"\x1b[?25h\n{TOLD}\n" if is_shown else f"{TOLD}\n"  # a bar had hidden the cursor
            os.write(2, text.encode())
        os._exit(INTERRUPTED)


def _finish() -> None:
    """Before all that libraries have left to be done at the end."""
    _end_children()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(INTERRUPTED)


def _end_children() -> None:
    """What else this process started goes, and named semaphores are given back, about which Python would complain."""
    multiprocessing: Any = sys.modules.get("multiprocessing")
    for child in multiprocessing.active_children() if multiprocessing else ():
        child.kill()
    util: Any = sys.modules.get("multiprocessing.util")
    if util is not None:
        util._run_finalizers(0)


_answering: list[Interruption] = []
"""What answers signals now: of a process one at the most."""


@contextmanager
def answer_signals() -> Iterator[None]:
    """Within the block SIGTERM interrupts as Ctrl-C does, and an interrupted command ends within two seconds.

    Outside the main thread nothing is set up, as Python allows it there only.

    Raises:
        SystemExit: with code 130, whatever an interrupted command raised.
    """
    if threading.current_thread() is not threading.main_thread() or _answering:
        yield
        return
    interruption = Interruption()
    _answering.append(interruption)
    before = {signal.SIGTERM: signal.signal(signal.SIGTERM, interruption.take)}
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else ignored, or somebody else's
        before[signal.SIGINT] = signal.signal(signal.SIGINT, interruption.take)
    try:
        with _hear_at_once(interruption):
            yield
    except BaseException as error:
        if interruption.is_begun:
            interruption.leave()
        if interruption.is_begun or isinstance(error, KeyboardInterrupt):
            raise SystemExit(INTERRUPTED) from None
        raise
    finally:
        _answering.remove(interruption)
        for number, answer in before.items():
            signal.signal(number, answer)


@contextmanager
def _hear_at_once(interruption: Interruption) -> Iterator[None]:
    """A thread hears of signals even while the main one computes outside Python and can take none."""
    ear, mouth = os.pipe()
    os.set_blocking(mouth, False)
    before = signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
    threading.Thread(target=_listen, args=(ear, interruption), daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(mouth)


def _listen(ear: int, interruption: Interruption) -> None:
    with open(ear, "rb", buffering=0) as heard:
        while numbers := heard.read(64):
            if any(number in (signal.SIGINT, signal.SIGTERM) for number in numbers):
                interruption.begin()


def _forget() -> None:
    """A forked process answers signals as if nothing were set up, and tells its parent of none."""
    if _answering:
        _answering.clear()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)


os.register_at_fork(after_in_child=_forget)
