"""`--retry-rejected CODE`: images that were finally rejected are asked about again, and nothing else changes for it.

A retried image reads its own block's rule book, the one that it had: a pure fold of what the blocks before have mined.
Its result takes the place of its reject; rules that it mines are late and enter no book.
"""

from collections import deque
from collections.abc import Callable

from agents.conversation.results import Result
from agents.conversation.rules import RuleBook
from agents.running.rejects.breaker import FIRST, Breaker
from agents.running.schedule import FROZEN_WINDOW, Driver
from agents.store.retries import replace_result


class RetryDriver(Driver):
    """Brings images that are final to another end."""

    def _begin(self, indices: list[int]) -> tuple[deque[int], Breaker]:
        """All of them; a few that are refused once more are no sign of a fault of the endpoint."""
        return deque(indices), Breaker(max(FIRST, len(indices)), is_first=True, advice=self._advice)

    def _is_ready(self, index: int, first_open: int) -> bool:
        return index - first_open < FROZEN_WINDOW

    def _next_book(self, block: int) -> RuleBook:
        return self._block_schedule.build_book(block, self._seeds, self._mined)

    def _take(self, result: Result, breaker: Breaker, tell: Callable[[Result], None]) -> None:
        for settled in breaker.take(result):
            self._commit(settled, tell)

    def _commit(self, result: Result, tell: Callable[[Result], None]) -> None:
        replace_result(self._store, result)
        tell(result)
