"""A crew of actors: work goes out to them, news comes back; one that dies is replaced and its work is given out again.

Who gets which work is of no matter to what comes of it, so there is no more to it than: the next one goes to the actor
that has least to do.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tools.cluster.session import Needs
from tools.cluster.station import Fault, News, Station, Work
from tools.errors import ToolkitError, shorten

MOST_DEATHS = 5
"""So often actors may die over the same work, or one after another before they are ready."""
PATIENCE_SECONDS = 30.0
TAKING_SECONDS = 120.0
"""In which an actor has to say that it has what it was sent."""
RECENT = 200


class Done(NamedTuple):
    """A piece of work that is done, and where."""

    name: int
    load: Any
    node: str


@dataclass
class _Order:
    """A piece of work: how it is packed, each time anew, and how many actors died over it."""

    pack: Callable[[], Any]
    deaths: int = 0


@dataclass
class _Slot:
    """The place of one actor, whoever fills it."""

    handle: Any = None
    node: str = ""
    is_ready: bool = False
    deaths: int = 0
    orders: dict[int, _Order] = field(default_factory=dict)
    to_send: list[int] = field(default_factory=list)


class Crew:
    """Actors of one kind, on a cluster that was joined.

    Args:
        station: what runs in each.
        arguments: of its `begin`.
        size: how many.
        needs: what each takes of its node.
        window: pieces of work that one has at once.
        check: looks at what `begin` gave; raises what is wrong with it.
        hear: is told what came on the way.
        say: is told sentences for people.
        is_sticky: work that comes again goes to the actor that had it before.
    """

    def __init__(
        self,
        station: type[Station],
        arguments: tuple[Any, ...],
        size: int,
        needs: Needs,
        *,
        window: int,
        check: Callable[[str, Any], None] = lambda node, said: None,
        hear: Callable[[Any], None] = lambda load: None,
        say: Callable[[str], None] = lambda text: None,
        is_sticky: bool = False,
    ) -> None:
        self._station = station
        self._arguments = arguments
        self._needs = needs
        self._window = window
        self._check, self._hear, self._say = check, hear, say
        self._before: dict[int, _Slot] | None = {} if is_sticky else None
        self._slots = [_Slot() for _ in range(size)]
        self._waiting: deque[int] = deque()
        self._orders: dict[int, _Order] = {}
        self._finished: asyncio.Queue[Done | Exception] = asyncio.Queue()
        self._recent: deque[tuple[float, str]] = deque(maxlen=RECENT)
        self._tasks: list[asyncio.Task[None]] = []
        self._handing: set[asyncio.Task[None]] = set()

    def submit(self, name: int, pack: Callable[[], Any]) -> None:
        """Give out a piece of work.

        Args:
            pack: what travels; called when it is sent, and again when it is sent again.
        """
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._guard(self._attend(slot))) for slot in self._slots]
            self._tasks.append(asyncio.create_task(self._warn()))
        self._orders[name] = _Order(pack)
        self._waiting.append(name)
        self._deal()

    async def next(self) -> Done:
        """The next piece of work that is done.

        Raises:
            ToolkitError: what stops the command.
        """
        found = await self._finished.get()
        if isinstance(found, Exception):
            raise found
        return found

    async def close(self) -> None:
        """End the actors and drop what they do."""
        import ray

        tasks = [*self._tasks, *self._handing]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for slot in self._slots:
            if slot.handle is not None:
                ray.kill(slot.handle)

    def describe(self) -> str:
        """The actors that are at work, and how much each node does a second."""
        now = time.monotonic()
        since = max(now - self._recent[0][0], 1e-3) if self._recent else 1.0
        counts = Counter(node for _, node in self._recent)
        nodes = sorted({slot.node for slot in self._slots if slot.is_ready})
        rates = ", ".join(f"{node} {counts[node] / since:.1f}/s" for node in nodes)
        ready = sum(slot.is_ready for slot in self._slots)
        return f"{ready} actor{'' if ready == 1 else 's'}{': ' if rates else ''}{rates}"

    def _deal(self) -> None:
        """Give what waits to those who have room for it."""
        sending = []
        while self._waiting:
            name = self._waiting[0]
            slot = self._choose(name)
            if slot is None:
                break
            self._waiting.popleft()
            slot.orders[name] = self._orders[name]
            if not slot.to_send:
                sending.append(slot)
            slot.to_send.append(name)
        for slot in sending:
            # What is dealt in the same turn of the event loop travels together.
            asyncio.get_running_loop().call_soon(self._send, slot)

    def _choose(self, name: int) -> _Slot | None:
        before = self._before.get(name) if self._before is not None else None
        if before is not None and before.is_ready:
            return before
        open_ = [slot for slot in self._slots if slot.is_ready and len(slot.orders) < self._window]
        return min(open_, key=lambda slot: len(slot.orders)) if open_ else None

    def _send(self, slot: _Slot) -> None:
        names, slot.to_send = slot.to_send, []
        try:
            works = [Work(name, slot.orders[name].pack()) for name in names if name in slot.orders]
            if works and slot.is_ready:
                self._handing.add(task := asyncio.create_task(self._guard(self._hand_over(slot.handle, works))))
                task.add_done_callback(self._handing.discard)
        except Exception as error:  # noqa: BLE001 - raised by `next`
            self._finished.put_nowait(error)

    async def _hand_over(self, handle: Any, works: list[Work]) -> None:
        """Send work; an actor that does not say it has it is given up, for what was sent may be lost on the way."""
        import ray
        from ray.exceptions import RayError, RayTaskError

        try:
            await asyncio.wait_for(handle.take.remote(works), TAKING_SECONDS)
        except RayTaskError as error:
            raise RuntimeError(str(error)) from error
        except (RayError, TimeoutError):
            ray.kill(handle)  # which `_attend` hears of, if it has not yet

    async def _guard(self, attending: Any) -> None:
        try:
            await attending
        except Exception as error:  # noqa: BLE001 - raised by `next`
            self._finished.put_nowait(error)

    async def _attend(self, slot: _Slot) -> None:
        """Fill a slot with one actor after another."""
        from ray.exceptions import RayError, RayTaskError

        while True:
            try:
                await self._live(slot)
            except RayTaskError as error:
                raise RuntimeError(str(error)) from error
            except RayError as error:
                self._mourn(slot, error)

    async def _live(self, slot: _Slot) -> None:
        """The life of one actor; ends with the error that its death is."""
        import ray

        kind = ray.remote(self._station).options(
            num_cpus=self._needs.cpus, num_gpus=self._needs.gpus, scheduling_strategy="SPREAD", max_restarts=0
        )
        slot.handle = kind.remote()
        greeting = await slot.handle.greet.remote(Path.cwd(), *self._arguments)
        slot.node = greeting.node
        if isinstance(greeting.said, Fault):
            raise _tell_node(greeting.node, greeting.said.error)
        self._check(greeting.node, greeting.said)
        slot.is_ready = True
        self._deal()
        while True:
            for news in await slot.handle.collect.remote():
                self._take(slot, news)

    def _take(self, slot: _Slot, news: News) -> None:
        if isinstance(news.load, Fault):
            self._finished.put_nowait(news.load.error)
            return
        if news.name is None:
            self._hear(news.load)
            return
        slot.deaths = 0
        slot.orders.pop(news.name)
        self._orders.pop(news.name)
        if self._before is not None:
            self._before[news.name] = slot
        self._recent.append((time.monotonic(), slot.node))
        self._finished.put_nowait(Done(news.name, news.load, slot.node))
        self._deal()

    def _mourn(self, slot: _Slot, death: Exception) -> None:
        """An actor, its process or its node is gone: its work waits for another one, before all other.

        Raises:
            ToolkitError: it is not the first, and more would die.
        """
        import ray

        ray.kill(slot.handle)
        was_ready, slot.is_ready, slot.to_send = slot.is_ready, False, []
        slot.deaths += 1
        lost, slot.orders = slot.orders, {}
        for order in lost.values():
            order.deaths += 1
        worst = max([slot.deaths, *(order.deaths for order in lost.values())])
        if worst >= MOST_DEATHS:
            over = "over the same work" if lost else "as they began"
            raise ToolkitError(
                f"{worst} actors died {over}, the last on node {slot.node or 'unknown'} "
                f"(out of memory?): {_tell_death(death)}; run the same command again to go on, with fewer actors a node"
            )
        if was_ready:
            self._say(f"an actor on {slot.node} died; another one takes its place, and what was under way begins again")
        self._waiting.extendleft(sorted(lost, reverse=True))
        self._deal()

    async def _warn(self) -> None:
        """Tell of a cluster that has no room; work waits until it has."""
        while True:
            await asyncio.sleep(PATIENCE_SECONDS)
            if not any(slot.is_ready for slot in self._slots):
                self._say(
                    f"no actor is ready yet: each waits for a node with {self._needs.cpus:g} processors and "
                    f"{self._needs.gpus:g} GPUs free, or is loading its models"
                )


def _tell_death(error: Exception) -> str:
    """What Ray says at the end: before it stand tracebacks."""
    return shorten((str(error).strip().splitlines() or [type(error).__name__])[-1].strip(), 300)


def _tell_node(node: str, error: Exception) -> Exception:
    """An error with the node that it came from, its kind and exit code as they were."""
    if type(error).__init__ is not ToolkitError.__init__:
        return error
    return type(error)(f"node {node}: {error}")
