"""The scores as rows of text, once for terminal, Markdown and LaTeX."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from itb.report.scores import Baselines, ModelScore, TaskScore
from itb.report.significance import Comparison
from itb.tasks import list_paper_tasks, name_task, order_tasks
from tools.files.yaml_text import read_yaml
from tools.intervals import LEAST_GROUPS, Estimate

PAPER = Path(__file__).with_name("paper.yaml")
NONE = "-"
BELOW = "BELOW CHANCE"
AVERAGE = "ITB Avg"
PIVOT = "Tasks and models"
LEAST_QUESTIONS = 10
"""Below it there is no interval to be shown: it would say more than so few answers can."""


class Table(NamedTuple):
    """A table: a title, column names, rows of text, and notes below it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def load_paper(pack: str | None) -> dict[str, Any] | None:
    """The paper's own figures, to stand beside a benchmark of this pack; None of another or none.

    A benchmark of before packs names none (`""`); there was no other modality than the paper's then.
    """
    found: dict[str, Any] = read_yaml(PAPER)
    about = found.pop("pack")
    return found if pack in ("", about) else None


def percent(value: float | None) -> str:
    """`0.4711` -> `47.1`."""
    return NONE if value is None else f"{100 * value:.1f}"


def is_small(estimate: Estimate) -> bool:
    """Whether there are too few questions for an interval to mean anything."""
    return estimate.n < LEAST_QUESTIONS


def show_estimate(estimate: Estimate | None) -> str:
    """`47.1 [40.0, 54.2]`; without the interval where it is undefined, with a warning where groups are few."""
    if estimate is None:
        return NONE
    if estimate.low is None:
        return f"{percent(estimate.value)} [one group]"
    if is_small(estimate):
        return f"{percent(estimate.value)} [only {estimate.n} questions]"
    shown = f"{percent(estimate.value)} [{percent(estimate.low)}, {percent(estimate.high)}]"
    return shown if estimate.is_trusted else f"{shown} (not to be trusted: {estimate.groups} groups)"


def show_pair(found: Comparison) -> tuple[str, str]:
    """A difference with its interval, and its p; one group has neither, and `list_lone` says so for all at once."""
    if found.difference.low is None:
        return percent(found.difference.value), NONE
    return show_estimate(found.difference), f"{found.p_value:.3g}"


def list_lone(pairs: Iterable[tuple[str, Comparison]]) -> Iterator[str]:
    """The sentence about tasks whose questions are all of one group; nothing where there is none."""
    lone = dict.fromkeys(name_task(task) for task, found in pairs if found.difference.low is None)
    if lone:
        yield f"All questions of one drive, flight or scene, so no interval and no p: {', '.join(lone)}."


def show_baselines(baselines: Baselines) -> str:
    """`50.0 / 52.1 / 51.0`."""
    return " / ".join(map(percent, baselines))


def make_main_table(scores: Sequence[ModelScore]) -> Table:
    """Accuracy of each model and task; ITB Avg; tasks beyond the paper below it."""
    rows: list[tuple[str, ...]] = []
    of_paper = list_paper_tasks()
    for score in scores:
        paper = [task for task in score.tasks if task.task in of_paper]
        beyond = [task for task in score.tasks if task.task not in of_paper]
        rows += [_make_row(_name(score), task) for task in paper]
        if score.average_tasks:
            rows.append((_name(score), name_average(score), *_show_average(score)))
        suffix = " (beyond the paper)" if score.average_tasks else ""
        rows += [_make_row(_name(score), task, suffix) for task in beyond]
    columns = (
        "model", "task", "accuracy % [95 % interval]", "n (groups)", "chance / majority / blind %", "unread %",
        "beats blind",
    )  # fmt: skip
    is_whole = not any(score.state for score in scores)
    return Table("Accuracy" if is_whole else "Accuracy (incomplete)", columns, tuple(rows), tuple(_list_notes(scores)))


def make_pivot(scores: Sequence[ModelScore]) -> Table | None:
    """Tasks in rows, models in columns; None for one model, whose own table says it all."""
    if len(scores) < 2:
        return None
    found = [{task.task: task.accuracy for task in score.tasks} for score in scores]
    asked = order_tasks(task for mine in found for task in mine)
    of_paper = list_paper_tasks()
    rows = [(name_task(task), *(show_estimate(mine.get(task)) for mine in found)) for task in asked]
    paper = [row for row, task in zip(rows, asked, strict=True) if task in of_paper]
    beyond = [row for row, task in zip(rows, asked, strict=True) if task not in of_paper]
    average = (
        name_average(scores[0]),
        *(NONE if score.itb_avg is None else _show_average(score)[0] for score in scores),
    )
    note = "Accuracy in percent, with its 95 % interval."
    if not scores[0].average_tasks:
        return Table(PIVOT, ("task", *map(_name, scores)), tuple(rows), (note,))
    note += f" Below {AVERAGE} stand tasks beyond the paper." if beyond else ""
    return Table(PIVOT, ("task", *map(_name, scores)), (*paper, average, *beyond), (note,))


