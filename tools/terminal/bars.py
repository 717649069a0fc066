"""Progress bars, all on stderr, so that stdout stays the result."""

from collections.abc import Iterable, Iterator
from typing import Self, TypeVar

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tools.terminal.cli import stderr

Thing = TypeVar("Thing")


def make_bar(*fields: str, is_transient: bool = False) -> Progress:
    """A progress bar: count, the named fields of a task, time, time left.

    Args:
        is_transient: whether it goes away when all is done.
    """
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        *(TextColumn(f"{{task.fields[{field}]}}", markup=False) for field in fields),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=stderr,
        refresh_per_second=4,
        transient=is_transient,
    )


def track(things: Iterable[Thing], title: str, total: float | None = None) -> Iterator[Thing]:
    """The things, with a bar that goes away behind the last one; `total` where they do not know their number."""
    with make_bar(is_transient=True) as bar:
        yield from bar.track(things, total=total, description=title)


class LiveBar:
    """What shows the progress of a command: its bar lives as long as the block that it is opened in."""

    def __init__(self, *fields: str) -> None:
        self._bar = make_bar(*fields)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
