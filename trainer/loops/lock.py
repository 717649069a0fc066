"""One run at a time in an output folder; the lock dies with its process, so a killed run never blocks the next."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.errors import ToolkitError

FILE = ".lock"


@contextmanager
def hold(folder: Path, is_writer: bool) -> Iterator[None]:
    """Keep other runs out of `folder`. Of the processes of one run only the writer locks.

    Raises:
        ToolkitError: another process works there, or the folder cannot be made.
    """
    if not is_writer:
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / FILE).open("a+", encoding="utf-8")
    except OSError as error:
        raise ToolkitError(f"{folder}: cannot be written ({error}); choose another --output_dir") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            text = f"{folder}: another process (pid {owner}) trains into this folder"
            raise ToolkitError(f"{text}; wait for it, or choose another --output_dir") from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
