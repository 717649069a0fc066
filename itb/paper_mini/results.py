"""The tables of the experiment, each row beside the paper's number, and what becomes of the paper's claims."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from itb.bench import load_bench
from itb.paper_mini.cells import ABLATION, BEFORE, MAIN, list_arms
from itb.paper_mini.run import read_costs
from itb.paper_mini.score import Answers, Interval, Scorer, read_answers
from itb.paper_mini.settings import Settings
from itb.records import PAPER_TASKS
from tools.errors import UsageError

ROWS = {
    "Table 3: alignment and instructions": (
        ("direct-visible", "direct alignment + visual instructions", 47.11),
        ("indirect-visible", "indirect alignment + visual instructions", 52.57),
        ("indirect-infrared", "indirect alignment + infrared instructions", 55.23),
        ("main", "direct alignment + infrared instructions", 56.57),
    ),
    "Table 4: what instruction tuning trains": (
        ("sft-align-layer", "align layer only", 44.28),
        ("sft-llm", "language model only", 54.54),
        ("main", "both", 56.57),
    ),
    "Table 5: the align layer": (
        ("qformer", "Q-Former", 44.28),
        ("linear", "linear", 55.20),
        ("main", "MLP", 56.57),
    ),
    "Figure 5: instruction tuning, our model": (
        (BEFORE, "aligned, before instruction tuning", None),
        ("main", "after", 56.57),
    ),
}
"""Arm, words, and the paper's ITB Avg, measured on its own benchmark with a 7B model."""
CLAIMS = (
    ("direct alignment beats indirect", "main", "indirect-infrared"),
    ("infrared instructions beat visual ones (direct alignment)", "main", "direct-visible"),
    ("infrared instructions beat visual ones (indirect alignment)", "indirect-infrared", "indirect-visible"),
    ("training both beats the language model only", "main", "sft-llm"),
    ("training both beats the align layer only", "main", "sft-align-layer"),
    ("MLP beats linear", "main", "linear"),
    ("MLP beats Q-Former", "main", "qformer"),
    ("instruction tuning helps", "main", BEFORE),
)
UNFINISHED = "not finished"
AGENT_COLUMNS = ("accepted", "captions that leak", "answers that leak", "contradict the boxes", "distinct-2",
                 "questions an accepted one")  # fmt: skip


