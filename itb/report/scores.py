"""What a report says of one model: every figure that a table, a page or a file shows."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from itb.answers import find_reader, is_right
from itb.answers.blind_answerer import BlindAnswerer
from itb.answers.candidates import find_chance
from itb.answers.train_answers import count_answers, find_majority, name_kind
from itb.benchmark.bench import Bench
from itb.benchmark.folds import FittedApart
from itb.evaluate.predictions import ERROR, read_manifest, read_predictions
from itb.records import Item
from itb.report.metrics import (
    CountError,
    Scored,
    estimate_accuracy,
    estimate_average,
    group_by_task,
    measure_counts,
)
from itb.tasks import list_paper_tasks, order_tasks
from tools.errors import UsageError
from tools.intervals import Estimate

PLAIN = ""
"""The variant of a question that is asked as it stands."""


class Baselines(NamedTuple):
    """What is reached without looking: by guessing, by the commonest answer, by answering blind; None if undefined."""

    chance: float | None
    majority: float | None
    blind: float | None


UNDEFINED = Baselines(None, None, None)


class TaskScore(NamedTuple):
    """One task.

    Attributes:
        accuracy: with interval; None when nothing was asked.
        failures: answers that could not be read, by kind; they count as wrong.
        baselines: on the same questions.
        beats_blind: the interval lies above the better of blind and chance; None where that is undefined.
        counts: errors of counting tasks.
        is_below_chance: the interval lies below what a blind guess gets: something is wrong, not merely weak.
    """

    task: str
    accuracy: Estimate
    failures: dict[str, int]
    baselines: Baselines
    beats_blind: bool | None
    counts: CountError | None
    is_below_chance: bool = False


@dataclass(frozen=True)
class ModelScore:
    """One model.

    Attributes:
        name: of the model, unique in the report.
        manifest: of its predictions.
        tasks: those that were asked, in the benchmark's order.
        itb_avg: mean of the benchmark's average tasks; None when one was not asked.
        lacking: those of them that were not.
        average_tasks: the tasks that it is the mean of.
        average_baselines: the means of theirs.
        is_paper: the benchmark was built by the paper's protocol.
        breakdowns: by what (`band`, `source`, `variant`, `wording`) -> value -> task -> accuracy.
        rotation: share of questions asked with rotated options that got the same answer each time, None without.
        missing: questions of the split that have no prediction.
        errors: how many of the last run got no reply.
        limit: questions a task at most, where that left some of them out.
    """

    name: str
    manifest: Mapping[str, Any]
    rows: Sequence[Scored]
    tasks: tuple[TaskScore, ...]
    itb_avg: Estimate | None
    lacking: tuple[str, ...]
    breakdowns: Mapping[str, Mapping[str, Mapping[str, Estimate]]]
    rotation: float | None
    missing: int
    errors: int = 0
    limit: int | None = None
    average_tasks: tuple[str, ...] = ()
    average_baselines: Baselines = UNDEFINED
    is_paper: bool = False

    @property
    def state(self) -> str:
        """What its figures lack, in words; empty for a whole evaluation."""
        part = [f"partial: at most {self.limit} a task"] * bool(self.limit)
        missing = [f"incomplete: {self.missing} without prediction"] * bool(self.missing)
        errors = [f"{self.errors} errors"] * bool(self.errors)
        return ", ".join([*part, *missing, *errors])


def load_scored(path: Path, bench: Bench) -> list[Scored]:
    """Predictions joined with their items.

    Raises:
        MissingError: no such file.
        UsageError: it is no predictions file, or one of another benchmark.
    """
    items = {item.id: item for item in bench.items}
    manifest = read_manifest(path)
    digest = manifest.get("frozen", {}).get("bench", {}).get("items_digest")
    if digest not in (None, bench.digest):
        raise UsageError(
            f"{path}: predictions for another benchmark (items {digest}, here {bench.digest}); name theirs with --bench"
        )
    rows = [row for row in read_predictions(path) if row.failure != ERROR]
    unknown = [row.item for row in rows if row.item not in items]
    if unknown:
        raise UsageError(f"{path}: {len(unknown)} predictions are of items this benchmark lacks, e.g. {unknown[0]}")
    return [Scored(items[row.item], row) for row in rows]


def score_model(name: str, path: Path, bench: Bench) -> ModelScore:
    """Everything about one predictions file.

    Raises:
        MissingError, UsageError: as `load_scored`.
    """
    rows, manifest = load_scored(path, bench), read_manifest(path)
    plain = [row for row in rows if row.prediction.variant == PLAIN]
    judge = Judge(bench)
    groups = group_by_task(plain)
    tasks = tuple(judge.score(task, groups[task]) for task in order_tasks(groups))
    of_average = () if bench.is_foreign else bench.average_tasks or list_paper_tasks()
    paper: dict[str, Sequence[Scored]] = {task: groups.get(task, []) for task in of_average}
    split: Any = manifest.get("frozen", {}).get("split") or "test"
    asked = {row.item.id for row in plain}
    request, there = manifest.get("asked", {}), bench.choose(None if split == "all" else split)
    of_tasks = sum(item.task in (request.get("tasks") or groups) for item in there)
    wanted = int(request.get("items") or of_tasks)
    limit = request.get("limit_per_task")
    return ModelScore(
        name=name,
        manifest=manifest,
        rows=rows,
        tasks=tasks,
        itb_avg=estimate_average(paper),
        lacking=tuple(task for task, found in paper.items() if not found),
        breakdowns=break_down(rows),
        rotation=measure_rotation(rows),
        missing=max(0, wanted - len(asked)),
        errors=int(manifest.get("results", {}).get("errors", {}).get("questions", 0)),
        limit=limit if limit and wanted < of_tasks else None,
        average_tasks=of_average,
        average_baselines=average_baselines([task.baselines for task in tasks if task.task in of_average]),
        is_paper=bench.is_paper,
    )


class Judge:
    """Knows a benchmark's baselines."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._answers = FittedApart(bench.items, count_answers)
        self._blind = FittedApart(bench.items, BlindAnswerer)

    def score(self, task: str, rows: Sequence[Scored]) -> TaskScore:
        """One task's figures."""
        accuracy = estimate_accuracy(rows)
        if accuracy is None:
            raise UsageError(f"no prediction of the task {task}; evaluate it first")
        baselines = self.find_baselines([row.item for row in rows])
        floor = max((value for value in (baselines.chance, baselines.blind) if value is not None), default=None)
        counted = [row for row in rows if find_reader(row.item.form).is_count]
        return TaskScore(
            task=task,
            accuracy=accuracy,
            failures=dict(sorted(Counter(row.prediction.failure for row in rows if row.prediction.failure).items())),
            baselines=baselines,
            beats_blind=None if floor is None or accuracy.low is None else accuracy.low > floor,
            counts=measure_counts(counted),
            is_below_chance=_is_below(accuracy, baselines.chance),
        )

    def find_baselines(self, items: Sequence[Item]) -> Baselines:
        """Of these very items."""
        chances = [find_chance(item, self._bench.find_count_range(item)) for item in items]
        known = [chance for chance in chances if chance is not None]
        if self._blind.is_empty:
            return Baselines(_mean(known), None, None)
        seen = [item for item in items if self._answers.find(item).get(name_kind(item))]
        majority = _mean([is_right(item, self._find_majority(item)) for item in seen])
        blind = _mean([is_right(item, self._blind.find(item).answer(item)) for item in seen])
        return Baselines(_mean(known), majority, blind)

    def _find_majority(self, item: Item) -> str:
        return find_majority(item, item.options, self._bench.find_count_range(item), self._answers.find(item))


