"""What runs inside an actor: it takes work, does much of it at once, and keeps news until somebody fetches them."""

import asyncio
import os
import socket
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools.errors import MissingError, ToolkitError


class Work(NamedTuple):
    """Something to do.

    Attributes:
        name: by which its news are told apart.
        load: records and numbers; it travels.
    """

    name: int
    load: Any


class Fault(NamedTuple):
    """Why an actor cannot go on: what the command has to end with."""

    error: Exception


class News(NamedTuple):
    """What an actor has to tell.

    Attributes:
        name: of the work that it is the end of, None for what came on the way.
        load: a result, or a `Fault`.
    """

    name: int | None
    load: Any


class Greeting(NamedTuple):
    """What an actor says when it is ready.

    Attributes:
        node: host and the first digits of the node's name.
        said: what `Station.begin` gave, or a `Fault`.
    """

    node: str
    said: Any


class Station:
    """Base of what runs inside an actor: `begin` opens what it works with, `do` works.

    News are fetched in the order in which they were told, so what came on the way is there before the result.
    """

    def __init__(self) -> None:
        self._news: list[News] = []
        self._is_filled = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, *arguments: Any) -> Any:
        """Open what the work needs; what it gives is compared by whoever made the actor."""
        raise NotImplementedError

    async def do(self, load: Any) -> Any:
        """Do one piece of work."""
        raise NotImplementedError

    def tell(self, load: Any) -> None:
        """Tell something on the way."""
        self._add(News(None, load))

    async def greet(self, folder: Path, *arguments: Any) -> Greeting:
        """Begin, in the folder in which the command was given, so that paths mean the same."""
        node = _name_node()
        try:
            _enter(folder)
            return Greeting(node, self.begin(*arguments))
        except Exception as error:  # noqa: BLE001 - the command ends with it
            return Greeting(node, make_fault(error))

    async def take(self, works: Sequence[Work]) -> None:
        """Begin all of it."""
        for work in works:
            task = asyncio.create_task(self._run(work))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def collect(self) -> list[News]:
        """Everything that was told since the last time, as soon as there is something."""
        await self._is_filled.wait()
        self._is_filled.clear()
        news, self._news = self._news, []
        return news

    async def _run(self, work: Work) -> None:
        try:
            load = await self.do(work.load)
        except Exception as error:  # noqa: BLE001 - the command ends with it
            load = make_fault(error)
        self._add(News(work.name, load))

    def _add(self, news: News) -> None:
        self._news.append(news)
        self._is_filled.set()


def make_fault(error: Exception) -> Fault:
    """An error as it travels; of one that is none of ours its traceback, for where it happened nobody looks."""
    if isinstance(error, ToolkitError):
        return Fault(error)
    return Fault(RuntimeError("in an actor:\n" + "".join(traceback.format_exception(error))))


def _name_node() -> str:
    import ray

    return f"{socket.gethostname()}/{ray.get_runtime_context().get_node_id()[:4]}"


def _enter(folder: Path) -> None:
    try:
        os.chdir(folder)
    except OSError as error:
        raise MissingError(
            f"{folder}: this node has no such folder ({error}); give the command in a folder that every node sees"
        ) from error
