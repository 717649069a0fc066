"""Whose turn it is among several servers of one model."""

import time
from collections.abc import Callable, Sequence

FIRST_REST_SECONDS = 1.0
LONGEST_REST_SECONDS = 60.0


class Server:
    """One base URL and how it fared last.

    Attributes:
        url: base URL.
        failures: in a row; those during one rest count once.
        rests_until: on the clock of its `Servers`; asked before that only when no server works.
        counted_until: further failures before this time belong to the one that is counted already.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.failures = 0
        self.rests_until = self.counted_until = float("-inf")


class Servers:
    """Hands out servers in turn and passes over those that fail, while another one works.

    A server that fails rests for a second, twice as long after each further failure, at most a minute; after its rest
    a single request finds out whether it is back.

    Args:
        urls: at least one.
        clock: seconds, monotonic.
    """

    def __init__(self, urls: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._servers = [Server(url) for url in urls]
        self._clock = clock
        self._turn = 0

    def choose(self) -> Server:
        """The next server that works or has rested; when none has, simply the next."""
        now = self._clock()
        order = self._servers[self._turn :] + self._servers[: self._turn]
        chosen = next((server for server in order if server.rests_until <= now), order[0])
        if chosen.failures and chosen.rests_until <= now:
            chosen.rests_until = now + _rest_seconds(chosen.failures)
        self._turn = (self._servers.index(chosen) + 1) % len(self._servers)
        return chosen

    def has_other(self, server: Server) -> bool:
        """Whether another server can be asked at once."""
        now = self._clock()
        return any(other is not server and other.rests_until <= now for other in self._servers)

    def hear_success(self, server: Server) -> None:
        """It answered, if only with a refusal."""
        server.failures = 0
        server.rests_until = server.counted_until = float("-inf")

    def hear_failure(self, server: Server) -> None:
        """It did not answer, or with an error of its own."""
        now = self._clock()
        if now >= server.counted_until:
            server.failures += 1
            server.rests_until = server.counted_until = now + _rest_seconds(server.failures)


def _rest_seconds(failures: int) -> float:
    return float(min(LONGEST_REST_SECONDS, FIRST_REST_SECONDS * 2.0 ** min(failures - 1, 10)))
