"""What was made already, for work that is asked for again and again: the newest of it, so that memory has a bound."""

from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")
MOST = 1 << 15


class Kept(Generic[Key, Value]):
    """A memory of at most `most` things; the one that came first goes first.

    Args:
        is_on: off, it keeps nothing.
    """

    def __init__(self, *, is_on: bool, most: int = MOST) -> None:
        self._most = most if is_on else 0
        self._found: dict[Key, Value] = {}

    def find(self, key: Key) -> Value | None:
        """What is kept under a key."""
        return self._found.get(key)

    def keep(self, key: Key, value: Value) -> Value:
        """Keep it, and give it back."""
        if self._most:
            self._found[key] = value
        if len(self._found) > self._most:
            del self._found[next(iter(self._found))]
        return value