def name_average(score: ModelScore) -> str:
    """`ITB Avg`, with what has to be known of it."""
    without = [name_task(task) for task in list_paper_tasks() if task not in score.average_tasks]
    remarks = ["paper protocol"] * score.is_paper + [f"without {', '.join(without)}"] * bool(without)
    return f"{AVERAGE} ({'; '.join(remarks)})" if remarks else AVERAGE


def _name(score: ModelScore) -> str:
    """The model, and what its figures lack."""
    return f"{score.name} ({score.state})" if score.state else score.name


def _make_row(name: str, task: TaskScore, suffix: str = "") -> tuple[str, ...]:
    unread = sum(task.failures.values()) / task.accuracy.n
    beats = {None: NONE, True: "yes", False: "no"}[None if is_small(task.accuracy) else task.beats_blind]
    beats = BELOW if task.is_below_chance and not is_small(task.accuracy) else beats
    return (
        name,
        name_task(task.task) + suffix,
        show_estimate(task.accuracy),
        f"{task.accuracy.n} ({task.accuracy.groups})",
        show_baselines(task.baselines),
        percent(unread),
        beats,
    )


def _show_average(score: ModelScore) -> tuple[str, str, str, str, str]:
    if score.itb_avg is None:
        return f"undefined: no {', '.join(map(name_task, score.lacking))}", NONE, NONE, NONE, NONE
    of_paper = [task.accuracy for task in score.tasks if task.task in score.average_tasks]
    is_defensible = not any(map(is_small, of_paper))
    shown = show_estimate(score.itb_avg) if is_defensible else f"{percent(score.itb_avg.value)} [few questions]"
    baselines = show_baselines(score.average_baselines)
    return shown, f"{score.itb_avg.n} ({score.itb_avg.groups})", baselines, NONE, NONE


def _list_notes(scores: Sequence[ModelScore]) -> Iterator[str]:
    yield "Intervals: by group (drive, sequence, flight, scene), cluster-robust, Wilson's with Student's t."
    if any(not task.accuracy.is_trusted for score in scores for task in score.tasks):
        yield f"Fewer than {LEAST_GROUPS} groups: the interval cannot be trusted, whatever its formula."
    yield "An answer that could not be read counts as wrong."
    if any(is_small(task.accuracy) for score in scores for task in score.tasks):
        yield f"Fewer than {LEAST_QUESTIONS} questions a task: no interval; ask more of them."
    yield "beats blind: the interval lies above both chance and what answers without the image reach."
    yield (
        "chance / majority / blind: a uniform guess, the commonest answer of the train split, an answer learned there "
        f"from the question alone; on the same questions. {NONE}: not defined, or too few questions to say."
    )
    if any(task.accuracy.low is None for score in scores for task in score.tasks):
        yield "[one group]: all questions are of one drive, flight or scene, from which no interval follows."
    for score in scores:
        below = [name_task(task.task) for task in score.tasks if task.is_below_chance and not is_small(task.accuracy)]
        if below:
            yield (
                f"{score.name}: below chance: {', '.join(below)}. No model that looks is: see how its replies are "
                "read, whether it confuses yes and no or the letters, or whether the image reaches it."
            )
    if any(score.is_paper for score in scores):
        yield "Paper protocol: split by question, nothing balanced or refused; read ITB Avg beside blind and majority."
    for score in scores:
        if score.state:
            yield f"{score.name}: {score.state}; these figures are of what is there. Run the same `itb eval` to finish."
        if score.rotation is not None:
            yield f"{score.name}: {percent(score.rotation)} % of the rotated questions got one answer in all rotations."


def make_count_table(scores: Sequence[ModelScore]) -> Table | None:
    """Errors of the counting tasks; None when none was asked."""
    rows = [
        (_name(score), name_task(task.task), NONE if counts.mae is None else f"{counts.mae:.2f}",
         percent(counts.within_1), percent(1 - counts.read))
        for score in scores
        for task in score.tasks
        if (counts := task.counts) is not None
    ]  # fmt: skip
    columns = ("model", "task", "mean absolute error", "within one, %", "unread %")
    notes = ("Error and share that are off by one at most: of the counts that could be read.",)
    return Table("Counting", columns, tuple(rows), notes) if rows else None


