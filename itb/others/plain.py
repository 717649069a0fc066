"""Rules for benchmarks whose makers state none, or that a user brings: our reading, accuracy, and errors of numbers."""

from collections.abc import Sequence

from itb.others.scoring import Asked, Fault, Figure, Judge, Read, Row, Rules, read_by_meaning
from itb.others.scoring.ours import miss_by_meaning
from itb.others.scoring.rows import find_mean, find_share, name_rows


class PlainRules(Rules):
    """Shares that are right, over all and by task; how far numbers are off; words that free text has in common."""

    whose = "ours"

    def read(self, asked: Asked, reply: str, judge: Judge | None = None) -> Read:
        """By meaning."""
        return read_by_meaning(asked, reply)

    def miss(self, asked: Asked, fault: Fault) -> Read:
        """Wrong, with the reason."""
        return miss_by_meaning(asked, fault)

    def add_up(self, rows: Sequence[Row]) -> tuple[Figure, ...]:
        """Over all, then task by task."""
        by_task = name_rows(rows, lambda row: row.asked.task)
        figures = [Figure("accuracy", find_share(rows), len(rows))] if len(by_task) > 1 else []
        for task, mine in by_task.items():
            figures.append(Figure(f"{task}/accuracy", find_share(mine), len(mine)))
            errors = [row.read.parts["error"] for row in mine if "error" in row.read.parts]
            if errors:
                unread = len(mine) - len(errors)
                note = f"{unread} replies are no number and left out" if unread else ""
                figures.append(Figure(f"{task}/MAE", find_mean(errors), len(errors), note=note))
            if any("token_f1" in row.read.parts for row in mine):
                shared = [row.read.parts.get("token_f1", 0.0) for row in mine]
                figures.append(Figure(f"{task}/F1 of words", find_mean(shared), len(mine)))
        return tuple(figures)


PLAIN = PlainRules()
