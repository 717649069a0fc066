"""The stores of a run: `run.sqlite` (one transaction an image) and `replies.sqlite` (every reply as it arrives).

Both are killed at any moment without loss: SQLite in WAL mode, a reply is committed before anything uses it, an image
is committed whole or not at all.
"""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self, TypeVar

from agents.backends import (
    Backend,
    FilterReply,
    FilterRequest,
    JudgeRequest,
    MineReply,
    MineRequest,
    WriteReply,
    WriteRequest,
)
from agents.meter import Meter, Usage
from agents.protocol import RefusedCaption
from agents.rules import Mined
from agents.schema import READABLE, RUN_SCHEMA, SCHEMA_VERSION, migrate, read_seed_rules
from tools.errors import ToolkitError, UsageError
from tools.records import Debate, Pair, Record, StoredId, Verdict

Status = Literal["accepted", "failed", "rejected"]
STATUSES: tuple[Status, ...] = ("accepted", "failed", "rejected")
Reply = TypeVar("Reply", bound=Record)

# An id that is a number stands in a key as one, so that replies that were stored before ids were text are found. Inside
# of a JSON string no quote stands bare.
_ID, _NUMBER = re.compile(r'"(image_id|image)":"(0|-?[1-9][0-9]{0,18})"'), r'"\1":\2'

REPLIES_SCHEMA = "CREATE TABLE IF NOT EXISTS replies (key TEXT PRIMARY KEY, reply TEXT NOT NULL) WITHOUT ROWID;"


class Reject(Record):
    """Why an image has no result: the stage that ended it, a code, and one sentence."""

    stage: Literal["image", "caption", "task", "debate"]
    code: str
    reason: str


class Tally(Record):
    """How many texts of one image name a category: captions before and after, and assistant messages."""

    category: str
    before: int
    after: int
    assistant: int


class CleanTally(Record):
    """How captions fared that the lexicon finds nothing in, when those are not sent.

    Attributes:
        skipped: clean captions that were not sent.
        checked, checked_changed: clean captions that were sent all the same, and how many of them came back changed.
        flagged, flagged_changed: captions that the lexicon finds something in, and how many of them came back changed.
    """

    skipped: int = 0
    checked: int = 0
    checked_changed: int = 0
    flagged: int = 0
    flagged_changed: int = 0


class Result(Record):
    """What became of one image: final, whatever its status.

    Attributes:
        index: place in the dataset's order, which is that of ascending ids.
        status: `accepted`, `failed` (a debate ended without acceptance), `rejected` (see `reject`).
        image: of the modality, relative to the run, None without a translator.
        rules: ids of the rules that were in force.
        categories: what those rules are about, sorted.
        leaks: only the categories that occur.
        usage: what its replies cost, by model; empty where no model was asked.
        clean: None unless clean captions are skipped.
    """

    index: int
    image_id: StoredId
    photo: str
    status: Status
    image: str | None = None
    rules: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    debates: tuple[Debate, ...] = ()
    leaks: tuple[Tally, ...] = ()
    refused: tuple[RefusedCaption, ...] = ()
    reject: Reject | None = None
    usage: tuple[Usage, ...] = ()
    clean: CleanTally | None = None

    def list_mined(self) -> tuple[Mined, ...]:
        """The mined rules in the order of the conversation."""
        rounds = ((debate, item) for debate in self.debates for item in debate.rounds)
        found = [(item.round, rule) for _, item in rounds for rule in item.mined]
        return tuple(
            Mined(self.image_id, place, number, rule.text, rule.category, rule.objection)
            for place, (number, rule) in enumerate(found)
        )


