"""The one check that a folder of images is the right one: when none of the first can be read, nothing is begun.

    check_first_images("--images", folder, paths)    # MissingError when none of the first 20 can be read

One image that is missing among others is a reject of its own; a wrong folder would make a reject of every image.
"""

import heapq
import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tools.datasets.records import Annotated, DatasetReject
from tools.errors import MissingError, RejectError
from tools.images import load_rgb
from tools.thermal import is_data_file, read_thermal

FIRST = 20
FOLDERS_AT_MOST = 1000
IMAGE_CODES = frozenset({"missing_image", "unreadable_image"})
"""Codes of a dataset's rejects that are about the image's file."""


class FirstImages:
    """Hears what becomes of a command's images, one by one, and stops the command when none of the first is good.

    Args:
        what: how the user named the folder, e.g. `--images`.
        root: the folder.
        remedy: what to do where the images are not found nearby.
    """

    def __init__(self, what: str, root: Path, remedy: str = "name the folder that the images are in") -> None:
        self._what, self._root, self._remedy = what, root, remedy
        self._faults: list[tuple[Path, str, str]] = []
        self._is_over = False

    def hear_good(self) -> None:
        """One image is good, so the folder is the right one; nothing is looked at any more."""
        self._is_over = True

    def hear_fault(self, path: Path, code: str, reason: str) -> None:
        """One image is missing or cannot be read.

        Raises:
            MissingError: so it was with all of the first.
        """
        if not self._is_over:
            self._faults.append((path, code, reason))
            if len(self._faults) >= FIRST:
                self.close()

    def close(self) -> None:
        """There are no more images.

        Raises:
            MissingError: none of them is good.
        """
        if self._faults and not self._is_over:
            raise MissingError(self._explain())

    def _explain(self) -> str:
        path, _, reason = self._faults[0]
        count = len(self._faults)
        codes = ", ".join(f"{number} {code}" for code, number in Counter(code for _, code, _ in self._faults).items())
        problem = (
            "the image cannot be read" if count == 1 else f"none of the first {count} images can be read ({codes})"
        )
        where = f"{self._what} {self._root}" if self._root != path else self._what
        hint = find_nearby(self._root, path) if not path.exists() else ""
        return f"{where}: {problem}{', e.g.' if count > 1 else ':'} {path}: {reason}; {hint or self._remedy}"


def check_first_images(
    what: str, root: Path, paths: Iterable[Path], remedy: str = "", read: Callable[[Path], object] | None = None
) -> None:
    """Whether any of the first images can be read: all are looked at where there are fewer than `FIRST`.

    Args:
        paths: the files as they will be looked for, in the order of the command's work.
        read: how the command reads a file, where that is not as any image; raises `RejectError`.

    The others as those of `FirstImages`.

    Raises:
        MissingError: none of them; names the folder, a file that was looked for, and where it lies if it is nearby.
    """
    first = FirstImages(what, root, remedy) if remedy else FirstImages(what, root)
    for path in itertools.islice(paths, FIRST):
        try:
            (read or _read)(path)
        except RejectError as error:
            first.hear_fault(path, error.code, str(error).removeprefix(f"{path}: ").split(";")[0])
        else:
            first.hear_good()
            return
    first.close()


def _read(path: Path) -> None:
    read_thermal(path) if is_data_file(path) else load_rgb(path)


def watch_first_images(what: str, root: Path, stream: Iterable[Annotated]) -> Iterator[Annotated]:
    """A dataset's records as they come, until it shows that none of its first images can be read.

    Raises:
        MissingError: so it is.
    """
    first = FirstImages(what, root, "check that the folder holds the images beside their annotations")
    for entry in stream:
        if not isinstance(entry, DatasetReject):
            first.hear_good()
        elif entry.code in IMAGE_CODES:
            first.hear_fault(root / entry.where, entry.code, entry.why)
        yield entry
    first.close()


def find_nearby(root: Path, path: Path) -> str:
    """Where a file lies that was looked for below `root`: one folder deeper, or one higher; else what `root` holds."""
    if not path.is_relative_to(root) or path == root:
        return ""
    name = path.relative_to(root)
    if not root.is_dir():
        return f"there is no folder {root}"
    for folder in (*_list_folders(root), root.parent):
        if (folder / name).is_file():
            place = "higher" if folder == root.parent else "deeper"
            return f"the file lies one folder {place}: name {folder}"
    if len(name.parts) > 1 and (root / name.name).is_file():
        return f"{name.name} lies in {root} itself, but is named {name}: move the images to {(root / name).parent}"
    held = heapq.nsmallest(3, (entry.name for entry in root.iterdir()))
    shown = ", ".join(held) + (", ..." if len(held) == 3 else "") if held else "nothing"
    return f"{root} holds {shown}; name the folder that the images are in"


def _list_folders(root: Path) -> list[Path]:
    with os.scandir(root) as entries:
        found = itertools.islice((Path(entry.path) for entry in entries if entry.is_dir()), FOLDERS_AT_MOST)
        return sorted(found)
