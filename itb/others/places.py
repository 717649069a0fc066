"""Where the images of a foreign benchmark lie: a path of its makers' disk, mapped to a folder of this one.

    --map 63-FLIR_ADAS/training/PreviewData=data/FLIR_ADAS_1_3/train/thermal_8_bit

What stands before `=` are one or more whole parts of the path, wherever they stand in it; what follows them is looked
for below the folder. Of several that fit the longest counts; without `=` a folder is tried for every path as it stands.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tools.errors import MissingError, UsageError
from tools.files.inside import PathFault, find_name_fault, join_inside

_UNSAFE = re.compile(r"[\x00-\x1f\x7f:\\]")


class Place(NamedTuple):
    """What a prefix is mapped to; an empty one takes every path."""

    parts: tuple[str, ...]
    folder: Path


def parse_places(texts: Sequence[str]) -> list[Place]:
    """The mappings, the longest prefix first.

    Raises:
        UsageError: another form.
        MissingError: a folder is not there.
    """
    found = []
    for text in texts:
        prefix, equals, folder = text.rpartition("=")
        if not folder or (equals and not prefix.strip("/")):
            raise UsageError(f"--map {text!r}: expected PREFIX=DIR, e.g. PreviewData=data/flir/thermal_8_bit, or DIR")
        if not Path(folder).is_dir():
            raise MissingError(f"--map {text}: there is no folder {folder}; name the one that holds the images")
        found.append(Place(tuple(part for part in prefix.split("/") if part), Path(folder)))
    return sorted(found, key=lambda place: -len(place.parts))


def find_file(name: str, root: Path, places: Sequence[Place]) -> Path | str:
    """The file of an image, or why there is none, without a path of this machine.

    Args:
        name: as the benchmark writes it.
        root: the benchmark's own folder, tried last.
    """
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    faults = []
    for folder, below in _list_candidates(parts, root, places):
        try:
            path = join_inside(folder, below)
        except PathFault as error:
            faults.append(str(error))
            continue
        if path.is_file():
            return path
    if faults:
        return faults[0]
    tail = "/".join(parts[-2:])
    return f"there is no file for {tail}; map its folder: --map {'/'.join(parts[-2:-1]) or 'PREFIX'}=DIR"


def _list_candidates(parts: Sequence[str], root: Path, places: Sequence[Place]) -> Iterator[tuple[Path, str]]:
    for place in places:
        size = len(place.parts)
        for start in range(len(parts) - size):
            if tuple(parts[start : start + size]) == place.parts:
                yield place.folder, "/".join(parts[start + size :])
                break
    yield root, "/".join(parts)


def name_file(name: str) -> str:
    """A benchmark's path as it may stand below a folder: relative, going down only, and the same on every machine."""
    parts = [_UNSAFE.sub("_", part) for part in name.replace("\\", "/").split("/")]
    made = "/".join("_" if part in ("..", "~") else part for part in parts if part not in ("", "."))
    fault = find_name_fault(made)
    if fault is not None:
        raise UsageError(f"the image path {name[:200]!r} {fault}; mend it in the benchmark's file")
    return made
