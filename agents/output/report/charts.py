"""The geometry of the page's charts; `report_macros.html.j2` draws it. Every chart speaks of the whole run."""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH = 560
BAR_WIDTH, BAR_STEP = 290.0, 24.0
DOT_LEFT, DOT_STEP, DOT_TOP = 112.0, 26.0, 30.0
LETTER_WIDTH = 6.9
MAX_ROWS = 16
MAX_POINTS = 400


class Value(NamedTuple):
    """A figure and how it is written."""

    number: float
    text: str


class Bar(NamedTuple):
    """One horizontal bar with its label and the text at its end."""

    label: str
    y: float
    width: float
    text: str


class BarChart(NamedTuple):
    """Horizontal bars. `description` gives all figures in words, for those who do not see the chart."""

    title: str
    note: str
    bars: tuple[Bar, ...]
    height: float
    description: str


class Series(NamedTuple):
    """A name, and a colour of the style sheet: `before`, `after`, `ruled` or `turns`."""

    name: str
    colour: str


class Column(NamedTuple):
    """The head of a column of figures; `x` is its right edge."""

    series: Series
    x: float


class Dot(NamedTuple):
    """One figure: a dot on the scale at `x`, and the text in its column."""

    x: float
    column: Column
    text: str


class DotRow(NamedTuple):
    """The figures of one label on one line."""

    label: str
    y: float
    dots: tuple[Dot, ...]


class DotChart(NamedTuple):
    """Dots of several series on one scale, the figures in columns beside them.

    Attributes:
        left, right: ends of the scale, which starts at zero.
        description: all figures in words.
    """

    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[DotRow, ...]
    left: float
    right: float
    height: float
    description: str


class Tick(NamedTuple):
    """A mark on an axis."""

    position: float
    text: str


class StepChart(NamedTuple):
    """A step line: a value that holds until the next point."""

    title: str
    note: str
    path: str
    area: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    height: float
    description: str


def draw_bars(title: str, note: str, rows: Sequence[tuple[str, Value]]) -> BarChart:
    """Lay out one bar a row on one scale that starts at zero."""
    rows = rows[:MAX_ROWS]
    most = max((value.number for _, value in rows), default=0) or 1
    bars = tuple(
        Bar(label, 4 + index * BAR_STEP, round(BAR_WIDTH * value.number / most, 1), value.text)
        for index, (label, value) in enumerate(rows)
    )
    figures = "; ".join(f"{label}: {value.text}" for label, value in rows)
    return BarChart(title, note, bars, 4 + len(rows) * BAR_STEP, f"{title}. {figures}")


def draw_dots(title: str, note: str, rows: Sequence[tuple[str, Sequence[Value]]], series: Sequence[Series]) -> DotChart:
    """Lay out one line a row, with one dot a series on one scale that starts at zero."""
    rows = rows[:MAX_ROWS]
    columns = _place_columns(series)
    right = columns[0].x - LETTER_WIDTH * len(columns[0].series.name) - 22
    most = max((value.number for _, values in rows for value in values), default=0) or 1

    def make_row(index: int, label: str, values: Sequence[Value]) -> DotRow:
        dots = (
            Dot(round(DOT_LEFT + (right - DOT_LEFT) * value.number / most, 1), column, value.text)
            for value, column in zip(values, columns, strict=True)
        )
        return DotRow(label, DOT_TOP + (index + 0.5) * DOT_STEP, tuple(dots))

    lines = tuple(make_row(index, label, values) for index, (label, values) in enumerate(rows))
    height = DOT_TOP + len(rows) * DOT_STEP + 2
    return DotChart(title, note, columns, lines, DOT_LEFT, right, height, _describe(title, rows, series))


def _place_columns(series: Sequence[Series]) -> tuple[Column, ...]:
    columns, x = [], WIDTH - 4.0
    for one in reversed(series):
        columns.append(Column(one, round(x, 1)))
        x -= max(LETTER_WIDTH * len(one.name) + 24, 50)
    return tuple(reversed(columns))


def _describe(title: str, rows: Sequence[tuple[str, Sequence[Value]]], series: Sequence[Series]) -> str:
    figures = (
        f"{label}: " + ", ".join(f"{one.name} {value.text}" for one, value in zip(series, values, strict=True))
        for label, values in rows
    )
    return f"{title}. " + "; ".join(figures)


def thin_out(points: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Keep the points where the value changes, the last one, and at most about 400 in all."""
    changes = [point for index, point in enumerate(points) if not index or point[1] != points[index - 1][1]]
    if points and changes[-1] != points[-1]:
        changes.append(points[-1])
    step = -(-len(changes) // MAX_POINTS) or 1
    return changes[::step] + ([changes[-1]] if (len(changes) - 1) % step else [])


def draw_steps(title: str, note: str, points: Sequence[tuple[int, int]], height: float = 190) -> StepChart:
    """Lay out a step line of (image ordinal, value) points; both axes start at zero."""
    kept = thin_out(points) or [(0, 0)]
    left, top, right, bottom = 44.0, 12.0, WIDTH - 16.0, height - 30.0
    last, most = max(kept[-1][0], 1), max(1, *(value for _, value in kept))

    def x(ordinal: int) -> float:
        return round(left + (right - left) * ordinal / last, 1)

    def y(value: int) -> float:
        return round(bottom - (bottom - top) * value / most, 1)

    path = f"M{x(kept[0][0])} {y(kept[0][1])}" + "".join(f"H{x(ordinal)}V{y(value)}" for ordinal, value in kept[1:])
    return StepChart(
        title,
        note,
        path,
        f"{path}V{bottom}H{x(kept[0][0])}Z",
        tuple(Tick(x(value), f"{value:,}") for value in _spread(last)),
        tuple(Tick(y(value), f"{value:,}") for value in _spread(most)),
        height,
        f"{title}: {kept[0][1]:,} at image {kept[0][0]:,}, {kept[-1][1]:,} at image {kept[-1][0]:,}.",
    )


def _spread(most: int) -> list[int]:
    """Up to five round figures from 0 to `most`, ends included."""
    step = next(step for power in range(12) for step in (10**power, 2 * 10**power, 5 * 10**power) if most / step <= 4)
    ticks = list(range(0, most + 1, step))
    if ticks[-1] != most and most - ticks[-1] < step / 2:
        ticks.pop()
    return ticks if ticks[-1] == most else [*ticks, most]
