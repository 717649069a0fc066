"""What `--fresh` deletes: files that are listed, then the folders that stand empty. Nothing else."""

import os
from collections.abc import Collection, Iterable
from pathlib import Path

from tools.errors import UsageError
from tools.files.atomic import UNFINISHED, explain_disk
from tools.files.inside import real_path
from tools.files.marker import MARKER_FILE


def clear_files(folder: Path, files: Iterable[str]) -> None:
    """Delete the files of a folder that are listed, in this order, and the folders below it that are empty then.

    Args:
        files: paths relative to the folder; those that are not there are passed over.

    Raises:
        UsageError: a path leads out of the folder; nothing is deleted then.
        ToolkitError: a file cannot be deleted.
    """
    listed = list(dict.fromkeys(files))
    for name in listed:
        _refuse_outside(folder, name)
    parents: set[Path] = set()
    for name in listed:
        path = folder / name
        if path.is_dir() and not path.is_symlink():
            continue
        with explain_disk(path):
            path.unlink(missing_ok=True)
        parents.update(folder / parent for parent in Path(name).parents if parent.parts)
    for parent in sorted(parents, key=lambda path: len(path.parts), reverse=True):
        _remove_if_empty(parent)


def _refuse_outside(folder: Path, name: str) -> None:
    parts = Path(name).parts
    real = real_path((folder / name).parent)
    if not parts or Path(name).is_absolute() or ".." in parts or not real.is_relative_to(real_path(folder)):
        raise UsageError(f"{folder}: lists {name!r}, which is not in this folder; nothing was deleted")


def _remove_if_empty(folder: Path) -> None:
    """Leftovers of killed writes do not count: their files were listed, or they could not be finished."""
    if folder.is_symlink() or not folder.is_dir():
        return
    rest = list(folder.iterdir())
    if all(UNFINISHED.fullmatch(path.name) or path.name == MARKER_FILE for path in rest):
        for path in rest:
            path.unlink(missing_ok=True)
        folder.rmdir()


def list_strangers(folder: Path, files: Collection[str]) -> list[str]:
    """Files below a folder, relative to it, that are neither listed nor its marker nor left by a killed write."""
    found = (Path(parent, name) for parent, _, names in os.walk(folder) for name in names)
    relative = (path.relative_to(folder).as_posix() for path in found)
    return sorted(
        name
        for name in relative
        if name not in files and name != MARKER_FILE and not UNFINISHED.fullmatch(name.rpartition("/")[2])
    )
