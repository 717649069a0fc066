"""Replies that a conversation wants and that are not stored: gathered, so that many conversations ask at once.

Where questions travel in waves, a conversation runs until it wants a reply that is not there, says what it wants, and
ends. When the replies have come it is run again from its start. What is mined from objections is needed only by the
turn after the next, so a conversation may guess at it for one turn more: the question travels with the next ones.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar

from agents.backends.opened import Opened
from tools.endpoint.messages import ChatRequest
from tools.records import Record

Reply = TypeVar("Reply")


class Want(Record):
    """A question without a stored reply.

    Attributes:
        key: of its reply in the store.
        role: who asks, with the kind of instruction.
        request: an image stands in it by its path in the run (`agents.backends.asked.images`), for pixels are large.
    """

    key: str
    role: str
    image_id: str
    request: ChatRequest


class Postponed(Record):
    """An image whose conversation goes on when there are replies to what it wants.

    Attributes:
        index: place in the dataset's order.
    """

    index: int
    wants: tuple[Want, ...]


class Wanted(Exception):
    """A conversation cannot go on without a reply that is not there."""


class Wants:
    """What one conversation wants, gathered while it runs.

    Attributes:
        guessed: the turn in which it was guessed what is mined, None while nothing is guessed.
    """

    def __init__(self) -> None:
        self._found: dict[str, Want] = {}
        self._turn = 0
        self.guessed: int | None = None

    def begin_turn(self) -> None:
        """An agent's turn begins.

        Raises:
            Wanted: it would hang on a guess.
        """
        self._turn += 1
        if self.guessed is not None and self._turn > self.guessed + 1:
            raise Wanted

    def add(self, want: Want) -> None:
        """One more, once each."""
        self._found.setdefault(want.key, want)

    def guess(self) -> None:
        """What is mined in this turn is not known yet."""
        self.guessed = self._turn if self.guessed is None else self.guessed

    def read(self) -> tuple[Want, ...]:
        """All of them, in the order in which they came up."""
        return tuple(self._found.values())


_WANTS: Opened[Wants] = Opened("wants")


def open_wants() -> AbstractContextManager[Wants]:
    """Gathers everything that is wanted inside, in the tasks that are started there too."""
    return _WANTS.open(Wants())


def want(found: Want) -> Wanted:
    """Note a question without a reply; what its asker raises."""
    wants = _WANTS.find()
    if wants is not None:
        wants.add(found)
    return Wanted()


def guess() -> None:
    """Go on for one turn without what is mined."""
    wants = _WANTS.find()
    if wants is not None:
        wants.guess()


async def gather_replies(questions: Sequence[Awaitable[Reply]]) -> list[Reply]:
    """All at once, as `asyncio.gather`; where replies are wanted, each question has its chance to say so.

    Raises:
        Wanted: at least one has no reply yet.
    """

    if len(questions) == 1:
        return [await questions[0]]

    async def ask(question: Awaitable[Reply]) -> Reply | Wanted:
        try:
            return await question
        except Wanted as wanted:
            return wanted

    found = await asyncio.gather(*(ask(question) for question in questions))
    for reply in found:
        if isinstance(reply, Wanted):
            raise reply
    return [reply for reply in found if not isinstance(reply, Wanted)]
