"""Links that would lead a command's writing out of its folder."""

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from tools.errors import UsageError
from tools.files.inside import real_path


def refuse_links(folder: Path, places: Iterable[str], flag: str) -> None:
    """Refuse a folder in which a link stands where its command writes, and leads out of it.

    Links to single files below the first level are no danger: files are replaced, not written through.

    Args:
        places: names in the folder that its command writes, as patterns.
        flag: names the folder on the command line.

    Raises:
        UsageError: names the link.
    """
    wanted, root = tuple(places), real_path(folder)
    for path in _list_links(folder, wanted):
        if not real_path(path).is_relative_to(root):
            raise UsageError(
                f"{path}: is a link that leads out of {folder}, and nothing is written through it; "
                f"put a file or folder in its place, or use another {flag}"
            )


def _list_links(folder: Path, places: tuple[str, ...]) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        mine = [entry for entry in entries if any(fnmatchcase(entry.name, place) for place in places)]
    for entry in mine:
        if entry.is_symlink():
            yield Path(entry.path)
        elif entry.is_dir():
            for parent, folders, _ in os.walk(entry.path):
                yield from (path for name in folders if (path := Path(parent, name)).is_symlink())