def _is_below(accuracy: Estimate, chance: float | None) -> bool:
    return chance is not None and accuracy.high is not None and accuracy.high < chance


def average_baselines(tasks: Sequence[Baselines]) -> Baselines:
    """The means over tasks; None where one of them is undefined."""
    columns = [[value for value in column if value is not None] for column in zip(*tasks, strict=True)]
    return Baselines(*(_mean(found) if len(found) == len(tasks) else None for found in columns or [[], [], []]))


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


def break_down(rows: Sequence[Scored]) -> dict[str, dict[str, dict[str, Estimate]]]:
    """Accuracy by band, source and wording (of questions as they stand), and by variant."""
    keys = {
        "band": lambda row: row.item.band,
        "source": lambda row: row.item.source,
        "wording": lambda row: row.item.wording,
    }
    plain = [row for row in rows if row.prediction.variant == PLAIN]
    found = {name: _estimate_groups(plain, key) for name, key in keys.items()}
    found["variant"] = _estimate_groups(rows, lambda row: row.prediction.variant or "as it stands")
    return found


def _estimate_groups(rows: Sequence[Scored], key: Any) -> dict[str, dict[str, Estimate]]:
    groups: defaultdict[str, defaultdict[str, list[Scored]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        groups[key(row)][row.item.task].append(row)
    return {
        value: {task: estimate for task, found in tasks.items() if (estimate := estimate_accuracy(found))}
        for value, tasks in sorted(groups.items())
    }


def measure_rotation(rows: Sequence[Scored]) -> float | None:
    """Of questions whose options were rotated, the share that got one and the same answer in every turn."""
    answers: defaultdict[str, list[str | None]] = defaultdict(list)
    for row in rows:
        parts = set(row.prediction.variant.split("+")) - {""}
        if all(part.startswith("rotate-") for part in parts):
            answers[row.item.id].append(row.prediction.answer)
    turned = [found for found in answers.values() if len(found) > 1]
    return _mean([len(set(found)) == 1 and found[0] is not None for found in turned])
