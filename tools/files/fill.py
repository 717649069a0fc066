"""A folder of files that belong together, e.g. a model: written out of sight, then moved into place."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.files.atomic import explain_disk
from tools.files.clear import clear_files
from tools.files.owned import Claim, own_folder

STAGED = ".writing"


def is_filled(folder: Path, claim: Claim, last: str = "config.json") -> bool:
    """Whether an earlier command filled the folder to its end; what it left, killed behind that, is tidied away.

    Raises:
        UsageError, ToolkitError: as `fill_folder`.
    """
    if not (folder / last).is_file() or (folder / STAGED).exists():
        return False
    with own_folder(folder, claim):
        return True


@contextmanager
def fill_folder(folder: Path, claim: Claim, last: str = "config.json") -> Iterator[Path]:
    """A folder to write into whose files are moved to `folder` at the end; what an earlier command left goes.

    Files of someone else stay. Until the end `folder` holds what it held before.

    Args:
        last: name of the file without which the folder counts for nothing: moved after all others.

    Raises:
        UsageError: `folder` is not this command's, or a file of someone else stands in the way.
        ToolkitError: another process works there, or the disk is full.
    """
    with own_folder(folder, claim) as owned:
        staged = folder / STAGED
        shutil.rmtree(staged, ignore_errors=True)
        try:
            with explain_disk(staged):
                staged.mkdir()
            yield staged
            found = (path.relative_to(staged).as_posix() for path in staged.rglob("*") if path.is_file())
            names = sorted(found, key=lambda name: (name.rpartition("/")[2] == last, name))
            before = owned.files
            owned.add(*names)
            clear_files(folder, before - set(names))
            _move(staged, folder, names)
            owned.set_files(names)
        finally:
            shutil.rmtree(staged, ignore_errors=True)


def _move(staged: Path, folder: Path, names: list[str]) -> None:
    for name in names:
        with explain_disk(folder / name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (staged / name).replace(folder / name)
