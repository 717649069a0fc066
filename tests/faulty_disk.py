"""A disk that refuses the n-th thing that is written below a folder: a file, a folder, a rename, a statement of SQLite.

with FaultyDisk(folder, errno.ENOSPC, at=3) as disk: ...      # disk.count says how many there were
"""

import builtins
import contextlib
import errno
import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

READS = ("SELECT", "PRAGMA")
TEXTS = {errno.ENOSPC: "database or disk is full", errno.EACCES: "attempt to write a readonly database"}


class FaultyDisk:
    """What is written below `folder` is counted, and the one with the number `at` is refused."""

    def __init__(self, folder: Path, code: int, at: int = 0) -> None:
        self.folder = os.path.realpath(folder)
        self.code = code
        self.at = at
        self.count = 0
        self.refused = ""

    def owns(self, path: object) -> bool:
        try:
            name = os.path.realpath(os.fspath(path))  # type: ignore[call-overload]
        except TypeError:
            return False
        return str(name).startswith(self.folder)

    def tick(self, what: str) -> bool:
        self.count += 1
        if self.count == self.at:
            self.refused = what
        return self.count == self.at

    def refuse(self, path: object) -> OSError:
        return OSError(self.code, os.strerror(self.code), str(path))

    def open(self, real: Callable[..., Any], path: object, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        """A full disk takes the name of a file, and refuses its bytes; a folder without rights refuses both."""
        if not set(mode) & set("wax+") or not self.owns(path) or not self.tick(f"open {path}"):
            return real(path, mode, *args, **kwargs)
        if self.code != errno.ENOSPC:
            raise self.refuse(path)
        raw = _Full(os.fspath(path), mode.replace("b", "").replace("t", ""))  # type: ignore[call-overload]
        raw.disk = self
        buffered = io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding="utf-8")

    def wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any, *args: Any, **kwargs: Any) -> Any:
            changes = not Path(path).is_dir() if name == "mkdir" else name != "open" or args[0] & os.O_CREAT
            if changes and self.owns(path) and self.tick(f"{name} {path}"):
                raise self.refuse(path)
            return real(path, *args, **kwargs)

        return call

    def __enter__(self) -> "FaultyDisk":
        self._stack = contextlib.ExitStack()
        real = builtins.open
        opened = lambda path, *args, **kwargs: self.open(real, path, *args, **kwargs)  # noqa: E731
        patches = [mock.patch.object(builtins, "open", opened), mock.patch.object(io, "open", opened)]
        patches += [
            mock.patch.object(os, name, self.wrap(name, getattr(os, name)))
            for name in ("mkdir", "open", "replace", "symlink")
        ]
        connect, disk = sqlite3.connect, self
        patches.append(
            mock.patch.object(
                sqlite3,
                "connect",
                lambda path, *args, **kwargs: (
                    connect(path, *args, factory=_make_connection(disk), **kwargs)
                    if disk.owns(path)
                    else connect(path, *args, **kwargs)
                ),
            )
        )
        for patch in patches:
            self._stack.enter_context(patch)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


class _Full(io.FileIO):
    disk: FaultyDisk

    def write(self, data: Any) -> int:
        raise self.disk.refuse(self.name)

    def fileno(self) -> int:
        """None that bytes could be copied to behind Python's back (`shutil.copyfile`)."""
        raise io.UnsupportedOperation("fileno")


def _make_connection(disk: FaultyDisk) -> type[sqlite3.Connection]:
    class Connection(sqlite3.Connection):
        def execute(self, statement: str, *args: Any) -> sqlite3.Cursor:
            _check(statement)
            return super().execute(statement, *args)

        def executemany(self, statement: str, *args: Any) -> sqlite3.Cursor:
            _check(statement)
            return super().executemany(statement, *args)

        def executescript(self, statement: str) -> sqlite3.Cursor:
            _check(statement)
            return super().executescript(statement)

    def _check(statement: str) -> None:
        if not statement.startswith(READS) and disk.tick(statement[:40]):
            raise sqlite3.OperationalError(TEXTS[disk.code])

    return Connection


def choose_numbers(count: int) -> Iterator[tuple[int, int]]:
    """Which writes are refused, and how: the first ones, one in the middle, the last ones."""
    numbers = sorted({1, 2, count // 2, count - 1, count} & set(range(1, count + 1)))
    codes = (errno.ENOSPC, errno.EACCES)
    return ((number, codes[place % 2]) for place, number in enumerate(numbers))