def make_failure_table(scores: Sequence[ModelScore]) -> Table | None:
    """Answers that could not be read, by kind; None when all could."""
    rows = [
        (_name(score), name_task(task.task), ", ".join(f"{kind} {count}" for kind, count in task.failures.items()))
        for score in scores
        for task in score.tasks
        if task.failures
    ]
    return Table("Answers that could not be read", ("model", "task", "failures"), tuple(rows)) if rows else None


def make_comparison_table(comparisons: Sequence[tuple[str, str, str, Comparison]]) -> Table | None:
    """Paired tests; None when there is one model only."""
    rows = [
        (first, second, name_task(task), *show_pair(found), f"{found.only_first} / {found.only_second}",
         f"{found.mcnemar:.3g}")
        for first, second, task, found in comparisons
    ]  # fmt: skip
    columns = (
        "first",
        "second",
        "task",
        "difference in points [95 %]",
        "p",
        "only first / only second right",
        "McNemar p",
    )
    notes = (
        "p: sign-flip test over groups; McNemar's takes questions for independent. Only first / second: questions that "
        "only one of them got right.",
        *list_lone((task, found) for _, _, task, found in comparisons),
    )
    return Table("Paired comparison", columns, tuple(rows), notes) if rows else None


def make_breakdowns(scores: Sequence[ModelScore], bands: Mapping[str, str]) -> Iterator[Table]:
    """Accuracy by band (its title), source, variant and wording, where there is more than one of them."""
    for name in ("band", "source", "variant", "wording"):
        titles = bands if name == "band" else {}
        rows = [
            (_name(score), titles.get(value, value), name_task(task), show_estimate(estimate), str(estimate.n))
            for score in scores
            for value, tasks in score.breakdowns[name].items()
            for task, estimate in tasks.items()
        ]
        values = {row[1] for row in rows}
        if len(values) > 1:
            yield Table(f"By {name}", ("model", name, "task", "accuracy % [95 %]", "n"), tuple(rows))


def make_paper_table(pack: str | None) -> Table | None:
    """The paper's averages, quoted beside a benchmark of its modality."""
    paper = load_paper(pack)
    if paper is None:
        return None
    rows = tuple((row["model"], f"{row['value']:.2f}") for row in paper["itb_avg"])
    notes = ("Quoted from the paper, measured on its own benchmark; no repetition of the scores above.",)
    return Table("The paper's ITB Avg", ("configuration", "ITB Avg %"), rows, notes)


def list_tables(
    scores: Sequence[ModelScore],
    comparisons: Sequence[tuple[str, str, str, Comparison]],
    bands: Mapping[str, str],
    pack: str | None,
    paired: Sequence[Table] = (),
) -> list[Table]:
    """All tables of a report, in order.

    Args:
        bands: id -> title.
        pack: the benchmark's; None for one that the paper says nothing of.
        paired: further tables: of foreign benchmarks, of questions asked in two ways.
    """
    found = (make_count_table(scores), make_comparison_table(comparisons), make_failure_table(scores))
    tables = (
        make_pivot(scores),
        make_main_table(scores),
        *found,
        *paired,
        *make_breakdowns(scores, bands),
        make_paper_table(pack),
    )
    return [table for table in tables if table is not None]


def render_markdown(tables: Sequence[Table]) -> str:
    """GitHub tables."""
    return "\n".join(line for table in tables for line in _render_markdown(table))


def _render_markdown(table: Table) -> Iterator[str]:
    yield f"## {table.title}\n"
    yield f"| {' | '.join(table.columns)} |"
    yield "|" + "---|" * len(table.columns)
    for row in table.rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
    yield from (f"{note}\n" for note in table.notes)


ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def escape_latex(text: str) -> str:
    """`50 %` -> `50 \\%`."""
    return "".join(ESCAPES.get(char, char) for char in text)


def render_latex(tables: Sequence[Table]) -> str:
    """booktabs tables."""
    return "\n".join(line for table in tables for line in _render_latex(table))


def _render_latex(table: Table) -> Iterator[str]:
    yield "\\begin{table}"
    yield "\\centering"
    yield f"\\caption{{{escape_latex(' '.join((table.title + '.', *table.notes)))}}}"
    yield f"\\begin{{tabular}}{{{'l' * len(table.columns)}}}"
    yield "\\toprule"
    yield " & ".join(map(escape_latex, table.columns)) + " \\\\"
    yield "\\midrule"
    for row in table.rows:
        yield " & ".join(map(escape_latex, row)) + " \\\\"
    yield "\\bottomrule"
    yield "\\end{tabular}"
    yield "\\end{table}"
    yield ""