class Progress(NamedTuple):
    """How far a run is."""

    accepted: int
    failed: int
    rejected: int

    @property
    def done(self) -> int:
        """Images that are final."""
        return self.accepted + self.failed + self.rejected


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


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
            self._db = _connect(self.path)
            self._prepare(create)
        except sqlite3.OperationalError as error:
            raise _explain(self.path, error) from error
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

    def commit_result(self, result: Result) -> None:
        """Write one image's result and mined rules in one transaction.

        Raises:
            ToolkitError: the disk is full or the store cannot be written; nothing of the image is kept.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            row = (result.index, result.image_id, result.status, result.model_dump_json())
            self._db.execute("INSERT INTO results VALUES (?, ?, ?, ?)", row)
            self._db.executemany(
                "INSERT INTO mined VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (result.index, item.place, item.image_id, item.round, item.text, item.category, item.objection)
                    for item in result.list_mined()
                ],
            )
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise _explain(self.path, error) from error

    def _write(self, statement: str, row: tuple[object, ...]) -> None:
        try:
            self._db.execute(statement, row)
        except sqlite3.Error as error:
            raise _explain(self.path, error) from error

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


class ReplyStore:
    """`replies.sqlite`: replies by key; the first write wins, so that a replay is the conversation that was."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._db = _connect(path)
            self._db.executescript(REPLIES_SCHEMA)
        except sqlite3.OperationalError as error:
            raise _explain(path, error) from error
        except sqlite3.DatabaseError as error:
            raise UsageError(
                f"{path}: not a store of replies ({error}); delete it, replies can be asked for again"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def find(self, key: str) -> str | None:
        """The stored reply."""
        row = self._db.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def keep(self, key: str, reply: str) -> str:
        """Commit a reply, unless one is there already; the one that is there now."""
        try:
            is_new = self._db.execute("INSERT OR IGNORE INTO replies VALUES (?, ?)", (key, reply)).rowcount
        except sqlite3.Error as error:
            raise _explain(self.path, error) from error
        return reply if is_new else self.find(key) or reply


class ReplayingBackend:
    """A backend that takes every reply from the store when it is there, and asks and stores it when not."""

    def __init__(self, backend: Backend, replies: ReplyStore) -> None:
        self._backend = backend
        self._replies = replies
        self.name = backend.name
        self.is_embedded = backend.is_embedded
        self.identity = backend.identity
        self.asked = 0

    async def close(self) -> None:
        """Close what the backend opened."""
        close = getattr(self._backend, "close", None)
        if close is not None:
            await close()

    async def filter_caption(self, request: FilterRequest) -> FilterReply:
        """As the backend's."""
        key = self._key("filter_caption", request)
        return self._stored(key, FilterReply) or self._keep(key, await self._backend.filter_caption(request))

    async def write_instruction(self, request: WriteRequest) -> WriteReply:
        """As the backend's."""
        key = self._key("write_instruction", request)
        return self._stored(key, WriteReply) or self._keep(key, await self._backend.write_instruction(request))

    async def judge(self, request: JudgeRequest) -> Verdict:
        """As the backend's."""
        key = self._key("judge", request)
        return self._stored(key, Verdict) or self._keep(key, await self._backend.judge(request))

    async def mine_rule(self, request: MineRequest) -> MineReply:
        """As the backend's."""
        key = self._key("mine_rule", request)
        return self._stored(key, MineReply) or self._keep(key, await self._backend.mine_rule(request))

    def _key(self, question: str, request: Record) -> str:
        text = f"{self.identity}\n{question}\n{_ID.sub(_NUMBER, request.model_dump_json())}"
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def _stored(self, key: str, kind: type[Reply]) -> Reply | None:
        text = self._replies.find(key)
        return None if text is None else kind.model_validate_json(text)

    def _keep(self, key: str, reply: Reply) -> Reply:
        self.asked += 1
        self._replies.keep(key, reply.model_dump_json())
        return reply


def _explain(path: Path, error: sqlite3.Error) -> ToolkitError:
    text = str(error)
    if "full" in text or "disk I/O" in text:
        return ToolkitError(f"{path}: the disk is full ({text}); make room and run the same command again, it goes on")
    if "locked" in text:
        return ToolkitError(f"{path}: another process is writing to it ({text}); wait for it, or use another --out")
    return ToolkitError(f"{path}: cannot be written ({text}); check the folder's permissions and run again")
