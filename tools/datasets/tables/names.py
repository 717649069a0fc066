"""What belongs to an image, found by its name as a file writes it: a path, a file name, or a name without ending."""

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

from tools.errors import UsageError

Value = TypeVar("Value")


class NameTable(Generic[Value]):
    """Rows by name.

    Args:
        rows: name as written in the file -> what belongs to it; forward slashes.
        source: the file, for messages.
        rejects: how many of the file's rows cannot be used, by reason.
    """

    def __init__(self, rows: Mapping[str, Value], source: Path, rejects: Mapping[str, int] | None = None) -> None:
        self._rows = {_tidy(name): value for name, value in rows.items()}
        self.source = source
        self.rejects = dict(rejects or {})
        self._short: dict[str, str] = {}
        self._doubled: set[str] = set()
        for name in self._rows:
            for short in {
                PurePosixPath(name).name,
                PurePosixPath(name).stem,
                PurePosixPath(name).with_suffix("").as_posix(),
            }:
                if self._short.setdefault(short, name) != name:
                    self._doubled.add(short)

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
            UsageError: only a name without its folder fits, and the file has two of it.
        """
        path = PurePosixPath(image)
        for name in (image, path.with_suffix("").as_posix(), path.name, path.stem):
            if name in self._rows:
                return name
            if name in self._doubled and name in (path.name, path.stem):
                problem = f"{self.source}: two rows are called {name} in different folders, and neither is {image}"
                raise UsageError(f"{problem}; write the path below the image folder")
            if name in self._short:
                return self._short[name]
        return None


def _tidy(name: str) -> str:
    return name.strip().replace("\\", "/").removeprefix("./")
