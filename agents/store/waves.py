"""What is out in batches: the replies that are wanted, and the waves in which they are asked for.

A wave is committed before any of it is sent, with a token of its own for each part: whoever goes on after a kill finds
by it what was sent already. A line is one request; its name holds the question's key, so results of another run are
taken for none of this one.
"""

import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import NamedTuple

from agents.backends.asked.images import fill_images
from agents.backends.asked.ledger import Ledger, insert_charge, make_charge
from agents.backends.asked.wants import Want
from agents.backends.replay import pack_completion, read_usage
from tools.endpoint.batch.lines import LineOutcome, make_body, write_line
from tools.endpoint.messages import ChatRequest, find_longest
from tools.endpoint.prices import Prices
from tools.files.json_text import decode_record

KIND = "json_extract(outcome, '$.kind')"
IS_PROGRESS = f"{KIND} = 'answered' OR n > 1 AND {KIND} = 'refused'"
"""Of a line: it brought an answer, or showed that several answers have to be asked for one by one."""
LOST = LineOutcome(kind="failed", reason="no result came for it")
NEW, DONE = "new", "done"
NAME = re.compile(r"w(\d+)-")
"""How the name of a line begins: with its wave."""


class Part(NamedTuple):
    """One batch file of a wave.

    Attributes:
        token: names it, at an API too.
        state: `new`, what its carrier says, or `done`: its results are read.
        file, batch: what an API calls its input and itself, None while that is unknown.
    """

    wave: int
    number: int
    token: str
    state: str
    bytes: int
    file: str | None
    batch: str | None


class Asked(NamedTuple):
    """A line of a question that has no reply yet: for so many answers, and what became of it."""

    n: int
    outcome: LineOutcome | None


class OpenWant(NamedTuple):
    """A question without a reply, and what was asked for it so far; `tries` waves have brought nothing."""

    want: Want
    asked: tuple[Asked, ...]
    tries: int


class NewLine(NamedTuple):
    """A line of the next wave, without its text."""

    name: str
    key: str
    image_id: str
    role: str
    model: str
    n: int
    size: int


