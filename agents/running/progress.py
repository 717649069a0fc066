"""The progress bar of a run: rate, acceptance, time left; on stderr, so that stdout stays the result."""

from agents.conversation.results import Result
from agents.store.run_store import Progress as Done
from tools.terminal.bars import LiveBar


class ProgressBar(LiveBar):
    """Shows what a run tells it."""

    def __init__(self) -> None:
        super().__init__("rate", "outcome")
        self._debates = self._accepted = self._rejected = 0
        self._cost = self._places = ""
        self._task = self._bar.add_task("images", total=None, rate="", outcome="", visible=False)

    def start(self, total: int, done: Done) -> None:
        """Begin at what is final already."""
        self._rejected = done.rejected
        self._bar.update(self._task, total=total, completed=min(done.done, total), visible=done.done < total)

    def hear(self, result: Result) -> None:
        """Count one image."""
        self._debates += len(result.debates)
        self._accepted += sum(debate.is_accepted for debate in result.debates)
        self._rejected += result.status == "rejected"
        task = self._bar.tasks[self._task]
        share = f"debates accepted {self._accepted / self._debates:.0%}, " if self._debates else ""
        speed = task.speed
        rate = f"{speed:.1f}/s" if speed else ""
        outcome = f"{share}rejected {self._rejected}{self._cost}{self._places}"
        self._bar.update(self._task, advance=1, rate=rate, outcome=outcome)

    def spend(self, total_usd: float) -> None:
        """Show the cost from the next image on."""
        self._cost = f", ${total_usd:.2f}"

    def place(self, text: str) -> None:
        """Show where images are worked on from the next one on."""
        self._places = f", {text}"

    def say(self, text: str) -> None:
        """A line above the bar."""
        self._bar.console.print(text, soft_wrap=True)
