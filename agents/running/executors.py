"""Where the images of a run are worked on; `Executor` in `agents.running.schedule` says what an executor is."""

import asyncio
from collections.abc import AsyncIterator

from agents.backends.asked.wants import Postponed
from agents.conversation.process import Resources, ResourcesSpec, process
from agents.conversation.protocol import Job
from agents.conversation.results import Result
from agents.conversation.rules import RuleBook
from tools.registry import NoSettings


class LocalExecutor:
    """Runs the conversations in this event loop; image work runs in the processes of the resources' tools."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._book = RuleBook(-1, ())
        self._tasks: set[asyncio.Task[Result | Postponed]] = set()
        self._finished: asyncio.Queue[asyncio.Task[Result | Postponed]] = asyncio.Queue()

    def publish(self, book: RuleBook) -> None:
        """Make a book known to the jobs that are submitted from now on."""
        self._book = book

    def submit(self, job: Job) -> None:
        """Start a job with the book that was published last."""
        if job.block != self._book.version:
            raise ValueError(f"image {job.photo.image_id} wants book {job.block}, published is {self._book.version}")
        task = asyncio.create_task(process(job, self._book, self._resources))
        self._tasks.add(task)
        task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[Result | Postponed]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio prints none of those that a stopping run leaves behind
        self._finished.put_nowait(task)

    async def completed(self) -> AsyncIterator[Result | Postponed]:
        """Results as they come."""
        while True:
            yield (await self._finished.get()).result()

    async def close(self) -> None:
        """Cancel what is still running and wait for it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def make_local(settings: NoSettings, resources: Resources, spec: ResourcesSpec) -> LocalExecutor:
    """The executor `local`."""
    return LocalExecutor(resources)
