"""Who hears how a run goes on."""

from typing import Protocol

from agents.conversation.results import Result
from agents.store.run_store import Progress


class Listener(Protocol):
    """Hears how a run goes on; the command line shows a progress bar."""

    def start(self, total: int, done: Progress) -> None:
        """`total` images are to be final, `done` are."""

    def hear(self, result: Result) -> None:
        """One more image is final."""

    def spend(self, total_usd: float) -> None:
        """What all replies of the run cost so far."""

    def place(self, text: str) -> None:
        """Where images are worked on, where that is not here, and how fast."""

    def say(self, text: str) -> None:
        """A sentence for people."""


class Silence:
    """A listener that shows nothing."""

    def start(self, total: int, done: Progress) -> None:
        """Nothing."""

    def hear(self, result: Result) -> None:
        """Nothing."""

    def spend(self, total_usd: float) -> None:
        """Nothing."""

    def place(self, text: str) -> None:
        """Nothing."""

    def say(self, text: str) -> None:
        """Nothing."""
