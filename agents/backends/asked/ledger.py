"""`requests.sqlite`: what a run asked, and what each reply cost by the prices in force when it came.

It stands apart from the results: money that was spent stays spent when a run begins anew, and replies that were read
back from an earlier run were not paid for here. What is out in batches stands in the same file, so that a reply is
billed once however often its results are read.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import Any, NamedTuple, Self

from agents.backends.usage import Usage
from tools.endpoint.prices import Prices, Way
from tools.files.database import connect, explained, transaction

REQUESTS = "requests.sqlite"
SCHEMA = """
CREATE TABLE IF NOT EXISTS bill (
    id TEXT PRIMARY KEY, image_id TEXT NOT NULL, role TEXT NOT NULL, model TEXT NOT NULL, way TEXT NOT NULL,
    day TEXT NOT NULL, requests INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
    estimated INTEGER NOT NULL, usd REAL, table_date TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS bill_of_image ON bill (image_id);
CREATE TABLE IF NOT EXISTS wants (
    key TEXT PRIMARY KEY, place INTEGER NOT NULL, image_id TEXT NOT NULL, role TEXT NOT NULL, request TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS waves (number INTEGER PRIMARY KEY, is_open INTEGER NOT NULL, prices TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS parts (
    wave INTEGER NOT NULL, number INTEGER NOT NULL, token TEXT NOT NULL, state TEXT NOT NULL, bytes INTEGER NOT NULL,
    file TEXT, batch TEXT, PRIMARY KEY (wave, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lines (
    name TEXT PRIMARY KEY, wave INTEGER NOT NULL, part INTEGER NOT NULL, place INTEGER NOT NULL, key TEXT NOT NULL,
    image_id TEXT NOT NULL, role TEXT NOT NULL, model TEXT NOT NULL, n INTEGER NOT NULL, outcome TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lines_of_key ON lines (key);
CREATE INDEX IF NOT EXISTS lines_of_part ON lines (wave, part, place);
"""
COLUMNS = "image_id, role, model, way, day, requests, prompt_tokens, completion_tokens, estimated, usd, table_date"
INSERTING = f"INSERT OR IGNORE INTO bill (id, {COLUMNS}) VALUES ({', '.join('?' * (len(COLUMNS.split(', ')) + 1))})"


class Charge(NamedTuple):
    """One reply on the bill.

    Attributes:
        way: `chat` or `batch`.
        day: as ISO date in UTC.
        estimated: how many of its requests the endpoint did not count the tokens of.
        usd: None where the table in force had no price.
        table_date: of the price table.
    """

    image_id: str
    role: str
    model: str
    way: str
    day: str
    requests: int
    prompt_tokens: int
    completion_tokens: int
    estimated: int
    usd: float | None
    table_date: str


def make_charge(image_id: str, role: str, usage: Usage, prices: Prices, way: Way) -> Charge:
    """What a reply costs that came now.

    Args:
        prices: the table of this way of asking (`Prices.narrow`).
    """
    return Charge(
        image_id=image_id,
        role=role,
        model=usage.model,
        way=way,
        day=time.strftime("%Y-%m-%d", time.gmtime()),
        requests=usage.requests,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        estimated=usage.estimated,
        usd=prices.sum_usd([usage]),
        table_date=prices.date.isoformat(),
    )


class Ledger:
    """`RUN/requests.sqlite`, made when it is first written to.

    Args:
        is_durable: what is committed is on the disk, even where the machine loses its power a moment later.
    """

    def __init__(self, run: Path, *, is_durable: bool = False) -> None:
        self.path = run / REQUESTS
        with explained(self.path):
            self._db = connect(self.path)
            if is_durable:
                self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back."""
        self._db.close()

    @contextmanager
    def write_together(self) -> Iterator[Connection]:
        """A transaction: what is written inside is kept whole or not at all.

        Raises:
            ToolkitError: the disk is full or the file cannot be written; nothing is kept.
        """
        with transaction(self._db, self.path) as database:
            yield database

    def query(self, text: str, values: Iterable[object] = ()) -> list[Any]:
        """The rows that a query gives.

        Raises:
            ToolkitError: the file is damaged, or cannot be read.
        """
        with explained(self.path):
            return list(self._db.execute(text, tuple(values)))

    def iterate(self, text: str, values: Iterable[object] = ()) -> Iterator[Any]:
        """The same, one at a time: nothing may be written before the last was taken."""
        with explained(self.path):
            yield from self._db.execute(text, tuple(values))

    def charge(self, name: str, charge: Charge) -> None:
        """Put a reply on the bill; one of the same name is there once."""
        with explained(self.path):
            insert_charge(self._db, name, charge)  # a statement by itself is kept whole or not at all

    def read_charges(self) -> Iterator[Charge]:
        """The whole bill."""
        for row in self.iterate(f"SELECT {COLUMNS} FROM bill ORDER BY id"):
            yield Charge(*row)

    def charges_of(self, image_id: str) -> list[Charge]:
        """What one image has cost so far."""
        rows = self.query(f"SELECT {COLUMNS} FROM bill WHERE image_id = ?", (image_id,))
        return [Charge(*row) for row in rows]


def insert_charge(db: Connection, name: str, charge: Charge) -> None:
    """Put a reply on the bill, within the transaction that is open if there is one."""
    db.execute(INSERTING, (name, *charge))


def copy_charges(source: Path, target: Path) -> None:
    """Put the bill of one run on that of another; called again, it changes nothing."""
    if not (source / REQUESTS).is_file():
        return
    with Ledger(source) as old, Ledger(target) as new, new.write_together() as db:
        for name, *charge in old.query(f"SELECT id, {COLUMNS} FROM bill"):
            insert_charge(db, name, Charge(*charge))