class Table(NamedTuple):
    """A table for Markdown and HTML; cells are plain text."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""


@dataclass(frozen=True)
class Results:
    """Everything that is reported.

    Attributes:
        scores: arm -> ITB Avg; tables: in the order of the report; cpu_seconds: of the whole experiment.
        unfinished: number of arms that are left out.
    """

    settings: Settings
    scores: Mapping[str, Interval]
    tables: list[Table]
    cpu_seconds: float
    unfinished: int


def make_results(settings: Settings, out: Path) -> Results:
    """Count what the cells left; an arm of which a seed is not finished is left out.

    Raises:
        UsageError: the main arm is not finished.
    """
    bench = load_bench(out / "test/bench")
    names = [*(arm.name for arm in list_arms(settings)), BEFORE]
    finished = [name for name in names if all(_is_finished(out, seed, name) for seed in settings.seeds)]
    if MAIN.name not in finished:
        raise UsageError(f"{out}: the arm `{MAIN.name}` is not finished; run without --report to go on")
    arms = {name: read_answers(bench, list_files(settings, out, name)) for name in finished}
    scorer = Scorer(arms)
    costs = read_costs(out)
    tables = [_make_scores(title, rows, arms, scorer, settings, costs) for title, rows in ROWS.items()]
    tables += [_make_claims(scorer, arms), _make_tasks(scorer, arms, out, bench)]
    if settings.has_ablation:
        tables.append(_make_agents(settings, out, scorer, arms))
    scores = {name: scorer.score(name) for name in finished}
    return Results(settings, scores, tables, sum(costs.values()), len(names) - len(finished))


def _is_finished(out: Path, seed: int, arm: str) -> bool:
    return (out / f"marks/s{seed}/eval/{arm}.json").is_file()


def list_files(settings: Settings, out: Path, arm: str) -> list[Path]:
    """The predictions of an arm, a file a seed."""
    return [out / f"s{seed}/eval/{arm}.jsonl" for seed in settings.seeds]


def _make_scores(
    title: str,
    rows: Sequence[tuple[str, str, float | None]],
    arms: Mapping[str, Answers],
    scorer: Scorer,
    settings: Settings,
    costs: Mapping[str, float],
) -> Table:
    made = []
    for arm, words, paper in rows:
        quoted = "-" if paper is None else f"{paper:.2f}"
        if arm not in arms:
            made.append((words, UNFINISHED, "", "", quoted, ""))
            continue
        seeds = ", ".join(f"{value:.1f}" for value in arms[arm].by_seed)
        spent = max(costs.get(f"s{seed}/sft/{arm}", 0) + costs.get(f"s{seed}/eval/{arm}", 0) for seed in settings.seeds)
        asked = int(arms[arm].asked.sum())
        made.append((words, show(scorer.score(arm)), seeds, str(asked), quoted, f"{spent:.0f}"))
    head = ("arm", "ITB Avg % [95 %]", "each seed", "questions", "paper (7B, its own ITB)", "CPU s, tuning and asking")
    return Table(title, head, made)


def _make_claims(scorer: Scorer, arms: Mapping[str, Answers]) -> Table:
    rows = []
    for words, first, second in CLAIMS:
        if not {first, second} <= arms.keys():
            rows.append((words, "", UNFINISHED))
            continue
        found = scorer.compare(first, second)
        rows.append((words, show(found, signed=True), judge(found)))
    note = (
        "Paired by seed and by image. Holds: the interval lies above zero; does not hold here: below; else undecided."
    )
    return Table("The paper's claims, here", ("claim", "difference in points [95 %]", "here"), rows, note)


def judge(difference: Interval) -> str:
    """What an interval of a difference says about the claim that it is positive."""
    if difference.low > 0:
        return "holds"
    return "does not hold here" if difference.high < 0 else "undecided"


def _make_tasks(scorer: Scorer, arms: Mapping[str, Answers], out: Path, bench: Any) -> Table:
    chance = json.loads((out / "test/chance.jsonl.manifest.json").read_text())["model_notes"]["expected_accuracy"]
    blind, majority = (read_answers(bench, [out / f"test/{name}.jsonl"]).by_task for name in ("blind", "majority"))
    asked = arms[MAIN.name].asked.sum(0)
    rows = []
    for place, task in enumerate(PAPER_TASKS):
        found, guess = scorer.score_task(MAIN.name, place), 100 * chance[task]
        beats = "yes" if found.low > max(guess, blind[place]) else "no"
        shown = [f"{value:.1f}" for value in (guess, majority[place], blind[place])]
        rows.append((task.replace("_", " "), show(found), *shown, str(int(asked[place])), beats))
    head = ("task", "accuracy % [95 %]", "chance", "majority", "blind", "questions", "beats chance and blind")
    return Table("Each task: direct alignment, infrared instructions, MLP, both trained", head, rows)


def _make_agents(settings: Settings, out: Path, scorer: Scorer, arms: Mapping[str, Answers]) -> Table:
    found = [json.loads((out / f"s{seed}/runs/ablation.json").read_text())["arms"] for seed in settings.seeds]
    rows = []
    for arm in ABLATION:
        mine = [next(row for row in each if row["arm"] == arm) for each in found]
        name = MAIN.name if arm == "full" else f"agents-{arm}"
        score = show(scorer.score(name)) if name in arms else UNFINISHED
        against = show(scorer.compare(name, MAIN.name), signed=True) if name in arms.keys() - {MAIN.name} else "-"
        rows.append((mine[0]["title"], *_average(mine), score, against))
    head = ("arm", *AGENT_COLUMNS, "ITB Avg % [95 %] of the model trained on it", "against the full system")
    note = "Means over the seeds; template backend, which is not an LLM. Shares in percent."
    return Table("Which agent matters", head, rows, note)


def _average(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    shares = [
        ("acceptance",), ("caption_leaks",), ("answer_leaks",), ("hallucinations", "any"),
    ]  # fmt: skip
    for path in shares:
        values = [row[path[0]] if len(path) == 1 else row[path[0]][path[1]] for row in rows]
        yield _mean(values, 100, 1)
    yield _mean([row["distinct_2"] for row in rows], 1, 3)
    yield _mean([row["questions_per_accepted"] for row in rows], 1, 2)


def _mean(values: Sequence[float | None], factor: float, digits: int) -> str:
    known = [value for value in values if value is not None]
    return f"{factor * sum(known) / len(known):.{digits}f}" if known else "-"


def show(found: Interval, signed: bool = False) -> str:
    """`51.2 [49.0, 53.4]`."""
    sign = "+" if signed else ""
    return f"{found.value:{sign}.1f} [{found.low:{sign}.1f}, {found.high:{sign}.1f}]"


def render_markdown(results: Results) -> str:
    """All tables."""
    settings = results.settings
    size = f"{len(settings.seeds)} seed{'s' * (len(settings.seeds) > 1)}, {settings.train_scenes} training scenes each"
    lacking = f"; {results.unfinished} arms not finished" if results.unfinished else ""
    parts = [f"*{settings.name}: {size}; {results.cpu_seconds / 60:.0f} CPU minutes in all{lacking}*"]
    for table in results.tables:
        lines = [f"**{table.title}**", "", f"| {' | '.join(table.head)} |", "|" + "---|" * len(table.head)]
        lines += [f"| {' | '.join(row)} |" for row in table.rows]
        parts.append("\n".join(lines) + (f"\n\n{table.note}" if table.note else ""))
    return "\n\n".join(parts) + "\n"
