"""Single files that a command writes where it is told: not over something of another sort."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.errors import UsageError
from tools.files.atomic import clear_unfinished
from tools.files.lock import hold


def check_file(path: Path, is_own: Callable[[Path], bool], what: str, flag: str | None = "--out") -> None:
    """Whether a command may write a file; changes nothing.

    Args:
        is_own: whether a file that is there, and not empty, is one that the command could have written.
        what: the sort in a sentence, e.g. `a file of predictions`.
        flag: names the file on the command line; None where its place is fixed.

    Raises:
        UsageError: something else is there.
    """
    if os.path.lexists(path) and not (path.is_file() and (path.stat().st_size == 0 or is_own(path))):
        hint = f", or name another file with {flag}" if flag else ""
        raise UsageError(f"{path}: is there and is not {what}; move it{hint}")


def own_file(path: Path, is_own: Callable[[Path], bool], what: str, flag: str | None = "--out") -> None:
    """Refuse to replace a file that is not of this sort, see `check_file`; make the folder it goes to.

    Raises:
        UsageError: something else is there, or its folder cannot be made.
    """
    check_file(path, is_own, what, flag)
    make_parent(path)


@contextmanager
def hold_file(path: Path, is_own: Callable[[Path], bool], what: str, flag: str = "--out") -> Iterator[None]:
    """As `own_file`, and until the end of the block no other process writes it; what a killed one left goes.

    Raises:
        UsageError: as `own_file`.
        ToolkitError: another process writes it.
    """
    own_file(path, is_own, what, flag)
    with hold(path, flag):
        clear_unfinished(path)
        yield


def make_parent(path: Path) -> None:
    """Make the folder that a file goes to.

    Raises:
        UsageError: it cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error}); name another file") from error
