"""A value that is open for everything asked inside of a block, in the tasks started there too: a meter, a draw."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Opened(Generic[Value]):
    """What is open here and now; each conversation has its own.

    Args:
        name: for messages.
    """

    def __init__(self, name: str) -> None:
        self._held: ContextVar[Value | None] = ContextVar(name, default=None)

    def find(self) -> Value | None:
        """The innermost that is open, None where nothing is."""
        return self._held.get()

    @contextmanager
    def open(self, value: Value) -> Iterator[Value]:
        """Open a value until the block ends; then what was open before is so again."""
        token = self._held.set(value)
        try:
            yield value
        finally:
            self._held.reset(token)
