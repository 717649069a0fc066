"""The one way files are written: beside their place under a name of their own, then renamed.

Readers see the old file or the whole new one. A link that stands in the file's place is replaced, not written through.
"""

import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from tools.errors import ToolkitError
from tools.files.faults import find_remedy

UNFINISHED = re.compile(r"\.(?P<name>.+)\.\d+-\d+\.tmp", re.DOTALL)
"""Name of a file that is being written, or that a killed process left."""


ABANDONED = 3600
"""Seconds after which nobody goes on with an unfinished file."""


def name_unfinished(path: Path) -> Path:
    """Where `path` is written before it is whole: no other thread or process uses this name at the same time."""
    return path.with_name(f".{path.name}.{os.getpid()}-{threading.get_native_id()}.tmp")


def list_unfinished(folder: Path, *, is_deep: bool = False) -> list[Path]:
    """What killed processes left in a folder, or also below it."""
    found = folder.rglob(".*.tmp") if is_deep else folder.glob(".*.tmp")
    return sorted(path for path in found if UNFINISHED.fullmatch(path.name))


def clear_unfinished(path: Path) -> None:
    """Delete what killed processes left of one file; whoever calls keeps others from writing it."""
    for left in list_unfinished(path.parent):
        found = UNFINISHED.fullmatch(left.name)
        if found and found["name"] == path.name:
            left.unlink(missing_ok=True)


def clear_abandoned(folder: Path) -> None:
    """Delete what killed processes left below a folder that many may fill at once, on other machines too."""
    for left in list_unfinished(folder, is_deep=True):
        with suppress(FileNotFoundError):
            if time.time() - left.lstat().st_mtime > ABANDONED:
                left.unlink()


@contextmanager
def stage_file(path: Path) -> Iterator[Path]:
    """A path to write to; what stands there at the end takes the place of `path`.

    Raises:
        OSError: as it comes; nothing is left behind.
    """
    temporary = name_unfinished(path)
    temporary.unlink(missing_ok=True)  # of a dead process with our number; a link there is not followed
    try:
        yield temporary
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def explain_disk(path: Path) -> Iterator[None]:
    """Turn what a disk can refuse into one sentence.

    Raises:
        ToolkitError: `path` cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise ToolkitError(f"{path}: cannot be written ({error}); {find_remedy(error)}") from error


@contextmanager
def replace_file(path: Path) -> Iterator[IO[bytes]]:
    """An open file that takes the place of `path` once it is whole.

    Raises:
        ToolkitError: the disk is full or the folder cannot be written.
    """
    with explain_disk(path), stage_file(path) as temporary, temporary.open("xb") as file:
        yield file


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        ToolkitError: the disk is full or the folder cannot be written.
    """
    with replace_file(path) as file:
        file.write(content)


def write_text(path: Path, text: str, errors: str = "strict") -> None:
    """Write a text as UTF-8, line ends as they are; `errors` says what becomes of unpaired surrogates.

    Raises:
        ToolkitError: the disk is full or the folder cannot be written.
    """
    write_bytes(path, text.encode("utf-8", errors))


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write texts one after another, as UTF-8, without holding them all; they bring their own line ends.

    Raises:
        ToolkitError: the disk is full or the folder cannot be written.
    """
    with replace_file(path) as file:
        for line in lines:
            file.write(line.encode())


def write_with(path: Path, write: Callable[[Path], object]) -> None:
    """Let a library write a file: it is given the path of an unfinished one.

    Raises:
        ToolkitError: the disk is full or the folder cannot be written.
    """
    with explain_disk(path), stage_file(path) as temporary:
        write(temporary)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file's bytes.

    Raises:
        ToolkitError: the disk is full or the folder cannot be written.
    """
    write_with(target, lambda temporary: shutil.copyfile(source, temporary))
