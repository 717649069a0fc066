"""The store of a run, `run.sqlite`: one transaction an image, which is committed whole or not at all."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self

from agents.backends.meter import Meter, Usage
from agents.conversation.results import STATUSES, Result
from agents.conversation.rules import Mined
from agents.store.schema import READABLE, RUN_SCHEMA, SCHEMA_VERSION, migrate, read_seed_rules
from tools.errors import UsageError
from tools.files.database import connect, explain_database


class Progress(NamedTuple):
    """How far a run is."""

    accepted: int
    failed: int
    rejected: int

    @property
    def done(self) -> int:
        """Images that are final."""
        return self.accepted + self.failed + self.rejected


def make_rows(index: int, mined: Iterable[Mined]) -> list[tuple[int, int, str, int, str, str, str]]:
    """Mined rules as the tables have them."""
    return [(index, item.place, item.image_id, item.round, item.text, item.category, item.objection) for item in mined]


class RunStore:
    """`RUN/run.sqlite`.

    Args:
        run: the run folder.
        create: for writing: make the store when it is not there, and bring one of an earlier schema up to date; else
            its absence is an error, and it stays as it is.

    Raises:
        UsageError: no store there, or one of another schema.
    """

    def __init__(self, run: Path, *, create: bool = False) -> None:
        self.path = run / "run.sqlite"
        if not create and not self.path.is_file():
            raise UsageError(
                f"{run}: no run there (run.sqlite is missing); `python -m agents run --out {run} ...` makes one"
            )
        try:
            self._db = connect(self.path)
            self._prepare(create)
        except sqlite3.OperationalError as error:
            raise explain_database(self.path, error) from error
        except sqlite3.DatabaseError as error:
            raise UsageError(f"{self.path}: not a run store ({error}); delete it or use another --out") from error

    def _prepare(self, is_for_writing: bool) -> None:
        tables = {name for (name,) in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables:
            self._db.executescript(f"BEGIN; {RUN_SCHEMA} COMMIT;")
            self.write_meta("schema_version", SCHEMA_VERSION)
        found = self.read_meta("schema_version") if not tables or "meta" in tables else None
        if found not in READABLE:
            raise UsageError(
                f"{self.path}: its schema is version {found}, this program writes version {SCHEMA_VERSION}; "
                "finish it with the version that began it, or start again with --fresh"
            )
        if found != SCHEMA_VERSION and is_for_writing:
            migrate(self._db)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def read_meta(self, key: str) -> Any:
        """A value of the run as a whole, None when it was never written."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        value = None if row is None else json.loads(row[0])
        return read_seed_rules(value) if key == "seed_rules" else value

    def write_meta(self, key: str, value: Any) -> None:
        """Set a value of the run as a whole."""
        self._write("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value, sort_keys=True)))

    @contextmanager
    def write_together(self) -> Iterator[sqlite3.Connection]:
        """A transaction: what is written inside is kept whole or not at all.

        Raises:
            ToolkitError: the disk is full or the store cannot be written; nothing is kept.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            yield self._db
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise explain_database(self.path, error) from error

    def commit_result(self, result: Result, mined: Iterable[Mined] | None = None) -> None:
        """Write one image's result and mined rules in one transaction.

        Args:
            mined: the rules of the image that books may hold, when they are not the result's.

        Raises:
            ToolkitError: the disk is full or the store cannot be written; nothing of the image is kept.
        """
        rules = result.list_mined() if mined is None else mined
        with self.write_together() as db:
            row = (result.index, result.image_id, result.status, result.model_dump_json())
            db.execute("INSERT INTO results VALUES (?, ?, ?, ?)", row)
            db.executemany("INSERT INTO mined VALUES (?, ?, ?, ?, ?, ?, ?)", make_rows(result.index, rules))

    def _write(self, statement: str, row: tuple[object, ...]) -> None:
        try:
            self._db.execute(statement, row)
        except sqlite3.Error as error:
            raise explain_database(self.path, error) from error

    def query(self, text: str, values: Iterable[object] = ()) -> list[Any]:
        """The rows that a query gives, of tables that this class knows nothing of."""
        return self._db.execute(text, tuple(values)).fetchall()

    def list_done(self) -> list[int]:
        """Indices of the images that are final, ascending."""
        return [index for (index,) in self._db.execute("SELECT position FROM results ORDER BY position")]

    def list_mined(self) -> list[tuple[int, Mined]]:
        """All mined rules with the index of their image, in the order (index, place)."""
        query = (
            "SELECT position, CAST(image_id AS TEXT), place, round, text, category, objection FROM mined "
            "ORDER BY position, place"
        )
        return [(index, Mined(*row)) for index, *row in self._db.execute(query)]

    def read_progress(self) -> Progress:
        """How many images ended in which status."""
        counts = dict(self._db.execute("SELECT status, count(*) FROM results GROUP BY status"))
        return Progress(*(counts.get(status, 0) for status in STATUSES))

    def read_usage(self) -> tuple[Usage, ...]:
        """What all replies cost, by model."""
        query = "SELECT item.value FROM results, json_each(results.result, '$.usage') AS item"
        meter = Meter()
        for (text,) in self._db.execute(query):
            meter.add(Usage.model_validate_json(text))
        return meter.read()

    def read_results(self) -> Iterator[Result]:
        """All results, ascending."""
        for (text,) in self._db.execute("SELECT result FROM results ORDER BY position"):
            yield Result.model_validate_json(text)

    def find_result(self, image_id: str) -> Result | None:
        """The result of one image."""
        query = "SELECT result FROM results WHERE image_id = ? AND CAST(image_id AS TEXT) = ?"
        row = self._db.execute(query, (image_id, image_id)).fetchone()
        return None if row is None else Result.model_validate_json(row[0])
