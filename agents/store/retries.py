"""What a store keeps of images that were asked about again: which are waiting, what they were before, rules mined late.

A retried image reads the book that it had. Its own rules come too late for the books of the images after it, which stay
as they are: they are kept as late and enter no book. What the image mined before it was rejected stays in the books.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from agents.conversation.results import Result
from agents.conversation.rules import Mined
from agents.store.run_store import RunStore, make_rows
from tools.errors import UsageError

DRAW, ROUND = "draw", "retry"
TABLES = (
    "CREATE TABLE IF NOT EXISTS waiting (position INTEGER PRIMARY KEY)",
    "CREATE TABLE IF NOT EXISTS earlier (position INTEGER NOT NULL, number INTEGER NOT NULL, code TEXT NOT NULL, "
    "result TEXT NOT NULL, PRIMARY KEY (position, number)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS late (position INTEGER NOT NULL, place INTEGER NOT NULL, image_id TEXT NOT NULL, "
    "round INTEGER NOT NULL, text TEXT NOT NULL, category TEXT NOT NULL, objection TEXT NOT NULL, "
    "number INTEGER NOT NULL, PRIMARY KEY (position, number, place)) WITHOUT ROWID",
)
REJECTED = "FROM results WHERE status = 'rejected'"
CODE = "json_extract(result, '$.reject.code')"


class History(NamedTuple):
    """What was asked again, all rounds together.

    Attributes:
        images: that have another result now.
        codes: how many earlier rejects there are of each code.
        late: rules that were mined too late for any book.
    """

    images: int
    codes: dict[str, int]
    late: int

    def describe(self) -> dict[str, Any]:
        """The manifest's part; nothing where nothing was asked again."""
        if not self.codes:
            return {}
        return {"retried": {"images": self.images, "earlier_rejects": self.codes, "late_rules": self.late}}


def count_rejects(store: RunStore) -> dict[str, int]:
    """How many images are rejected with each code, by name."""
    return dict(sorted(store.query(f"SELECT {CODE}, count(*) {REJECTED} GROUP BY 1")))


def begin_retry(store: RunStore, codes: Sequence[str]) -> None:
    """Put the images rejected with these codes on the list of those to ask about again; go on with a list of theirs.

    Raises:
        UsageError: no image is rejected with one of them.
    """
    begun = store.read_meta(ROUND)
    wanted = sorted(set(codes))
    if begun is not None and begun["codes"] == wanted:
        return
    found = count_rejects(store)
    if unknown := [code for code in wanted if code not in found]:
        there = ", ".join(f"{code} ({number})" for code, number in found.items()) or "none at all"
        raise UsageError(f"--retry-rejected {unknown[0]}: no image is rejected with this code; the codes are: {there}")
    with store.write_together() as db:
        for table in TABLES:
            db.execute(table)
        marks = ", ".join("?" * len(wanted))
        db.execute("DELETE FROM waiting")
        db.execute(f"INSERT INTO waiting SELECT position {REJECTED} AND {CODE} IN ({marks})", wanted)
        for key, value in ((ROUND, {"codes": wanted}), (DRAW, read_draw(store) + 1)):
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))


def end_retry(store: RunStore) -> None:
    """Close a list on which nothing is left, so that the same codes can be asked about once more."""
    if store.read_meta(ROUND) is not None and not list_waiting(store):
        store.write_meta(ROUND, None)


def read_draw(store: RunStore) -> int:
    """How often the run was told to ask again (`agents.backends.draws`)."""
    return int(store.read_meta(DRAW) or 0)


def list_waiting(store: RunStore) -> list[int]:
    """Indices of the images to ask about again, ascending."""
    return [index for (index,) in _read(store, "waiting", "SELECT position FROM waiting ORDER BY position")]


def replace_result(store: RunStore, result: Result) -> None:
    """Put a retried image's result in the place of its reject, which is kept, and its rules among the late ones.

    Raises:
        ToolkitError: the disk is full or the store cannot be written; nothing of the image is changed.
    """
    with store.write_together() as db:
        place = (result.index,)
        (number,) = db.execute("SELECT count(*) FROM earlier WHERE position = ?", place).fetchone()
        old = f"SELECT position, ?, {CODE}, result FROM results WHERE position = ?"
        db.execute(f"INSERT INTO earlier {old}", (number, result.index))
        row = (result.status, result.write(), result.index)
        db.execute("UPDATE results SET status = ?, result = ? WHERE position = ?", row)
        late = [(*rule, number) for rule in make_rows(result.index, result.list_mined())]
        db.executemany("INSERT INTO late VALUES (?, ?, ?, ?, ?, ?, ?, ?)", late)
        db.execute("DELETE FROM waiting WHERE position = ?", place)


def read_history(store: RunStore) -> History:
    """What was asked again."""
    codes = Counter(code for (code,) in _read(store, "earlier", "SELECT code FROM earlier"))
    images = len(set(_read(store, "earlier", "SELECT position FROM earlier")))
    return History(images, dict(sorted(codes.items())), len(_read(store, "late", "SELECT 1 FROM late")))


def list_late(store: RunStore, image_id: str) -> list[Mined]:
    """The rules that an image mined when it was asked again, in the order in which they came."""
    query = (
        "SELECT CAST(image_id AS TEXT), place, round, text, category, objection FROM late WHERE image_id = ? "
        "ORDER BY number, place"
    )
    return [Mined(*row) for row in _read(store, "late", query, (image_id,))]


def copy_history(source: RunStore, target: RunStore) -> None:
    """Put what one store keeps of retried images into another; called again, it changes nothing."""
    with target.write_together() as db:
        for table in TABLES:
            db.execute(table)
        for table, columns in (("earlier", 4), ("late", 8)):
            rows = _read(source, table, f"SELECT * FROM {table}")
            db.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * columns)})", rows)


def _read(store: RunStore, table: str, query: str, values: Sequence[object] = ()) -> list[Any]:
    """Rows of a table, none where the store has never held one of them."""
    return store.query(query, values) if store.query("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)) else []