class WaveStore:
    """The waves of a run, in its ledger."""

    def __init__(self, ledger: Ledger, run: Path) -> None:
        self._ledger = ledger
        self._run = run

    def add_wants(self, wants: Iterable[Want]) -> None:
        """Note questions that want a reply, each once."""
        with self._ledger.write_together() as db:
            (place,) = db.execute("SELECT ifnull(max(place), 0) FROM wants").fetchone()
            for found in wants:
                place += 1
                row = (found.key, place, found.image_id, found.role, found.request.model_dump_json())
                db.execute("INSERT OR IGNORE INTO wants VALUES (?, ?, ?, ?, ?, 0)", row)

    def list_wants(self) -> Iterator[OpenWant]:
        """Everything that wants a reply, in the order in which it came up; nothing may be written meanwhile."""
        for key, image_id, role, request, tries in self._ledger.iterate(
            "SELECT key, image_id, role, request, tries FROM wants ORDER BY place"
        ):
            want = Want(key=key, role=role, image_id=image_id, request=decode_record(request, ChatRequest))
            lines = self._ledger.query("SELECT n, outcome FROM lines WHERE key = ? ORDER BY wave, place", (key,))
            yield OpenWant(want, tuple(Asked(n, text and decode_record(text, LineOutcome)) for n, text in lines), tries)

    def find_open(self) -> int | None:
        """The number of the wave that is out, None when none is."""
        rows = self._ledger.query("SELECT number FROM waves WHERE is_open ORDER BY number LIMIT 1")
        return rows[0][0] if rows else None

    def begin(self, lines: Iterable[tuple[Want, int]], prices: Prices, most_requests: int, most_bytes: int) -> int:
        """Commit a wave, split at the limits of a batch file; its number."""
        (last,) = self._ledger.query("SELECT ifnull(max(number), 0) FROM waves")[0]
        wave, seen = int(last) + 1, dict[str, int]()
        made = []
        for found, n in lines:
            place = seen[found.key] = seen.get(found.key, -1) + 1
            name = f"w{wave}-{found.key[:32]}-{place}"
            size = len(self._write(name, found.request, n))
            made.append(NewLine(name, found.key, found.image_id, found.role, found.request.model, n, size))
        if not made:
            raise ValueError("no conversation wants a reply")
        with self._ledger.write_together() as db:
            db.execute("INSERT INTO waves VALUES (?, 1, ?)", (wave, prices.model_dump_json()))
            place = 0
            for number, part in enumerate(split_lines(made, most_requests, most_bytes), 1):
                size = sum(line.size for line in part)
                made_part = Part(wave, number, uuid.uuid4().hex, NEW, size, None, None)
                db.execute("INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?, ?)", made_part)
                for line in part:
                    place += 1
                    told = (line.key, line.image_id, line.role, line.model, line.n)
                    row = (line.name, wave, number, place, *told, None)
                    db.execute("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        return wave

    def _write(self, name: str, request: ChatRequest, n: int) -> bytes:
        return write_line(name, make_body(fill_images(request, self._run), n))

    def list_parts(self, wave: int) -> list[Part]:
        """The parts of a wave."""
        return [Part(*row) for row in self._ledger.query("SELECT * FROM parts WHERE wave = ? ORDER BY number", (wave,))]

    def set_part(self, part: Part) -> Part:
        """Commit what a carrier has done with a part."""
        with self._ledger.write_together() as db:
            values = (part.state, part.file, part.batch, part.wave, part.number)
            db.execute("UPDATE parts SET state = ?, file = ?, batch = ? WHERE wave = ? AND number = ?", values)
        return part

    def count_lines(self, wave: int) -> tuple[int, int]:
        """The lines of a wave, and how many of them have no result yet."""
        query = "SELECT count(*), count(*) - count(outcome) FROM lines WHERE wave = ?"
        whole, out = self._ledger.query(query, (wave,))[0]
        return whole, out

    def write_lines(self, wave: int, number: int | None = None) -> Iterator[bytes]:
        """The lines of a wave that have no result yet, or of one of its parts, with pixels where images are named."""
        query = (
            "SELECT lines.name, lines.n, wants.request FROM lines JOIN wants USING (key) WHERE wave = ? AND "
            "ifnull(part = ?, 1) AND outcome IS NULL ORDER BY lines.place"
        )
        for name, n, request in self._ledger.iterate(query, (wave, number)):
            yield self._write(name, decode_record(request, ChatRequest), n)

    def find_wave(self, name: str) -> int | None:
        """The wave that a line of this run was sent with, None where no line is remembered by that name.

        A line is forgotten with its question; one that was answered stays on the bill.
        """
        query = "SELECT 1 FROM lines WHERE name = ? UNION SELECT 1 FROM bill WHERE id = ? AND way = 'batch'"
        number = NAME.match(name)
        return int(number[1]) if number and self._ledger.query(query, (name, name)) else None

    def find_longest(self, name: str) -> int | None:
        """The tokens that each answer to a line was allowed; None where nothing says so."""
        query = "SELECT wants.request FROM lines JOIN wants USING (key) WHERE name = ?"
        rows = self._ledger.query(query, (name,))
        return find_longest(decode_record(rows[0][0], ChatRequest).options) if rows else None

    def record(self, outcomes: Sequence[tuple[str, LineOutcome]]) -> list[tuple[str, LineOutcome]]:
        """Commit what became of lines, with what it cost; those that are news. What was answered stays so."""
        news = []
        with self._ledger.write_together() as db:
            for name, outcome in outcomes:
                query = (
                    "SELECT lines.image_id, lines.role, outcome, waves.prices, wants.request FROM lines "
                    "JOIN waves ON waves.number = wave JOIN wants USING (key) WHERE name = ?"
                )
                row = db.execute(query, (name,)).fetchone()
                before = decode_record(row[2], LineOutcome) if row and row[2] else LOST
                if row is None or before.kind == "answered":
                    continue
                if outcome.kind == "answered" or before == LOST:
                    news.append((name, outcome))
                db.execute("UPDATE lines SET outcome = ? WHERE name = ?", (outcome.model_dump_json(), name))
                if outcome.completion is not None:
                    request = decode_record(row[4], ChatRequest)
                    usage = read_usage(request.model, pack_completion(request, outcome.completion))
                    charge = make_charge(row[0], row[1], usage, decode_record(row[3], Prices), "batch")
                    insert_charge(db, name, charge)
        return news

    def drop_wants(self, keys: Iterable[str]) -> None:
        """Forget questions that have their reply."""
        with self._ledger.write_together() as db:
            for key in keys:
                db.execute("DELETE FROM lines WHERE key = ?", (key,))
                db.execute("DELETE FROM wants WHERE key = ?", (key,))

    def lose_lines(self, wave: int) -> None:
        """No further results of a wave will come."""
        with self._ledger.write_together() as db:
            _lose(db, wave)

    def close(self, wave: int) -> None:
        """All results of a wave are read: lines without one are lost, and what got no answer was tried once more."""
        with self._ledger.write_together() as db:
            _lose(db, wave)
            vain = f"SELECT key FROM lines WHERE wave = ? GROUP BY key HAVING sum({IS_PROGRESS}) = 0"
            db.execute(f"UPDATE wants SET tries = tries + 1 WHERE key IN ({vain})", (wave,))
            db.execute("UPDATE parts SET state = ? WHERE wave = ?", (DONE, wave))
            db.execute("UPDATE waves SET is_open = 0 WHERE number = ?", (wave,))

    def list_keys(self, wave: int) -> set[str]:
        """The questions of a wave that have no reply yet."""
        return {key for (key,) in self._ledger.query("SELECT DISTINCT key FROM lines WHERE wave = ?", (wave,))}

    def forget_unasked(self) -> None:
        """Questions that no wave was committed for: whoever still wants them says so again."""
        with self._ledger.write_together() as db:
            db.execute("DELETE FROM wants WHERE key NOT IN (SELECT key FROM lines)")

    def forget_tries(self, keys: Iterable[str]) -> None:
        """Let a later command try again what this one gave up."""
        with self._ledger.write_together() as db:
            db.executemany("UPDATE wants SET tries = 0 WHERE key = ?", ((key,) for key in keys))


def _lose(db: Connection, wave: int) -> None:
    lost = LOST.model_dump_json()
    db.execute("UPDATE lines SET outcome = ? WHERE wave = ? AND outcome IS NULL", (lost, wave))


def split_lines(lines: Iterable[NewLine], most_requests: int, most_bytes: int) -> Iterator[list[NewLine]]:
    """Lines in their order, in parts that keep to both limits; a line that is larger alone has a part of its own."""
    part: list[NewLine] = []
    size = 0
    for line in lines:
        if part and (len(part) == most_requests or size + line.size > most_bytes):
            yield part
            part, size = [], 0
        part.append(line)
        size += line.size
    if part:
        yield part
