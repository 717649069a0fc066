"""The store of a run, `run.sqlite`: one transaction an image, which is committed whole or not at all."""

import json
import sqlite3
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Self

from agents.backends.usage import Meter, Usage
from agents.conversation.results import STATUSES, Result
from agents.conversation.rules import Mined
from agents.store.schema import READABLE, RUN_SCHEMA, SCHEMA_VERSION, TABLES, check_shape, migrate, read_seed_rules
from tools.errors import MissingError, ToolkitError, UsageError, first_line
from tools.files.database import connect, connect_to_read, explained, transaction
from tools.files.json_text import decode_json, decode_record


class Progress(NamedTuple):
    """How far a run is."""

    accepted: int
    failed: int
    rejected: int

    @property
    def done(self) -> int:
        """Images that are final."""
        return self.accepted + self.failed + self.rejected


def explain_damage(path: Path, why: str) -> ToolkitError:
    """A store that does not hold what was written."""
    return ToolkitError(
        f"{path}: is damaged ({why}) and was not changed; put a copy in its place, or begin again in another --out"
    )


def make_rows(index: int, mined: Iterable[Mined]) -> list[tuple[int, int, str, int, str, str, str]]:
    """Mined rules as the tables have them."""
    return [(index, item.place, item.image_id, item.round, item.text, item.category, item.objection) for item in mined]


