"""Finding images in the index: a page of positions, and how many there are."""

import re
import sqlite3
import threading
from pathlib import Path
from typing import Any, NamedTuple

from agents.studio.index.filters import Filters
from tools.files.database import connect, explained

WORD = re.compile(r"\w+")
ASCENDING = {"score"}


class Found(NamedTuple):
    """One page of what was found."""

    positions: tuple[int, ...]
    total: int


class Index:
    """An index that is read while it may still grow.

    Args:
        path: its file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()

    def _query(self, statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
        if not hasattr(self._own, "db"):
            with explained(self._path):
                self._own.db = connect(self._path)
        database: sqlite3.Connection = self._own.db
        with explained(self._path):
            return database.execute(statement, values).fetchall()

    def count(self) -> int:
        """How many images are in it by now."""
        return int(self._query("SELECT count(*) FROM images")[0][0])

    def read_counts(self, name: str, most: int = -1) -> dict[str, int]:
        """How many images have each value of a tag; of `used` captions, of `since` the first position.

        Args:
            most: values, those with the greatest numbers; all of them where it is negative.
        """
        query = "SELECT value, number FROM counts WHERE name = ? ORDER BY number DESC, value LIMIT ?"
        return dict(sorted(self._query(query, (name, most))))

    def find(self, filters: Filters, page: int, size: int) -> Found:
        """A page of the images that all filters let through, pages counted from 1."""
        source, values = _write_source(filters)
        (total,) = self._query(f"SELECT count(*) FROM {source}", values)[0]
        order = "position"
        if filters.sort:
            direction = "" if filters.sort in ASCENDING else " DESC"
            order = f"{filters.sort} IS NULL, {filters.sort}{direction}, position"
        statement = f"SELECT position FROM {source} ORDER BY {order} LIMIT ? OFFSET ?"
        rows = self._query(statement, (*values, size, (page - 1) * size))
        return Found(tuple(position for (position,) in rows), total)


def _write_source(filters: Filters) -> tuple[str, tuple[str, ...]]:
    """What follows FROM, and the values for its marks."""
    wheres: list[str] = []
    values: list[str] = []
    for name, value in filters.tags.items():
        wheres.append("position IN (SELECT position FROM tags WHERE name = ? AND value = ?)")
        values += [name, value]
    if filters.text:
        wheres.append("position IN (SELECT rowid FROM texts WHERE texts MATCH ?)")
        values.append(write_match(filters.text))
    return f"images WHERE {' AND '.join(wheres) or '1'}", tuple(values)


def write_match(text: str) -> str:
    """The words of a text as a search that wants all of them; the last may go on, as one who types has not ended it."""
    words = WORD.findall(text)
    if not words:
        return '""'
    *whole, last = (f'"{word}"' for word in words)
    return " ".join([*whole, last if text[-1:].isspace() else f"{last}*"])
