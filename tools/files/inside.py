"""The one confinement of paths that stand in a file: they stay inside their folder, also through links.

join_inside(folder, name)      # the path, or a `PathFault` that says why not
"""

import os
import re
from pathlib import Path, PurePosixPath

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"[A-Za-z]:")
_USUAL = re.compile(r"\w[\w .-]*(?:/\w[\w .-]*)*")
"""Names that need no closer look: a benchmark has them by the hundred thousand."""


class PathFault(ValueError):
    """Why a path that stands in a file is not followed."""


def find_name_fault(name: str) -> str | None:
    """What is unsafe about a file name, None for one that stays inside its folder. Symbolic links are not followed."""
    if _CONTROL.search(name):
        return "has control characters"
    if "\\" in name:
        return "has a backslash"
    if name.startswith(("/", "~")) or _DRIVE.match(name):
        return "is absolute"
    if ".." in name.split("/"):
        return "leads out of its folder"
    if name.endswith("/") or not PurePosixPath(name).name:
        return "names no file"
    return None


def check_name(name: str) -> str:
    """A path as it may stand in a file, relative and going down only; Windows' separators become separators.

    Raises:
        PathFault: it is absolute, goes up, or names no file.
    """
    if _USUAL.fullmatch(name):
        return name
    plain = name.replace("\\", "/")
    fault = find_name_fault(plain)
    if fault is not None:
        raise PathFault(f"the path {name[:200]!r} {fault}; it must stay inside its folder")
    return plain


def join_inside(folder: Path, name: str) -> Path:
    """`folder / name`, for a name that stays inside, links included.

    Raises:
        PathFault: the name is unsafe, or a link on the way leads out of the folder or to itself.
    """
    path = folder / check_name(name)
    fault = find_link_fault(folder, path)
    if fault is not None:
        raise PathFault(f"the path {name[:200]!r} {fault}")
    return path


def find_link_fault(folder: Path, path: Path) -> str | None:
    """What is wrong with the links between a folder and a path below it; None when there are none, or they stay inside.

    That the folder itself is a link is no fault.
    """
    parts = path.relative_to(folder).parts
    steps = (folder.joinpath(*parts[: count + 1]) for count in range(len(parts)))
    if not any(map(os.path.islink, steps)):
        return None
    real = real_path(path)
    if any(map(os.path.islink, (real, *real.parents))):
        return "is a link that leads to itself; put the file in its place"
    if not real.is_relative_to(real_path(folder)):
        return "is a link that leads out of its folder; put the file in its place"
    return None


def real_path(path: Path) -> Path:
    """The path without links; a link that leads to itself stays one, where `Path.resolve` fails."""
    return Path(os.path.realpath(path))
