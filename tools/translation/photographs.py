"""Which photographs a command was given, each with the id that seeds its noise and names its image."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import Final

from tools.errors import UsageError
from tools.files.inside import real_path
from tools.ids import NamedImage, name_images, order_ids

ENDINGS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm", ".pgm", ".mpo"})
"""Of the files that are taken from a folder."""


def list_photographs(given: Iterable[Path], leave_out: Path | None = None) -> tuple[NamedImage, ...]:
    """The files given, and those of the folders given and of the folders below.

    The id of a file is its name without the ending, that of a file of a folder its path there: neither changes with
    what else is given.

    Args:
        given: files and folders; a file need not be there.
        leave_out: a folder that is passed over, such as that of the output.

    Raises:
        UsageError: two files have one id, or a folder holds no image.
    """
    found: list[tuple[Path, PurePath]] = []
    for path in given:
        if path.is_dir():
            inside = sorted(_walk(path, leave_out), key=lambda named: order_ids(named[1].as_posix()))
            if not inside:
                raise UsageError(f"{path}: no image in this folder; name photographs, or a folder that holds some")
            found += inside
        else:
            found.append((path, PurePath(path.name)))
    return name_images(found)


def _walk(folder: Path, leave_out: Path | None) -> Iterator[tuple[Path, PurePath]]:
    skipped = real_path(leave_out) if leave_out is not None else None
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = [name for name in folders if name[0] != "." and real_path(here / name) != skipped]
        for name in files:
            if name[0] != "." and PurePath(name).suffix.lower() in ENDINGS:
                yield here / name, (here / name).relative_to(folder)
