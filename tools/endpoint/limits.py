"""How fast an endpoint may be asked: requests under way at once, and requests and tokens a minute."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

SHRINK = 0.7
SHRINK_PAUSE_SECONDS = 1.0


class AdaptiveLimit:
    """Requests under way at once: one more after a full round of successes, 30 % fewer when the endpoint complains.

    Args:
        most: never more than these; also where it starts.
        clock: seconds, monotonic.
    """

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.most = most
        self.allowed = float(most)
        self._clock = clock
        self._running = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._last_shrink = float("-inf")

    async def __aenter__(self) -> None:
        while self._running >= max(1, int(self.allowed)):
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                self._wake()
                raise
        self._running += 1

    async def __aexit__(self, *_: object) -> None:
        self._running -= 1
        self._wake()

    def _wake(self) -> None:
        free = max(1, int(self.allowed)) - self._running
        while free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1

    def hear_success(self) -> None:
        """A request was answered."""
        self.allowed = min(float(self.most), self.allowed + 1 / self.allowed)

    def hear_overload(self) -> None:
        """The endpoint asked for fewer requests; complaints within a second count once."""
        now = self._clock()
        if now - self._last_shrink >= SHRINK_PAUSE_SECONDS:
            self._last_shrink = now
            self.allowed = max(1.0, self.allowed * SHRINK)


class RateLimit:
    """Evenly spaced requests and tokens; None is no limit.

    Args:
        requests_per_minute, tokens_per_minute: the endpoint's limits.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        requests_per_minute: float | None,
        tokens_per_minute: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds_per_request = 60 / requests_per_minute if requests_per_minute else 0.0
        self._seconds_per_token = 60 / tokens_per_minute if tokens_per_minute else 0.0
        self._clock = clock
        self._next_request = self._next_token = float("-inf")

    def reserve(self, tokens: int) -> float:
        """Take a place for a request of about `tokens`; seconds to wait for it."""
        now = self._clock()
        start = max(now, self._next_request, self._next_token)
        self._next_request = start + self._seconds_per_request
        self._next_token = start + tokens * self._seconds_per_token
        return start - now

    def correct(self, estimated: int, used: int) -> None:
        """Account for what the request really took."""
        self._next_token += (used - estimated) * self._seconds_per_token
