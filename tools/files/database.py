"""SQLite files that survive a kill at any moment: WAL mode, errors in a sentence, a damaged one set aside."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tools.errors import ToolkitError
from tools.files.atomic import explain_disk
from tools.files.faults import explain_sqlite
from tools.files.inside import real_path

BESIDE = ("", "-wal", "-shm")
"""Endings of the files that a database in WAL mode consists of."""
DAMAGED = "damaged"


def connect(path: Path) -> sqlite3.Connection:
    """Open a database, making it when it is not there; every statement is its own transaction unless one is begun."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def connect_to_read(path: Path) -> sqlite3.Connection:
    """Open a database that is there, and leave it and its folder as they are.

    One without a log beside it is read as a file that does not change: whoever reads on while it may, looks at
    `is_live` and opens it again. One that is being written is read with its log.
    """
    real = real_path(path)
    ways = "mode=ro" if is_live(path) else "mode=ro&immutable=1"
    return sqlite3.connect(f"{real.as_uri()}?{ways}", uri=True, isolation_level=None)


def is_live(path: Path) -> bool:
    """Whether somebody writes a database, or was killed as he did."""
    real = real_path(path)
    return real.with_name(f"{real.name}-wal").exists()


def explain_database(path: Path, error: sqlite3.Error) -> ToolkitError:
    """What SQLite refused, for people: a full disk, a lock, missing rights, damage."""
    return explain_sqlite(error, str(path))


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite refuses into one sentence.

    Raises:
        ToolkitError: as `explain_database`.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise explain_database(path, error) from error


@contextmanager
def transaction(database: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    """What is written inside is kept whole or not at all; one inside another is part of it.

    Args:
        database: opened by `connect`.
        path: its file, for messages.

    Raises:
        ToolkitError: the disk is full or the file cannot be written; nothing is kept.
    """
    if database.in_transaction:
        yield database
        return
    with explained(path):
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise


def find_damage(path: Path, query: str) -> str | None:
    """Why a database is of no use, None for one that is whole; reads all of it and changes nothing.

    Args:
        query: gives a row with 1 in it when what the tables hold is right.

    Raises:
        ToolkitError: it cannot be opened, or another process holds it.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as database:
            found = database.execute("PRAGMA quick_check(1)").fetchone()
            if found != ("ok",):
                return " ".join(str(found and found[0]).split())
            if database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
                return None  # its process was killed before the first table: there is nothing to lose
            return None if database.execute(query).fetchone() == (1,) else "its rows are not what was written"
    except sqlite3.Error as error:
        if _is_refused(error):
            raise explain_database(path, error) from error
        return str(error)


def _is_refused(error: sqlite3.Error) -> bool:
    return any(word in str(error) for word in ("locked", "busy", "full", "disk I/O", "readonly", "unable to open"))


def set_aside(path: Path) -> Path:
    """Give a damaged file another name, so that a new one can take its place; nothing is lost.

    Raises:
        ToolkitError: it cannot be renamed.
    """
    number = next(n for n in range(1, 10_000) if not path.with_name(f"{path.name}.{DAMAGED}-{n}").exists())
    target = path.with_name(f"{path.name}.{DAMAGED}-{number}")
    for ending in reversed(BESIDE):
        part = path.with_name(f"{path.name}{ending}")
        if part.exists():
            with explain_disk(part):
                part.rename(target.with_name(f"{target.name}{ending}"))
    return target