class RunStore:
    """`RUN/run.sqlite`.

    Args:
        run: the run folder.
        create: for writing: make the store when it is not there, and bring one of an earlier schema up to date; else
            its absence is an error, and it stays as it is.
        only_reads: the folder may be one in which nobody may write; nothing can be written here.

    Raises:
        MissingError: no store there.
        UsageError: one of another schema.
        ToolkitError: it is damaged, or cannot be opened.
    """

    def __init__(self, run: Path, *, create: bool = False, only_reads: bool = False) -> None:
        self.path = run / "run.sqlite"
        if not create and not self.path.is_file():
            raise MissingError(
                f"{run}: no run there (run.sqlite is missing); `python -m agents run --out {run} ...` makes one"
            )
        if not create and self.path.stat().st_size == 0:
            raise explain_damage(self.path, "it is empty")
        with explained(self.path):
            self._db = connect_to_read(self.path) if only_reads else connect(self.path)
        try:
            self._prepare(create)
        except BaseException:
            self._db.close()
            raise

    def _prepare(self, is_for_writing: bool) -> None:
        with explained(self.path):
            tables = {name for (name,) in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if not tables and is_for_writing:
                self._db.executescript(f"BEGIN; {RUN_SCHEMA} COMMIT;")  # its version among it: half a store is none
                tables = set(TABLES)
        if not tables.issuperset(TABLES):
            missing = ", ".join(sorted(set(TABLES) - tables))
            raise explain_damage(self.path, f"it has no table {missing}")
        if is_for_writing and self._is_blank():
            self.write_meta("schema_version", SCHEMA_VERSION)
        found = self.read_meta("schema_version")
        if found not in READABLE:
            raise UsageError(
                f"{self.path}: its schema is version {found}, this program writes version {SCHEMA_VERSION}; "
                "finish it with the version that began it, or start again with --fresh"
            )
        if found != SCHEMA_VERSION and is_for_writing:
            with explained(self.path):
                migrate(self._db)

    def _is_blank(self) -> bool:
        """Whether a process of an older version was killed between the tables and their version."""
        return not any(self.query(f"SELECT 1 FROM {table} LIMIT 1") for table in TABLES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def read_meta(self, key: str) -> Any:
        """A value of the run as a whole, None when it was never written."""
        for (text,) in self._query("SELECT value FROM meta WHERE key = ?", (key,)):
            with self._proved(f"what it says of {key}"):
                value = decode_json(text)
                check_shape(key, value)
                return read_seed_rules(value) if key == "seed_rules" else value
        return None

    def require_meta(self, key: str) -> Any:
        """A value of the run as a whole that every run has that was begun.

        Raises:
            ToolkitError: this one has none.
        """
        value = self.read_meta(key)
        if value is None:
            raise explain_damage(self.path, f"it does not say the {key} of its run")
        return value

    def write_meta(self, key: str, value: Any) -> None:
        """Set a value of the run as a whole."""
        self.write_metas({key: value})

    def write_metas(self, values: Mapping[str, Any]) -> None:
        """Set values of the run as a whole, all of them or none.

        Raises:
            ToolkitError: the disk is full or the store cannot be written.
        """
        rows = [(key, json.dumps(value, sort_keys=True)) for key, value in values.items()]
        with self.write_together() as db:
            db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    @contextmanager
    def write_together(self) -> Iterator[sqlite3.Connection]:
        """A transaction: what is written inside is kept whole or not at all.

        Raises:
            ToolkitError: the disk is full or the store cannot be written; nothing is kept.
        """
        with transaction(self._db, self.path) as database:
            yield database

    def commit_result(self, result: Result, mined: Iterable[Mined] | None = None) -> None:
        """Write one image's result and mined rules in one transaction.

        Args:
            mined: the rules of the image that books may hold, when they are not the result's.

        Raises:
            ToolkitError: the disk is full or the store cannot be written; nothing of the image is kept.
        """
        rules = result.list_mined() if mined is None else mined
        with self.write_together() as db:
            row = (result.index, result.image_id, result.status, result.write())
            db.execute("INSERT INTO results VALUES (?, ?, ?, ?)", row)
            db.executemany("INSERT INTO mined VALUES (?, ?, ?, ?, ?, ?, ?)", make_rows(result.index, rules))

    def _query(self, statement: str, values: tuple[object, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows, one at a time.

        Raises:
            ToolkitError: the store is damaged, or cannot be read.
        """
        with explained(self.path):
            yield from self._db.execute(statement, values)

    @contextmanager
    def _proved(self, what: str) -> Iterator[None]:
        """Turn a row that is not what was written into one sentence."""
        try:
            yield
        except (ValueError, TypeError) as error:
            raise explain_damage(self.path, f"{what}: {first_line(error)}") from error

    def query(self, text: str, values: Iterable[object] = ()) -> list[Any]:
        """The rows that a query gives, of tables that this class knows nothing of."""
        return list(self._query(text, tuple(values)))

    def list_done(self) -> list[int]:
        """Indices of the images that are final, ascending."""
        return [index for (index,) in self._query("SELECT position FROM results ORDER BY position")]

    def list_mined(self) -> list[tuple[int, Mined]]:
        """All mined rules with the index of their image, in the order (index, place)."""
        query = (
            "SELECT position, CAST(image_id AS TEXT), place, round, text, category, objection FROM mined "
            "ORDER BY position, place"
        )
        return [(index, Mined(*row)) for index, *row in self._query(query)]

    def read_progress(self) -> Progress:
        """How many images ended in which status."""
        counts = dict(self._query("SELECT status, count(*) FROM results GROUP BY status"))
        return Progress(*(counts.get(status, 0) for status in STATUSES))

    def read_usage(self) -> tuple[Usage, ...]:
        """What all replies cost, by model."""
        query = "SELECT item.value FROM results, json_each(results.result, '$.usage') AS item"
        meter = Meter()
        for (text,) in self._query(query):
            with self._proved("what replies cost"):
                meter.add(decode_record(text, Usage))
        return meter.read()

    def read_usage_by_image(self) -> Iterator[tuple[str, tuple[Usage, ...]]]:
        """What the replies of each image used, of images that asked for any."""
        query = (
            "SELECT CAST(image_id AS TEXT), json_extract(result, '$.usage') FROM results "
            "WHERE json_array_length(result, '$.usage') > 0"
        )
        for image_id, text in self._query(query):
            with self._proved(f"what replies about image {image_id} cost"):
                rows = decode_json(text)
                yield image_id, tuple(Usage.model_validate(row) for row in rows)

    def read_results(self) -> Generator[Result]:
        """All results, ascending."""
        for position, text in self._query("SELECT position, result FROM results ORDER BY position"):
            yield self._parse_result(f"the result of image {position}", text)

    def find_result(self, image_id: str) -> Result | None:
        """The result of one image."""
        query = "SELECT result FROM results WHERE image_id = ? AND CAST(image_id AS TEXT) = ?"
        row = next(self._query(query, (image_id, image_id)), None)
        return None if row is None else self._parse_result(f"the result of image {image_id}", row[0])

    def _parse_result(self, what: str, text: str) -> Result:
        with self._proved(what):
            return decode_record(text, Result)
