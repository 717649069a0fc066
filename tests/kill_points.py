"""A command in a forked process that is killed at a chosen point of its writing, or at a moment.

A point is an opening of a file for writing, a rename, a deletion, a folder made, or a statement to a database, below
one folder: all that a command does to a disk begins at one of them.
"""

import errno
import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, NamedTuple

from calling import call_here

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
EVENTS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "os.truncate"}
FILLS = {"open", "os.mkdir", "os.symlink"}
"""What a full disk refuses."""
Ending = Literal["kill", "full"]


class Ended(NamedTuple):
    """How a command ended: its exit code or minus its signal, the points it passed, what it told."""

    code: int
    points: int
    printed: str


class _Watch:
    """Counts the points below a folder; from the chosen one on the disk is full, or there the process dies."""

    def __init__(self, root: Path, at: int | None, ending: Ending) -> None:
        self.count = 0
        self._root, self._at, self._ending = str(root), at, ending
        sys.addaudithook(self._hear)
        connect = sqlite3.connect

        def follow(database: Any, *arguments: Any, **more: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = connect(database, *arguments, **more)
            if self._root in str(database):
                connection.set_trace_callback(lambda _: self._step("statement"))
            return connection

        sqlite3.connect = follow  # type: ignore[assignment]

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            if not isinstance(arguments[2], int) or not arguments[2] & WRITES:
                return
        elif event not in EVENTS:
            return
        path = arguments[event == "os.symlink"]  # of a link the second is what is made
        if isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(self._root):
            self._step(event)

    def _step(self, event: str) -> None:
        self.count += 1
        if self._at is None or self.count < self._at:
            return
        if self._ending == "full":
            if event in FILLS:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        elif self.count == self._at:
            os.killpg(0, signal.SIGKILL)


def call_forked(
    module: str,
    arguments: tuple[str, ...],
    root: Path,
    *,
    at: int | None = None,
    ending: Ending = "kill",
    after: float | None = None,
    is_inside: bool = False,
) -> Ended:
    """`python -m MODULE ARGUMENTS` in a process of its own, which has what is imported here.

    Args:
        root: the folder that is written to.
        at: the point that ends it; None for none.
        ending: what happens there.
        after: seconds after which it is killed from outside.
        is_inside: that folder is where it is called.
    """
    reader, writer = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(reader)
        if is_inside:
            os.chdir(root)
            sys.path.insert(0, "")
        _work(lambda: _call(module, arguments, root, at, ending, writer))
    os.close(writer)
    if after is not None:
        _kill_later(child, after)
    with os.fdopen(reader, "rb") as pipe:
        points, _, printed = pipe.read().decode("utf-8", "replace").partition("\n")
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return Ended(code, int(points or 0), printed)


def _kill_later(child: int, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return
        time.sleep(0.001)
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:  # it has no group of its own yet
        os.kill(child, signal.SIGKILL)


def _work(work: Callable[[], int]) -> None:
    code = 70
    try:
        os.setsid()
        quiet = os.open(os.devnull, os.O_RDWR)
        for place in (1, 2):
            os.dup2(quiet, place)
        code = work()
    finally:
        os._exit(code)


def _call(module: str, arguments: tuple[str, ...], root: Path, at: int | None, ending: Ending, writer: int) -> int:
    watch = _Watch(root, at, ending)
    called = call_here(module, *arguments)
    count = watch.count
    os.write(writer, f"{count}\n{called.stdout}{called.stderr}".encode()[:60_000])
    return called.returncode


def snapshot(root: Path, ignored: tuple[str, ...] = ()) -> dict[str, Any]:
    """All that is below a folder: bytes of files, targets of links, rows of databases.

    Args:
        ignored: patterns of what hangs on the clock.
    """
    found: dict[str, Any] = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if any(fnmatchcase(name, pattern) for pattern in ignored):
            continue
        if path.is_symlink():
            found[name] = str(path.readlink())
        elif path.is_dir():
            found[name] = None
        else:
            found[name] = _dump(path) if path.suffix == ".sqlite" else path.read_bytes()
    return found


def _dump(path: Path) -> tuple[str, ...]:
    alone = "" if path.with_name(f"{path.name}-wal").exists() else "&immutable=1"  # else reading leaves files
    connection = sqlite3.connect(f"file:{path}?mode=ro{alone}", uri=True)
    try:
        return tuple(sorted(connection.iterdump()))
    finally:
        connection.close()
