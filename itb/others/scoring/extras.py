"""Figures by meaning that upstream's rules lack: errors that leave nothing out, and boxes of which none is free."""

from collections.abc import Sequence

from itb.others.scoring.blind import find_medians
from itb.others.scoring.rows import Figure, Row, find_mean, find_share, name_rows

UNREAD = "MAE, the unread as the median"


def add_extras(rows: Sequence[Row]) -> tuple[Figure, ...]:
    """Task by task.

    A reply in which no number was found counts as the median of the labels: what saying one thing always is worth.
    """
    medians = find_medians([row.asked for row in rows])
    figures = []
    for task, mine in name_rows(rows, lambda row: row.asked.task).items():
        if task in medians:
            errors = [_find_error(row, medians[task]) for row in mine]
            figures.append(Figure(f"{task}/{UNREAD}", find_mean(errors), len(mine)))
        elif mine[0].asked.form == "boxes":
            figures.append(Figure(f"{task}/F1 of boxes", find_share(mine), len(mine)))
    return tuple(figures)


def _find_error(row: Row, median: float) -> float:
    error = row.read.parts.get("error")
    return abs(median - float(row.asked.answers[0])) if error is None else error
