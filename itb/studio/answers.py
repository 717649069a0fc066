"""All predictions of a report, by question: found, sorted the worst first, and paged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from itb.benchmark.bench import Bench
from itb.records import Item, Prediction
from itb.report import Report

PAGE_SIZE = 24
PLAIN = ""
WRONG, RIGHT, UNREAD, APART = "wrong", "right", "unread", "apart"
OUTCOMES = {
    "": "any",
    WRONG: "wrong",
    RIGHT: "right",
    UNREAD: "could not be read",
    APART: "models disagree",
}
ORDERS = {"": "worst first", "bench": "as in the benchmark"}


@dataclass(frozen=True)
class Wanted:
    """What is looked for; empty for all.

    Attributes:
        task, source: names.
        model: whose outcome counts; empty for that of any.
        outcome: one of `OUTCOMES`.
        text: words of question, answer or id.
        sort: one of `ORDERS`.
    """

    task: str = ""
    source: str = ""
    model: str = ""
    outcome: str = ""
    text: str = ""
    sort: str = ""


@dataclass(frozen=True)
class Spot:
    """Where somebody is: what is looked for, the page of it, counted from 1, and the question that is open."""

    wanted: Wanted = Wanted()
    page: int = 1
    item: str = ""


class Asked(NamedTuple):
    """A question, and each model's predictions of it in all variants, by the model's name."""

    item: Item
    said: Mapping[str, tuple[Prediction, ...]]

    def judge(self, model: str = "") -> list[Prediction]:
        """What counts of a model, or of all: the question as it stands, or its variants where it was not asked so."""
        found = []
        for name, rows in self.said.items():
            if model in ("", name):
                found += [row for row in rows if row.variant == PLAIN] or list(rows)
        return found


class Listed(NamedTuple):
    """A page of questions; the spot's page is one that there is."""

    spot: Spot
    asked: tuple[Asked, ...]
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


class Answers:
    """The questions that any model was asked.

    Args:
        report: its scores hold the predictions.
        bench: the benchmark, with the folders that its images lie in.
    """

    def __init__(self, report: Report, bench: Bench) -> None:
        self.report, self.bench = report, bench
        said: dict[str, dict[str, list[Prediction]]] = {}
        for score in report.scores:
            for row in score.rows:
                said.setdefault(row.item.id, {}).setdefault(score.name, []).append(row.prediction)
        self._asked = tuple(
            Asked(item, {name: tuple(rows) for name, rows in said[item.id].items()})
            for item in bench.items
            if item.id in said
        )
        self._places = {asked.item.id: asked for asked in self._asked}

    @property
    def tasks(self) -> tuple[str, ...]:
        """Tasks that were asked, in the benchmark's order."""
        return tuple(dict.fromkeys(asked.item.task for asked in self._asked))

    @property
    def sources(self) -> tuple[str, ...]:
        """Sources of the questions that were asked."""
        return tuple(dict.fromkeys(asked.item.source for asked in self._asked))

    @property
    def models(self) -> tuple[str, ...]:
        """The models' names."""
        return tuple(score.name for score in self.report.scores)

    def find(self, id: str) -> Asked | None:
        """A question that was asked; None where there is none of the id."""
        return self._places.get(id)

    def list(self, spot: Spot) -> Listed:
        """A page of what is looked for; where no question is open, its first is."""
        found = [asked for asked in self._asked if fits(asked, spot.wanted)]
        if not spot.wanted.sort:
            found.sort(key=lambda asked: rank(asked, spot.wanted.model))
        page = min(max(1, spot.page), max(1, -(-len(found) // PAGE_SIZE)))
        shown = tuple(found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])
        item = spot.item or (shown[0].item.id if shown else "")
        return Listed(replace(spot, page=page, item=item), shown, len(found))

    def step(self, spot: Spot, by: int) -> Spot:
        """The spot of the question behind (1) or before (-1) the open one, over the edges of pages."""
        listed = self.list(spot)
        names = [asked.item.id for asked in listed.asked]
        at = names.index(listed.spot.item) + by if listed.spot.item in names else 0
        if 0 <= at < len(names):
            return replace(listed.spot, item=names[at])
        page = listed.spot.page + by
        if not names or not 1 <= page <= listed.pages:
            return listed.spot
        there = self.list(replace(listed.spot, page=page, item="")).asked
        return replace(listed.spot, page=page, item=there[0 if by > 0 else -1].item.id)


def fits(asked: Asked, wanted: Wanted) -> bool:
    """Whether a question is among what is looked for."""
    item = asked.item
    if wanted.task not in ("", item.task) or wanted.source not in ("", item.source):
        return False
    if wanted.model and wanted.model not in asked.said:
        return False
    words = wanted.text.casefold().split()
    if words:
        replies = (row.reply for rows in asked.said.values() for row in rows)
        text = " ".join((item.id, item.question, item.answer, *item.options, *replies)).casefold()
        if not all(word in text for word in words):
            return False
    return not wanted.outcome or has_outcome(asked.judge(wanted.model), wanted.outcome)


def has_outcome(rows: Sequence[Prediction], outcome: str) -> bool:
    """Whether one of the predictions came out so; whether they differ in being right, for `APART`."""
    if outcome == APART:
        return len({row.is_correct for row in rows}) > 1
    checks = {
        WRONG: lambda row: not row.is_correct,
        RIGHT: lambda row: row.is_correct,
        UNREAD: lambda row: row.failure is not None,
    }
    return any(map(checks[outcome], rows)) if outcome in checks else True


def rank(asked: Asked, model: str = "") -> tuple[float, ...]:
    """The worst comes first: the share that is wrong, then what could not be read, then how far answers are off.

    How far: of counts the distance; under the likelihood protocol how much likelier the wrong answer seemed.
    """
    rows = asked.judge(model)
    if not rows:
        return (0.0, 0.0, 0.0)
    wrong = [row for row in rows if not row.is_correct]
    unread = sum(row.failure is not None for row in wrong)
    off = max((_find_distance(asked.item, row) for row in wrong), default=0.0)
    return (-len(wrong) / len(rows), -unread / len(rows), -off)


def _find_distance(item: Item, row: Prediction) -> float:
    if row.answer is not None and row.answer in row.scores and item.answer in row.scores:
        return row.scores[row.answer] - row.scores[item.answer]
    if row.answer is not None and row.answer.isascii() and row.answer.isdigit() and item.answer.isdigit():
        return float(abs(int(row.answer) - int(item.answer)))
    return 0.0
