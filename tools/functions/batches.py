"""Requests of the same turn of the event loop, collected into batches."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Request = TypeVar("Request")
Reply = TypeVar("Reply")


class Batcher(Generic[Request, Reply]):
    """Collects the requests of one turn of the event loop into batches of at most `size`."""

    def __init__(self, run: Callable[[list[Request]], Awaitable[list[Reply]]], size: int) -> None:
        self._run = run
        self._size = size
        self._waiting: list[tuple[Request, asyncio.Future[Reply]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, request: Request) -> Reply:
        """The reply to `request`; raises what its batch raised."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        self._waiting.append((request, future))
        return await future

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for start in range(0, len(waiting), self._size):
            task = asyncio.ensure_future(self._answer(waiting[start : start + self._size]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, batch: list[tuple[Request, asyncio.Future[Reply]]]) -> None:
        try:
            replies = await self._run([request for request, _ in batch])
        except Exception as error:  # noqa: BLE001 - handed to everyone who waits for this batch
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), reply in zip(batch, replies, strict=True):
            if not future.done():
                future.set_result(reply)
