"""Which image may start when, and which rules it reads: the driver of a run.

Blocks make concurrency invisible: block b reads the rules mined in blocks 0..b-lag and may start when those are all
final. Results are committed in the order of the index, so what a killed run leaves is a prefix.
"""

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from agents.backends.asked.wants import Postponed
from agents.conversation.book.reverted import RevertedRule
from agents.conversation.protocol import Job
from agents.conversation.results import Result
from agents.conversation.rules import Mined, RuleBook, fold_rules
from agents.running.cost.spending import Budget
from agents.running.rejects.breaker import Breaker
from agents.store.run_store import RunStore
from tools.records import Rule

FROZEN_WINDOW = 4096


class Executor(Protocol):
    """Where jobs run: here, or on many machines."""

    def publish(self, book: RuleBook) -> None:
        """Make a book known; jobs name it by their block."""

    def submit(self, job: Job) -> None:
        """Start a job."""

    def completed(self) -> AsyncIterator[Result | Postponed]:
        """What becomes of each job, in any order, each once; raises what stops the run."""

    async def close(self) -> None:
        """Drop what is still running."""


@dataclass(frozen=True)
class BlockSchedule:
    """How images form blocks.

    Attributes:
        size, lag: S and L of the design; block b reads the rules of blocks 0..b-L.
        is_frozen: one fixed book, version 0, and no block waits for another.
        cap: greatest number of mined rules in force.
        reverted: rules that the pack takes back.
        window: with a frozen book, how far an image may be ahead of the first that is not final.
    """

    size: int
    lag: int
    is_frozen: bool
    cap: int
    reverted: tuple[RevertedRule, ...] = ()
    window: int = FROZEN_WINDOW

    def block_of(self, index: int) -> int:
        """The block of an image, whose number is also the version of its book."""
        return 0 if self.is_frozen else index // self.size

    def is_ready(self, index: int, first_open: int) -> bool:
        """Whether `index` may start when every image before `first_open` is final."""
        if self.is_frozen:
            return index - first_open < self.window
        return self.block_of(first_open) > self.block_of(index) - self.lag

    def build_book(self, version: int, seeds: Sequence[Rule], mined: Iterable[tuple[int, Mined]]) -> RuleBook:
        """The book of a block: a pure fold of what the blocks it may read have mined."""
        readable = self.list_readable(version, mined)
        return fold_rules(seeds, readable, cap=self.cap, version=version, reverted=self.reverted)

    def list_readable(self, version: int, mined: Iterable[tuple[int, Mined]]) -> list[Mined]:
        """What the images of a block may read of that which was mined, in its order."""
        last = -1 if self.is_frozen else version - self.lag
        return [item for index, item in mined if self.block_of(index) <= last]


class Driver:
    """Starts jobs, chooses their book, and commits results in the order of the index.

    Args:
        store: holds what is final already; takes every new result.
        block_schedule: who reads which rules.
        seeds: the rules the book starts from.
        concurrency: jobs under way at once.
        budget: None starts everything.
        advice: what to look at when image after image ends alike (`Breaker`).
    """

    def __init__(
        self,
        store: RunStore,
        block_schedule: BlockSchedule,
        seeds: Sequence[Rule],
        concurrency: int,
        budget: Budget | None = None,
        advice: str = "look at the endpoint",
    ) -> None:
        self._store = store
        self._block_schedule = block_schedule
        self._seeds = seeds
        self._concurrency = concurrency
        self._budget = budget
        self._advice = advice
        self._mined = store.list_mined()
        self._book: RuleBook | None = None
        self._mined_in_book = -1

    async def run(
        self,
        indices: Iterable[int],
        make_job: Callable[[int, int], Job],
        executor: Executor,
        tell: Callable[[Result], None],
    ) -> None:
        """Bring every image of `indices` to its end.

        Args:
            indices: ascending; those that are final already are skipped.
            make_job: job of an index and its block.
            executor: where jobs run; closed by the caller.
            tell: called after each commit.

        Raises:
            BudgetReached: the next image does not fit; everything that was started is final.
            EndpointFault: image after image ends alike in a reject that the endpoint causes.
        """
        waiting, breaker = self._begin(list(indices))
        uncommitted = deque(waiting)
        finished: dict[int, Result] = {}
        running = 0
        results = executor.completed()
        while uncommitted:
            while waiting and running < self._concurrency and self._is_ready(waiting[0], uncommitted[0]):
                if not self._start(waiting[0], make_job, executor):
                    break
                waiting.popleft()
                running += 1
            if not running and self._budget:
                raise self._budget.explain()
            result = await anext(results)
            if isinstance(result, Postponed):
                raise TypeError(f"image {result.index} waits for replies, and nothing here sends for them")
            running -= 1
            if self._budget:
                self._budget.settle(result)
            finished[result.index] = result
            while uncommitted and uncommitted[0] in finished:
                self._take(finished.pop(uncommitted.popleft()), breaker, tell)
        for result in breaker.release():
            self._commit(result, tell)

    def _begin(self, indices: list[int]) -> tuple[deque[int], Breaker]:
        """What is to be done, ascending, and the breaker that looks at its results."""
        done = set(self._store.list_done())
        waiting = deque(index for index in indices if index not in done)
        return waiting, Breaker(len(indices), len(waiting) == len(indices), self._advice)

    def _is_ready(self, index: int, first_open: int) -> bool:
        return self._block_schedule.is_ready(index, first_open)

    def _start(self, index: int, make_job: Callable[[int, int], Job], executor: Executor) -> bool:
        block = self._block_schedule.block_of(index)
        if self._book is None or self._book.version != block:
            self._book = self._next_book(block)
            executor.publish(self._book)
        job = make_job(index, block)
        if self._budget and not self._budget.reserve(job, self._book):
            return False
        executor.submit(job)
        return True

    def _next_book(self, block: int) -> RuleBook:
        # Counted is what may be read: a run that goes on in the midst of a block knows rules that this block does not
        # read and the next one does.
        count = len(self._block_schedule.list_readable(block, self._mined))
        if self._book is not None and self._mined_in_book == count:
            return replace(self._book, version=block)
        self._mined_in_book = count
        return self._block_schedule.build_book(block, self._seeds, self._mined)

    def _take(self, result: Result, breaker: Breaker, tell: Callable[[Result], None]) -> None:
        """One more result in the order of the index: its rules count from now on, held back or not."""
        self._mined.extend((result.index, item) for item in result.list_mined())
        for settled in breaker.take(result):
            self._commit(settled, tell)

    def _commit(self, result: Result, tell: Callable[[Result], None]) -> None:
        self._store.commit_result(result)
        tell(result)
