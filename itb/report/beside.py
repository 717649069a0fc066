"""What stands beside a foreign benchmark's figures: blind answers fitted to its labels, and what is published."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from itb.others.plain import PLAIN
from itb.others.published import Published, PublishedFigure, read_published
from itb.others.scoring import Asked, Figure, Row, Rules
from itb.others.scoring.blind import fit_blind
from itb.others.scoring.rows import name_rows
from itb.report.tables import NONE, Table

KINDS = {"model": "published", "human": "published, people", "blind": "no image, published labels"}
ERRORS = ("MAE", "MSE", "distance")
"""What the names of figures hold that are errors: less is better."""


class Blind(NamedTuple):
    """The best that was reached on a figure without looking.

    Attributes:
        rule: how.
        figure: by upstream's reading, or by ours where there is no other.
    """

    rule: str
    figure: Figure


def find_best_blind(asked: Sequence[Asked], rules: Rules) -> dict[str, Blind]:
    """By figure, the best of all fitted answers; one that leaves questions of a figure unanswered has no part in it."""
    reader = PLAIN if rules.whose == PLAIN.whose else rules
    whole = {figure.name: figure.n for figure in rules.add_up([Row(one, reader.read(one, one.label)) for one in asked])}
    best: dict[str, Blind] = {}
    for rule, rows in _read_blind(asked, rules, reader).items():
        for figure in rules.add_up(rows) if rows else ():
            own = best.get(figure.name)
            is_whole = figure.n == whole.get(figure.name)
            if (
                is_whole
                and is_score(figure.name)
                and figure.value is not None
                and (own is None or is_better(figure.name, figure.value, own.figure.value))
            ):
                best[figure.name] = Blind(rule, figure)
    return best


def _read_blind(asked: Sequence[Asked], rules: Rules, reader: Rules) -> dict[str, list[Row]]:
    """The questions that each rule answers, as read; and all together, each task by the rule that is best there."""
    found = {
        rule: [
            Row(one, reader.read(one, reply)) for one, reply in zip(asked, replies, strict=True) if reply is not None
        ]
        for rule, replies in fit_blind(asked, rules).items()
    }
    by_task: dict[str, list[Row]] = {}
    for rows in found.values():
        for task, mine in name_rows(rows, lambda row: row.asked.task).items():
            if task not in by_task or _add_scores(mine) > _add_scores(by_task[task]):
                by_task[task] = mine
    return {**found, "the best of each kind": [row for rows in by_task.values() for row in rows]}


def _add_scores(rows: Sequence[Row]) -> float:
    return sum(row.read.score or 0.0 for row in rows)


def is_error(name: str) -> bool:
    """Whether a figure is an error in a unit, and no share."""
    return any(word in name.rpartition("/")[2] for word in ERRORS)


def is_score(name: str) -> bool:
    """Whether a figure says how good answers are, and not how many were read."""
    return not name.startswith("unread")


def is_better(name: str, value: float, other: float | None) -> bool:
    """Whether one value of a figure beats another."""
    return other is None or (value < other if is_error(name) else value > other)


def make_beside_table(
    name: str, title: str, asked: Sequence[Asked], rules: Rules, found: Mapping[str, Mapping[str, float | None]]
) -> Iterator[Table]:
    """One line a figure and source; and who stays below what needs no image.

    Args:
        found: model -> figure -> its value by upstream's reading, or by ours where there is no other.
    """
    blind, published = find_best_blind(asked, rules), read_published(name)
    figures = list(dict.fromkeys(figure for values in found.values() for figure in values))
    theirs = published.figures if published else ()
    figures += [one.figure for one in theirs if one.figure not in figures]
    rows = [row for figure in dict.fromkeys(figures) for row in _list_rows(figure, blind.get(figure), published)]
    if rows:
        columns = ("figure", "whose", "value", "kind", "remark")
        notes = [*_list_notes(published), *_list_below(blind, found)]
        yield Table(f"{title}: without looking, and as published", columns, tuple(rows), tuple(notes))


def _list_rows(figure: str, blind: Blind | None, published: Published | None) -> Iterator[tuple[str, ...]]:
    if blind and blind.figure.value is not None:
        scale = 1 if is_error(figure) else 100
        yield figure, blind.rule, f"{scale * blind.figure.value:.2f}", "no image, fitted to these labels", NONE
    for one in published.list_beside(figure) if published else ():
        yield figure, one.model, _show(one), KINDS[one.kind], one.note or NONE


def _show(one: PublishedFigure) -> str:
    return f"{one.value:.2f}" if one.unit == "%" else f"{one.value:.2f} {one.unit}"


def _list_notes(published: Published | None) -> Iterator[str]:
    yield "Fitted answers know the labels that they are scored against: a bound, and no score to be reached."
    if published:
        yield f"Published: {'; '.join(published.sources.values())}."
        if published.warning:
            yield published.warning.strip()


def _list_below(blind: Mapping[str, Blind], found: Mapping[str, Mapping[str, float | None]]) -> Iterator[str]:
    for model, values in found.items():
        below = [
            figure
            for figure, value in values.items()
            if value is not None and figure in blind and is_better(figure, blind[figure].figure.value or 0.0, value)
        ]
        if below:
            yield f"{model} is worse than an answer that does not look in: {', '.join(below)}."
