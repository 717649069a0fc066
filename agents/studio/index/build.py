"""Building the index of a run: in the background, in steps that are kept, and anew where the run is another one."""

import json
import sqlite3
import threading
from collections import Counter
from contextlib import closing
from pathlib import Path

import msgspec

from agents.store.run_store import RunStore
from agents.studio.index.rows import count, list_words, tag
from agents.studio.index.slim import Slim, read_slim
from tools.errors import ToolkitError
from tools.files.database import BESIDE, connect, explained, transaction
from tools.manifest import hash_bytes, hash_code

INDEX_FILE = "index.sqlite"
STEP = 400
"""Images a step: what is kept together, and how long a reader may have to wait."""
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE images (position INTEGER PRIMARY KEY, rounds INTEGER NOT NULL, objections INTEGER NOT NULL,
    leaks INTEGER NOT NULL, edits INTEGER NOT NULL, tokens INTEGER NOT NULL, score REAL);
CREATE TABLE tags (name TEXT NOT NULL, value TEXT NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (name, value, position)) WITHOUT ROWID;
CREATE TABLE counts (name TEXT NOT NULL, value TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (name, value)) WITHOUT ROWID;
CREATE VIRTUAL TABLE texts USING fts5(words, content='', detail='column', tokenize='unicode61');
"""
COUNT = "INSERT INTO counts VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET number = number + excluded.number"
FIRST = "INSERT OR IGNORE INTO counts VALUES ('since', ?, ?)"


def identify(store: RunStore) -> str:
    """What tells an index from another: how the run was made, how often it was asked again, and which code reads it."""
    made = [store.read_meta(key) for key in ("settings", "dataset", "prompts", "backend", "draw", "photo_root")]
    retried = store.query("SELECT name FROM sqlite_master WHERE name = 'earlier'")
    again = store.query("SELECT count(*) FROM earlier")[0][0] if retried else 0
    first = store.query("SELECT result FROM results ORDER BY position LIMIT 1")
    told = [hash_code(Path(__file__).parent), made, again, first]
    return hash_bytes(json.dumps(told, sort_keys=True).encode("utf-8", "surrogatepass"))


class IndexBuilder:
    """Builds the index of a run in a thread of its own.

    Args:
        run: the run's folder, which is only read.
        folder: where the index lies.

    Attributes:
        is_done: everything that was final when it began is in the index.
        fault: why it stopped, None while nothing is wrong.
    """

    def __init__(self, run: Path, folder: Path) -> None:
        self.path = folder / INDEX_FILE
        self.is_done = False
        self.fault: ToolkitError | None = None
        self._run = run
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._build, name="index", daemon=True)

    def begin(self) -> None:
        """Make the file, or keep the one that is this run's, and go on in the background.

        Raises:
            ToolkitError: the file cannot be written.
        """
        with RunStore(self._run, only_reads=True) as store:
            name = identify(store)
        if _read_name(self.path) != name:
            for ending in BESIDE:
                self.path.with_name(f"{self.path.name}{ending}").unlink(missing_ok=True)
            with explained(self.path), closing(connect(self.path)) as made:
                values = f"INSERT INTO meta VALUES ('run', '{name}');"
                made.executescript(f"BEGIN; {SCHEMA} {values} COMMIT;")
        self._thread.start()

    def stop(self) -> None:
        """End it, at the latest after the step that it is in."""
        self._is_stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def wait(self) -> None:
        """Wait until it has ended."""
        self._thread.join()

    def _build(self) -> None:
        try:
            with RunStore(self._run, only_reads=True) as store, closing(connect(self.path)) as index:
                while not self._is_stopped.is_set() and (rows := self._read(store, index)):
                    with transaction(index, self.path):
                        _add(index, rows)
                self.is_done = not self._is_stopped.is_set()
        except (ToolkitError, sqlite3.Error, msgspec.DecodeError) as error:
            self.fault = error if isinstance(error, ToolkitError) else ToolkitError(f"{self._run}: {error}")

    def _read(self, store: RunStore, index: sqlite3.Connection) -> list[tuple[int, str]]:
        (last,) = index.execute("SELECT ifnull(max(position), -1) FROM images").fetchone()
        query = "SELECT position, result FROM results WHERE position > ? ORDER BY position LIMIT ?"
        return store.query(query, (last, STEP))


def _read_name(path: Path) -> str | None:
    """The run that an index is of; None for one that is not there or damaged, as it can be built again."""
    if not path.is_file():
        return None
    try:
        with closing(connect(path)) as index:
            row = index.execute("SELECT value FROM meta WHERE key = 'run'").fetchone()
    except sqlite3.Error:
        return None
    return None if row is None else str(row[0])


def _add(index: sqlite3.Connection, rows: list[tuple[int, str]]) -> None:
    slims: list[tuple[int, Slim]] = [(position, read_slim(text)) for position, text in rows]
    tagged = [(position, tag(slim)) for position, slim in slims]
    index.executemany("INSERT INTO images VALUES (?, ?, ?, ?, ?, ?, ?)", ((at, *count(slim)) for at, slim in slims))
    index.executemany("INSERT INTO tags VALUES (?, ?, ?)", sorted((*each, at) for at, tags in tagged for each in tags))
    index.executemany("INSERT INTO texts (rowid, words) VALUES (?, ?)", ((at, list_words(slim)) for at, slim in slims))
    counts = Counter(each for _, tags in tagged for each in tags)
    counts.update(("used", rule) for _, slim in slims for pair in slim.pairs for rule in pair.applied)
    index.executemany(COUNT, ((*each, number) for each, number in counts.items()))
    since: dict[str, int] = {}
    for at, slim in slims:
        for rule in slim.rules:
            since.setdefault(rule, at)
    index.executemany(FIRST, since.items())
