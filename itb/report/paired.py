"""One model, one question, asked in two ways: what the sensor's paragraph adds, and what a changed image takes.

Only questions asked in both ways are compared, pair by pair; intervals are by group.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from itb.report.metrics import Scored, estimate_accuracy
from itb.report.scores import PLAIN, ModelScore
from itb.report.significance import Comparison, compare
from itb.report.tables import Table, list_lone, percent, show_estimate, show_pair
from itb.tasks import name_task, order_tasks
from tools.intervals import Estimate

CONTEXT = "context"
PERTURBED = "perturb="
WORST = "worst case"
ALL = "all questions"
Rows = Mapping[str, Sequence[Scored]]
"""Variant -> answers."""


class Robustness(NamedTuple):
    """A task under one change of its images.

    Attributes:
        before: accuracy of the same questions as they stand.
        after: accuracy under the change; of the worst case: right as it stands and under every change.
        drop: after minus before, paired.
        same: share of the questions that got the same answer; None for the worst case.
    """

    before: Estimate
    after: Estimate
    drop: Comparison
    same: float | None


def split_variants(rows: Sequence[Scored]) -> dict[str, dict[str, list[Scored]]]:
    """Task -> variant -> answers; all tasks together under `ALL`."""
    found: defaultdict[str, defaultdict[str, list[Scored]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for task in (row.item.task, ALL):
            found[task][row.prediction.variant].append(row)
    tasks = order_tasks(task for task in found if task != ALL)
    return {task: dict(found[task]) for task in (*tasks, *([ALL] if ALL in found else []))}


def measure_gain(rows: Rows) -> Comparison | None:
    """What the paragraph about the sensor adds: accuracy with it minus without; None where only one was asked."""
    return compare(_as_plain(rows.get(CONTEXT, ())), rows.get(PLAIN, ()))


def measure_changes(rows: Rows) -> Iterator[tuple[str, Robustness]]:
    """Each change by name, then the worst case over all of them, where there are several."""
    plain = {row.item.id: row for row in rows.get(PLAIN, ())}
    changed = {
        name.removeprefix(PERTURBED): _as_plain(found) for name, found in rows.items() if name.startswith(PERTURBED)
    }
    changed = {
        name: [row for row in found if row.item.id in plain] for name, found in changed.items() if "+" not in name
    }
    for name, found in changed.items():
        robustness = _compare(plain, found)
        if robustness:
            same = sum(row.prediction.answer == plain[row.item.id].prediction.answer for row in found) / len(found)
            yield name, robustness._replace(same=same)
    if len(changed) > 1:
        robustness = _compare(plain, _find_worst(plain, changed))
        if robustness:
            yield WORST, robustness


def _compare(plain: Mapping[str, Scored], after: Sequence[Scored]) -> Robustness | None:
    before = [plain[row.item.id] for row in after]
    first, second, drop = estimate_accuracy(before), estimate_accuracy(after), compare(after, before)
    return Robustness(first, second, drop, None) if first and second and drop else None


def _find_worst(plain: Mapping[str, Scored], changed: Rows) -> list[Scored]:
    """Questions asked under every change, right only where all answers are."""
    by_item: defaultdict[str, list[Scored]] = defaultdict(list)
    for found in changed.values():
        for row in found:
            by_item[row.item.id].append(row)
    whole = {id: [*found, plain[id]] for id, found in by_item.items() if len(found) == len(changed)}
    return [min(found, key=lambda row: row.value) for found in whole.values()]


def _as_plain(rows: Sequence[Scored]) -> list[Scored]:
    """The answers as if the question stood as it is, so that they pair with those that do."""
    return [row._replace(prediction=row.prediction.model_copy(update={"variant": PLAIN})) for row in rows]


def make_gain_table(scores: Sequence[ModelScore]) -> Table | None:
    """What the sensor's paragraph adds; None where nothing was asked both ways."""
    found = [
        (score.name, task, gain)
        for score in scores
        for task, variants in split_variants(score.rows).items()
        if (gain := measure_gain(variants))
    ]
    rows = [
        (name, name_task(task), *show_pair(gain), f"{gain.only_first} / {gain.only_second}", str(gain.difference.n))
        for name, task, gain in found
    ]
    columns = ("model", "task", "gain in points [95 %]", "p", "only with / only without right", "n")
    notes = (
        "The same questions with the pack's paragraph on what its images show, and without; paired.",
        *list_lone((task, gain) for _, task, gain in found),
    )
    return Table("What the sensor's context adds", columns, tuple(rows), notes) if rows else None


def make_change_table(scores: Sequence[ModelScore]) -> Table | None:
    """Changed images in one table: drop, worst case and consistency; None where none was asked."""
    asked = [
        (score.name, task, name, found)
        for score in scores
        for task, variants in split_variants(score.rows).items()
        for name, found in measure_changes(variants)
    ]
    rows = [
        (model, name_task(task), name, _show(found.before), _show(found.after), *show_pair(found.drop),
         percent(found.same))
        for model, task, name, found in asked
    ]  # fmt: skip
    columns = (
        "model", "task", "change", "as it stands %", "changed %", "change in points [95 %]", "p", "same answer %",
    )  # fmt: skip
    notes = (
        "The same questions about the changed images, paired. Worst case: right as it stands and under every change.",
        *list_lone((task, found.drop) for _, task, _, found in asked),
    )
    return Table("Changed images", columns, tuple(rows), notes) if rows else None


def _show(estimate: Estimate) -> str:
    """Without a word about one group, which a note below the table says once."""
    return percent(estimate.value) if estimate.low is None else show_estimate(estimate)
