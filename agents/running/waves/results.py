"""Results files read into the store, some lines at a time, whatever order they come in."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from agents.store.waves import WaveStore
from tools.endpoint.batch.lines import LineOutcome, read_line

TOGETHER = 500


@dataclass
class Count:
    """What the lines of results brought.

    Attributes:
        answered, failed: news of the wave that is out: replies, and errors or replies that are none.
        of_wave: lines of that wave, new or not.
        late: new replies to lines of earlier waves.
        earlier: the waves that these and other lines of this run are of.
        malformed: lines that are cut, or hold no result.
        strange: lines of something else.
    """

    answered: int = 0
    failed: int = 0
    of_wave: int = 0
    late: int = 0
    earlier: set[int] = field(default_factory=set)
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
        self._wave = store.find_open()
        self.count = Count()

    def read(self, lines: Iterable[bytes]) -> None:
        """Take in the lines of a file."""
        found: list[tuple[str, LineOutcome]] = []
        for line in lines:
            if line.strip():
                found += self._read(line)
            if len(found) >= TOGETHER:
                self._record(found)
                found = []
        self._record(found)

    def _read(self, line: bytes) -> list[tuple[str, LineOutcome]]:
        read = read_line(line, self._store.find_longest, self._key)
        if read is None:
            self.count.malformed += 1
            return []
        wave = self._store.find_wave(read.name)
        if wave is None:
            self.count.strange += 1
            return []
        if wave == self._wave:
            self.count.of_wave += 1
        else:
            self.count.earlier.add(wave)
        return [(read.name, read.outcome)]

    def _record(self, found: list[tuple[str, LineOutcome]]) -> None:
        for name, outcome in self._store.record(found):
            is_answer = outcome.kind == "answered"
            if self._store.find_wave(name) != self._wave:
                self.count.late += is_answer
            elif is_answer:
                self.count.answered += 1
            else:
                self.count.failed += 1
