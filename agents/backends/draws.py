"""How often a run has been told to ask again what an endpoint refused, and which attempts a question has by then.

Every reply stays in `replies.sqlite`, so a question whose replies were all of no use would get them for ever. A draw is
the way out. The first is number 0; each time a run stops because an endpoint answers nothing of use, or is told
`--retry-rejected`, its number grows. A question of a later draw first reads the stored replies of the draws before, of
which a good one stands. Then it has fresh attempts, with numbers of their own: no good reply is asked for twice, and
none that was of no use stands in the way of a new one.
"""

import functools
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import NamedTuple, ParamSpec, TypeVar

from agents.backends.opened import Opened
from tools.errors import RejectError

Arguments = ParamSpec("Arguments")
Reply = TypeVar("Reply")


class Draw(NamedTuple):
    """A draw: its number, and whether it is over, so that its stored replies are read and nothing is asked."""

    number: int = 0
    is_over: bool = False

    def number_attempt(self, attempt: int, attempts: int) -> int:
        """The number of an attempt through all draws, of which each has `attempts`."""
        return self.number * attempts + attempt


FIRST = Draw()
_DRAW: Opened[Draw] = Opened("draw")


def find_draw() -> Draw:
    """The draw that is open."""
    return _DRAW.find() or FIRST


def open_draw(draw: Draw) -> AbstractContextManager[Draw]:
    """The draw of everything that is asked inside, in the tasks that are started there too."""
    return _DRAW.open(draw)


def through_draws(
    ask: Callable[Arguments, Awaitable[Reply]],
) -> Callable[Arguments, Awaitable[Reply]]:
    """Decorator of what asks a question: the draws before this one are tried first, then this one is."""

    @functools.wraps(ask)
    async def wrapper(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Reply:
        for number in range(find_draw().number):
            with open_draw(Draw(number, is_over=True)):
                try:
                    return await ask(*args, **kwargs)
                except RejectError:
                    continue
        return await ask(*args, **kwargs)

    return wrapper
