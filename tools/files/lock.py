"""The one lock: on a folder, or on a file. It dies with its process, so a killed command never blocks the next."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tools.errors import ToolkitError, UsageError

LOCK_FILE = ".lock"


def name_lock(path: Path) -> Path:
    """Where the lock of a folder (in it) or of a file (beside it) stands."""
    return path / LOCK_FILE if path.is_dir() else path.with_name(f".{path.name}.lock")


def is_lock(path: Path) -> bool:
    """Whether a file is one that `hold` made: it holds the number of a process, or nothing yet."""
    try:
        return path.is_file() and not path.is_symlink() and _read_owner(path.read_bytes()) is not None
    except OSError:
        return False


@contextmanager
def hold(path: Path, flag: str = "--out") -> Iterator[None]:
    """Keep other processes out of a folder or file until the end of the block.

    Args:
        path: a folder that is there, or a file that may not be there yet.
        flag: names `path` on the command line.

    Raises:
        ToolkitError: another process works there; the message says which.
        UsageError: the lock cannot be made, or its name is taken by a file of someone else.
    """
    place = name_lock(path)
    descriptor = _take(path, place, flag)
    try:
        yield
    finally:
        # Taken away while it is held: whoever opened it before sees that it is gone, and tries again.
        with suppress(OSError):
            place.unlink(missing_ok=True)
        os.close(descriptor)


def _take(path: Path, place: Path, flag: str) -> int:
    while True:
        descriptor = _open(path, place, flag)
        try:
            _lock(descriptor, path, place, flag)
            if _is_in_place(descriptor, place):
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, str(os.getpid()).encode(), 0)
                return descriptor
        except OSError as error:
            os.close(descriptor)
            raise UsageError(f"{flag} {path}: cannot be locked ({error}); name another") from error
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _open(path: Path, place: Path, flag: str) -> int:
    try:
        return os.open(place, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise UsageError(f"{flag} {path}: cannot be written ({error}); name another") from error


def _lock(descriptor: int, path: Path, place: Path, flag: str) -> None:
    owner = _read_owner(os.pread(descriptor, 64, 0))
    if owner is None:
        raise UsageError(f"{place}: is in the way of the lock of {path}; move it, or use another {flag}")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise ToolkitError(
            f"{path}: another process (pid {owner or 'unknown'}) works on it; wait for it, or use another {flag}"
        ) from error


def _read_owner(content: bytes) -> str | None:
    text = content.decode("ascii", "replace").strip()
    return text if not text or (text.isdecimal() and len(text) < 20) else None


def _is_in_place(descriptor: int, place: Path) -> bool:
    """False when the process that held it before has taken it away."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(place))
    except FileNotFoundError:
        return False
