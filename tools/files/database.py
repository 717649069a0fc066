"""SQLite files that survive a kill at any moment: WAL mode, errors in a sentence."""

import sqlite3
from pathlib import Path

from tools.errors import ToolkitError


def connect(path: Path) -> sqlite3.Connection:
    """Open a database, making it when it is not there; every statement is its own transaction unless one is begun."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def explain_database(path: Path, error: sqlite3.Error) -> ToolkitError:
    """What SQLite refused, for people: a full disk, a lock, missing rights."""
    text = str(error)
    if "full" in text or "disk I/O" in text:
        return ToolkitError(f"{path}: the disk is full ({text}); make room and run the same command again, it goes on")
    if "locked" in text:
        return ToolkitError(f"{path}: another process is writing to it ({text}); wait for it, or use another --out")
    return ToolkitError(f"{path}: cannot be written ({text}); check the folder's permissions and run again")
