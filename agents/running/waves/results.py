"""Results files read into the store, some lines at a time, whatever order they come in."""

from collections.abc import Iterable
from dataclasses import dataclass

from agents.store.waves import WaveStore
from tools.endpoint.batch.lines import LineOutcome, read_line

TOGETHER = 500


@dataclass
class Count:
    """Lines that were read: with a reply, with something else, saying nothing, and of nothing that waits here."""

    answered: int = 0
    failed: int = 0
    malformed: int = 0
    strange: int = 0


class ResultsReader:
    """Reads lines of results and commits them.

    Args:
        key: of the endpoint, taken out of what is quoted.
    """

    def __init__(self, store: WaveStore, key: str = "") -> None:
        self._store = store
        self._key = key
        self.count = Count()

    def read(self, lines: Iterable[bytes]) -> None:
        """Take in the lines of a file."""
        found: list[tuple[str, LineOutcome]] = []
        for line in lines:
            if line.strip():
                found += self._read(line)
            if len(found) >= TOGETHER:
                self._store.record(found)
                found = []
        self._store.record(found)

    def _read(self, line: bytes) -> list[tuple[str, LineOutcome]]:
        read = read_line(line, self._store.find_longest, self._key)
        if read is None:
            self.count.malformed += 1
            return []
        if not self._store.knows(read.name):
            self.count.strange += 1
            return []
        if read.outcome.kind == "answered":
            self.count.answered += 1
        else:
            self.count.failed += 1
        return [(read.name, read.outcome)]
