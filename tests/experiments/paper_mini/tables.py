"""A table of the report, and how its figures are written."""

from collections.abc import Sequence
from typing import NamedTuple

from paper_mini.score import Interval


class Table(NamedTuple):
    """A table for Markdown and HTML; cells are plain text."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""


def judge(difference: Interval) -> str:
    """What an interval of a difference says about the claim that it is positive."""
    if difference.low > 0:
        return "holds"
    return "does not hold here" if difference.high < 0 else "undecided"


def show(found: Interval, signed: bool = False) -> str:
    """`51.2 [49.0, 53.4]`."""
    sign = "+" if signed else ""
    return f"{found.value:{sign}.1f} [{found.low:{sign}.1f}, {found.high:{sign}.1f}]"
