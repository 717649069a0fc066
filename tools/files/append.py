"""The one way lines are added to a file that several processes write and that must lose none.

A line is on the disk when `append_line` returns. A process that dies while it writes leaves at most the beginning of
its own line; whoever writes next begins a new one, and readers pass over what cannot be read.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tools.errors import ToolkitError
from tools.files.atomic import explain_disk


def append_line(path: Path, line: str) -> None:
    """Add one line and wait until it is on the disk; other processes wait for their turn.

    Raises:
        ToolkitError: the disk is full or the file cannot be written; nothing of the line stays.
    """
    with explain_disk(path), _open(path) as descriptor:
        size = os.fstat(descriptor).st_size
        is_torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        content = (b"\n" if is_torn else b"") + line.encode() + b"\n"
        try:
            if os.write(descriptor, content) != len(content):
                raise ToolkitError(f"{path}: the disk took only a part of a line; make room, then do it again")
            os.fsync(descriptor)
        except BaseException:
            with suppress(OSError):
                os.ftruncate(descriptor, size)
            raise
        if size == 0:
            _keep_name(path.parent)


@contextmanager
def _open(path: Path) -> Iterator[int]:
    """The file, locked until the end of the block; a link in its place is not followed."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _keep_name(folder: Path) -> None:
    """A new file's name has to reach the disk too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
