"""What belongs to an image, found by its name as a file writes it: a path, a file name, or a name without ending.

The one way in which names of files that others wrote are matched. Digits in a name are no id: another tool's
`yard.rf.bb2.jpg` is not image 2.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from tools.errors import UsageError

Value = TypeVar("Value")

_COCO_2014 = re.compile(r"COCO_(?:train|val|test)20\d\d_(?=\d{12}(?:\.|$))")
"""What COCO's names had before the splits of 2017, and have in much that was made from them."""
_ENDING = re.compile(r"\.(?:[A-Za-z]{1,5}|[Jj][Pp]2)$")


class _Parts(NamedTuple):
    """A name, taken apart: its folders from the last one on, the file's name with and without its ending."""

    folders: tuple[str, ...]
    full: str
    short: str


class NameIndex:
    """Finds names by other writings of them.

    Args:
        names: as a file writes them.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._parts = {name: _take_apart(name) for name in names}
        self._called: dict[str, list[str]] = defaultdict(list)
        for name, parts in self._parts.items():
            for called in {parts.full, parts.short} - {""}:
                self._called[called].append(name)

    def find(self, image: str) -> list[str]:
        """The names that fit an image best: none, one, or several that fit it alike.

        The file's name has to agree, but for its ending. Of several that do, those whose path is the end of the image's
        or the other way round, then those with more folders in common, then those with the same ending.
        """
        asked = _take_apart(image)
        fitting = {name for called in {asked.full, asked.short} for name in self._called.get(called, ())}
        rated = {name: _rate(asked, self._parts[name]) for name in sorted(fitting)}
        best = max(rated.values(), default=None)
        return [name for name, rating in rated.items() if rating == best]


def _take_apart(name: str) -> _Parts:
    *folders, file = (part for part in name.replace("\\", "/").split("/") if part != ".") if name else ("",)
    full = _COCO_2014.sub("", file, count=1)
    return _Parts(tuple(reversed(folders)), full, _ENDING.sub("", full) or full)


def _rate(one: _Parts, other: _Parts) -> tuple[int, int]:
    """Folders in common and one more, 0 where they are not each other's end; and how well the endings agree."""
    shared = min(len(one.folders), len(other.folders))
    is_end = one.folders[:shared] == other.folders[:shared]
    ending = 2 if one.full == other.full else int(one.full == other.short or one.short == other.full)
    return (shared + 1 if is_end else 0), ending


class NameTable(Generic[Value]):
    """Rows by name.

    Args:
        rows: name as written in the file -> what belongs to it.
        source: the file, for messages.
        rejects: how many of the file's rows cannot be used, by reason.
    """

    def __init__(self, rows: Mapping[str, Value], source: Path, rejects: Mapping[str, int] | None = None) -> None:
        self._rows = {_tidy(name): value for name, value in rows.items()}
        self._index = NameIndex(self._rows)
        self.source = source
        self.rejects = dict(rejects or {})

    def __len__(self) -> int:
        return len(self._rows)

    def values(self) -> Iterable[Value]:
        """What belongs to each name, in the order of the file."""
        return self._rows.values()

    def find(self, image: str) -> Value | None:
        """What belongs to an image, None where the file has nothing of it.

        Args:
            image: path below the dataset's folder, forward slashes.

        Raises:
            UsageError: see `find_name`.
        """
        name = self.find_name(image)
        return None if name is None else self._rows[name]

    def get(self, name: str) -> Value:
        """What belongs to a name that `find_name` gave."""
        return self._rows[name]

    def find_name(self, image: str) -> str | None:
        """The name under which the file has an image, None where it has nothing of it.

        Raises:
            UsageError: several of the file's names fit it alike.
        """
        if image in self._rows:
            return image
        found = self._index.find(image)
        if len(found) > 1:
            problem = f"{self.source}: two rows are called {found[0]} and {found[1]}, and either could be {image}"
            raise UsageError(f"{problem}; write the path below the image folder")
        return found[0] if found else None


def _tidy(name: str) -> str:
    return name.strip().replace("\\", "/").removeprefix("./")
