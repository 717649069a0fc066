"""The tables of the experiment, each row beside the paper's number, and what becomes of the paper's claims."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from itb.benchmark.bench import Bench, load_bench
from itb.tasks import list_paper_tasks
from paper_mini.cells import ABLATION, MAIN, list_arms
from paper_mini.peers.results import make_peer_results
from paper_mini.run import read_costs
from paper_mini.score import Answers, Array, Interval, Scorer, read_answers
from paper_mini.settings import Settings
from paper_mini.tables import Table, judge, show
from tools.errors import UsageError
from tools.intervals import wilson

PAPER_TASKS = list_paper_tasks()

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
)
UNFINISHED = "not finished"
AGENT_COLUMNS = (
    "accepted", "captions that leak", "answers that leak", "contradict the boxes (object / count / position)",
    "distinct-1 / -2", "conversation : description : reasoning", "questions an accepted one",
)  # fmt: skip
KINDS = ("conversation", "description", "reasoning")
QUICK_NOTICE = "Quick run: shows that everything runs; too short to say anything about the claims."


@dataclass(frozen=True)
class Results:
    """Everything that is reported.

    Attributes:
        scores: arm -> ITB Avg; tables: in the order of the report; cpu_seconds: of the whole experiment.
        unfinished: number of arms that are left out.
        peer_seeds: of Tables 2a and 2b and of Figure 5, those that are finished.
    """

    settings: Settings
    scores: Mapping[str, Interval]
    tables: list[Table]
    cpu_seconds: float
    unfinished: int
    peer_seeds: tuple[int, ...] = ()


def make_results(settings: Settings, out: Path) -> Results:
    """Count what the cells left; an arm of which a seed is not finished is left out.

    Raises:
        UsageError: the main arm is not finished.
    """
    bench, costs = load_bench(out / "test/bench"), read_costs(out)
    peers = make_peer_results(out, settings.peer_seeds, bench, costs)
    found = _make_arms(settings, out, bench, costs) if settings.seeds else Results(settings, {}, [], 0.0, 0)
    tables = [*peers.tables, *found.tables]
    if settings.is_quick:
        tables = [table._replace(title=f"{table.title} (quick)") for table in tables]
    scores = {**peers.scores, **found.scores}
    return Results(settings, scores, tables, sum(costs.values()), found.unfinished, peers.seeds)


def _make_arms(settings: Settings, out: Path, bench: Bench, costs: Mapping[str, float]) -> Results:
    """Tables 3 to 5, the tasks and the agents."""
    names = [arm.name for arm in list_arms(settings)]
    finished = [name for name in names if all(_is_finished(out, seed, name) for seed in settings.seeds)]
    if MAIN.name not in finished:
        raise UsageError(f"{out}: the arm `{MAIN.name}` is not finished; run without --report to go on")
    arms = {name: read_answers(bench, list_files(settings, out, name)) for name in finished}
    scorer = Scorer(arms)
    controls = _read_controls(settings, out, bench)
    tables = [_make_scores(title, rows, arms, scorer, settings, costs, controls) for title, rows in ROWS.items()]
    tables += [_make_claims(scorer, arms, settings), _make_tasks(scorer, arms[MAIN.name], controls)]
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
    controls: "Controls",
) -> Table:
    layers = {arm.name: arm.align for arm in list_arms(settings)}
    made = []
    for arm, words, paper in rows:
        quoted = "-" if paper is None else f"{paper:.2f}"
        if arm not in arms:
            made.append((words, UNFINISHED, "", "", quoted, ""))
            continue
        seeds = ", ".join(f"{value:.1f}" for value in arms[arm].by_seed)
        stages = (f"align/{layers[arm]}", f"sft/{arm}", f"eval/{arm}")
        spent = max(sum(costs.get(f"s{seed}/{stage}", 0) for stage in stages) for seed in settings.seeds)
        asked = int(arms[arm].asked.sum())
        made.append((words, show(scorer.score(arm)), seeds, str(asked), quoted, f"{spent:.0f}"))
    head = ("arm", "ITB Avg % [95 %]", "each seed", "questions", "paper (7B, its own ITB)", "CPU s of a seed, at most")
    shares = ", ".join(f"{name} {np.nanmean(found):.1f}" for name, found in controls.without_image.items())
    return Table(title, head, made, f"With no image: {shares}.")


def _make_claims(scorer: Scorer, arms: Mapping[str, Answers], settings: Settings) -> Table:
    rows = []
    for words, first, second in CLAIMS:
        if not {first, second} <= arms.keys():
            rows.append((words, "", UNFINISHED))
            continue
        found = scorer.compare(first, second)
        verdict = "not to be told from a quick run" if settings.is_quick else judge(found)
        rows.append((words, show(found, signed=True), verdict))
    note = (
        "Paired by seed and by image. Holds: the interval lies above zero; does not hold here: below; else undecided."
    )
    return Table("The paper's claims, here", ("claim", "difference in points [95 %]", "here"), rows, note)


class Controls(NamedTuple):
    """What a miss can be compared with, in percent by task.

    Attributes:
        without_image: `chance`, `majority` and `blind` -> (T,).
        in_words: (T, 2) right and asked, of the language model when a scene is told in words.
        own: (T, 2) the same, of the main arm about the images that it was trained on, all seeds.
    """

    without_image: Mapping[str, Array]
    in_words: Array
    own: Array


def _read_controls(settings: Settings, out: Path, bench: Bench) -> Controls:
    chance = json.loads((out / "test/chance.jsonl.manifest.json").read_text())["model_notes"]["expected_accuracy"]
    without = {"chance": np.array([100 * chance.get(task, np.nan) for task in PAPER_TASKS])}
    without |= {name: read_answers(bench, [out / f"test/{name}.jsonl"]).by_task for name in ("majority", "blind")}
    in_words = np.zeros((len(PAPER_TASKS), 2))
    if (out / "test/told.json").is_file():
        counts = json.loads((out / "test/told.json").read_text())
        none = {"right": 0, "asked": 0}
        told = [counts.get(task, none) for task in PAPER_TASKS]
        in_words[:] = [(each["right"], each["asked"]) for each in told]
    own = np.zeros((len(PAPER_TASKS), 2))
    for seed in settings.seeds:
        if (out / f"marks/s{seed}/own/{MAIN.name}.json").is_file():
            found = read_answers(
                load_bench(out / f"s{seed}/forms/full/bench"), [out / f"s{seed}/own/{MAIN.name}.jsonl"]
            )
            own += np.stack([found.right[0].sum(0), found.asked.sum(0)], axis=1)
    return Controls(without, in_words, own)


def _make_tasks(scorer: Scorer, answers: Answers, controls: Controls) -> Table:
    asked = answers.asked.sum(0)
    rows = []
    for place, task in enumerate(PAPER_TASKS):
        if not asked[place]:
            continue
        found = scorer.score_task(MAIN.name, place)
        guesses = [float(values[place]) for values in controls.without_image.values()]
        own, in_words = controls.own[place], controls.in_words[place]
        guess = max(guesses[0], guesses[2])
        beats = found.low > guess
        why = "" if beats else explain_miss(guess, found.value, own, in_words)
        shown = [*(f"{value:.1f}" for value in guesses), *(_share(*counts) for counts in (own, in_words))]
        yes = "yes" if found.low > guesses[1] else "yes, but not the majority answer"
        verdict = (yes if beats else "no", why)
        rows.append((task.replace("_", " "), show(found), *shown, str(int(asked[place])), *verdict))
    head = ("task", "accuracy % [95 %]", *controls.without_image, "about its training images", "told in words",
            "questions", "beats chance and blind", "if not, where it is lost")  # fmt: skip
    note = "Told in words: the language model alone, with the kind of scene and its things from left to right as text."
    return Table("Each task: direct alignment, infrared instructions, MLP, both trained", head, rows, note)


def _share(right: float, asked: float) -> str:
    return f"{100 * right / asked:.1f}" if asked else "-"


def explain_miss(guess: float, accuracy: float, own: Array, in_words: Array) -> str:
    """Where most is lost between a scene told in words, the training images, and new images.

    Args:
        guess: what answers without an image reach, in percent.
        accuracy: about the test images, in percent.
        own, in_words: right and asked, as in `Controls`; their intervals treat questions as independent.
    """
    if not (in_words[1] and own[1]):
        return UNFINISHED
    if not _is_beyond(in_words, guess):
        return "the language model cannot do it even when told the scene in words"
    in_words_share, own_share = (100 * counts[0] / counts[1] for counts in (in_words, own))
    if not _is_beyond(own, guess) or in_words_share - own_share >= own_share - accuracy:
        return "too little of it is learned from the images, those of the training scenes included"
    return "learned for the training images, and lost on new scenes and another camera"


def _is_beyond(counts: Array, guess: float) -> bool:
    right, asked = counts
    return 100 * wilson(right / asked, asked)[0] > guess


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
    note = (
        "Means over the seeds, shares in percent. The template backend, which is not an LLM, writes from the boxes and "
        "so cannot contradict them: that column tells arms apart only with an LLM. Questions are those put to an agent."
    )
    return Table("Which agent matters", head, rows, note)


def _average(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for name in ("acceptance", "caption_leaks", "answer_leaks"):
        yield _mean([row[name] for row in rows], 100, 1)
    against = [_mean([row["hallucinations"][kind] for row in rows], 100, 1) for kind in ("object", "count", "position")]
    yield f"{_mean([row['hallucinations']['any'] for row in rows], 100, 1)} ({' / '.join(against)})"
    yield " / ".join(_mean([row[name] for row in rows], 1, 3) for name in ("distinct_1", "distinct_2"))
    yield " : ".join(_mean([row["kinds"].get(kind, 0) for row in rows], 1, 0) for kind in KINDS)
    yield _mean([row["questions_per_accepted"] for row in rows], 1, 2)


def _mean(values: Sequence[float | None], factor: float, digits: int) -> str:
    known = [value for value in values if value is not None]
    return f"{factor * sum(known) / len(known):.{digits}f}" if known else "-"


def render_markdown(results: Results) -> str:
    """All tables."""
    settings = results.settings
    counts = []
    if settings.peer_seeds:
        counts.append(f"Tables 2a, 2b and Figure 5: {len(results.peer_seeds)} of {len(settings.peer_seeds)} seeds")
    if settings.seeds:
        counts.append(f"the other tables: {len(settings.seeds)} seeds")
    size = f"{', '.join(counts)}, {settings.train_scenes} training scenes each"
    lacking = f"; {results.unfinished} arms not finished" if results.unfinished else ""
    parts = [f"*{settings.name}: {size}; {results.cpu_seconds / 60:.0f} CPU minutes in all{lacking}*"]
    if settings.is_quick:
        parts.append(f"**{QUICK_NOTICE}**")
    for table in results.tables:
        lines = [f"**{table.title}**", "", f"| {' | '.join(table.head)} |", "|" + "---|" * len(table.head)]
        lines += [f"| {' | '.join(row)} |" for row in table.rows]
        parts.append("\n".join(lines) + (f"\n\n{table.note}" if table.note else ""))
    return "\n\n".join(parts) + "\n"
