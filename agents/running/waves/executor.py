"""Runs conversations until each wants a reply, sends for the replies of all of them, and runs them again."""

from collections import deque
from collections.abc import AsyncIterator

from agents.conversation.protocol import Job
from agents.conversation.results import Result
from agents.conversation.rules import RuleBook
from agents.running.schedule import Executor
from agents.running.waves.desk import WaveDesk


class WaveExecutor:
    """An executor around another one: a job is done when its conversation has all its replies.

    Args:
        inner: where the conversations run.
        desk: sends for replies.
        concurrency: conversations under way at once in `inner`; those that wait for a wave are none.
    """

    def __init__(self, inner: Executor, desk: WaveDesk, concurrency: int) -> None:
        self._inner = inner
        self._desk = desk
        self._concurrency = concurrency
        self._book: RuleBook | None = None
        self._published: RuleBook | None = None
        self._ready: deque[tuple[Job, RuleBook]] = deque()
        self._running: dict[int, tuple[Job, RuleBook]] = {}
        self._waiting: list[tuple[Job, RuleBook]] = []

    def publish(self, book: RuleBook) -> None:
        """Make a book known to the jobs that are submitted from now on."""
        self._book = book

    def submit(self, job: Job) -> None:
        """Take a job with the book that was published last."""
        if self._book is None:
            raise ValueError(f"image {job.photo.image_id} has no book")
        self._ready.append((job, self._book))

    async def completed(self) -> AsyncIterator[Result]:
        """Results as they come; asked for one when all conversations wait, it sends a wave and waits for it."""
        await self._desk.finish_open()
        outcomes = self._inner.completed()
        while True:
            while self._ready and len(self._running) < self._concurrency:
                self._start(*self._ready.popleft())
            if not self._running:
                await self._desk.send()
                self._ready.extend(self._waiting)
                self._waiting.clear()
                continue
            outcome = await anext(outcomes)
            begun = self._running.pop(outcome.index)
            if isinstance(outcome, Result):
                yield outcome
                continue
            self._desk.add(outcome.wants)
            self._waiting.append(begun)

    def _start(self, job: Job, book: RuleBook) -> None:
        if self._published is not book:
            self._inner.publish(book)
            self._published = book
        self._running[job.index] = (job, book)
        self._inner.submit(job)

    async def close(self) -> None:
        """Drop what is still running."""
        await self._inner.close()
