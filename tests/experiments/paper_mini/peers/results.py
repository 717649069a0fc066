"""Tables 2a and 2b and Figure 5 in small: scores with intervals of two kinds, and paired tests."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from itb.benchmark.bench import Bench, load_bench
from itb.report.metrics import Scored, estimate_average
from itb.report.scores import load_scored
from itb.report.significance import Comparison, compare
from itb.tasks import list_paper_tasks
from paper_mini.cells import MAIN
from paper_mini.peers import PEERS
from paper_mini.peers.cells import list_states
from paper_mini.power import describe_power, measure_spread, pool
from paper_mini.score import Answers, Interval, Scorer, read_answers
from paper_mini.tables import Table, judge, show
from tools.errors import UsageError
from tools.intervals import Estimate

OURS = "Infrared-LLaVA"
MODELS = {peer.name: peer.title for peer in PEERS} | {MAIN.name: OURS}
STATES = {name: list_states(name) for name in MODELS}
TITLES = {
    arm: f"{MODELS[name]}, {words}"
    for name, states in STATES.items()
    for arm, words in zip(states, ("aligned", "after instructions", "after ITB's train split"), strict=True)
}
TABLES = {
    "Table 2a: zero-shot": (*(STATES[peer.name][0] for peer in PEERS), MAIN.name),
    "Table 2b: fine-tuned on ITB's train split": tuple(states[2] for states in STATES.values()),
    "Figure 5: before and after instruction tuning": tuple(arm for states in STATES.values() for arm in states[:2]),
}
CLAIMS = (
    *((f"2a: ours, zero-shot, beats {peer.title} as it comes", MAIN.name, STATES[peer.name][0]) for peer in PEERS),
    *((f"ours beats {peer.title} after the same instructions", MAIN.name, peer.name) for peer in PEERS),
    *(
        (f"2b: ours beats {peer.title}, both fine-tuned on ITB", STATES[MAIN.name][2], STATES[peer.name][2])
        for peer in PEERS
    ),
    *((f"Figure 5: instructions help {title}", name, STATES[name][0]) for name, title in MODELS.items()),
    *((f"ITB's train split helps {title}", STATES[name][2], name) for name, title in MODELS.items()),
)
"""Words, and the two arms whose difference should be positive. The last three are of no claim of the paper."""


class PeerResults(NamedTuple):
    """What is reported.

    Attributes:
        scores: arm -> ITB Avg.
        seeds: of which every arm is finished; the others are left out.
    """

    tables: list[Table]
    scores: dict[str, Interval]
    seeds: tuple[int, ...]


def list_finished(out: Path, seeds: Sequence[int]) -> tuple[int, ...]:
    """Seeds of which every arm is finished."""
    return tuple(seed for seed in seeds if all((out / f"marks/s{seed}/eval/{arm}.json").is_file() for arm in TITLES))


def make_peer_results(out: Path, asked: Sequence[int], bench: Bench, costs: Mapping[str, float]) -> PeerResults:
    """Count what the cells left.

    Args:
        asked: seeds; one that is not finished is left out for all arms, whatever it would say.
    """
    seeds = list_finished(out, asked)
    if not seeds:
        return PeerResults([], {}, seeds)
    files = {arm: [out / f"s{seed}/eval/{arm}.jsonl" for seed in seeds] for arm in TITLES}
    answers = {arm: read_answers(bench, paths) for arm, paths in files.items()}
    scored = {arm: _read_scored(paths, bench) for arm, paths in files.items()}
    scorer = Scorer(answers)
    spent = {arm: max(_sum_costs(costs, seed, arm) for seed in seeds) for arm in TITLES}
    tables = [_make_scores(title, arms, answers, scored, scorer, spent) for title, arms in TABLES.items()]
    tables.append(_make_claims(scorer, scored, answers))
    return PeerResults(tables, {arm: scorer.score(arm) for arm in TITLES}, seeds)


def _read_scored(paths: Sequence[Path], bench: Bench) -> list[Scored]:
    """Every seed's answers; a question asked of several seeds pairs with the same one of the same seed."""
    return [
        row._replace(prediction=row.prediction.model_copy(update={"variant": f"seed {place}"}))
        for place, path in enumerate(paths)
        for row in load_scored(path, bench)
        if not row.prediction.variant
    ]


def _sum_costs(costs: Mapping[str, float], seed: int, arm: str) -> float:
    """CPU seconds of what an arm needed beyond the data: its alignment, its tuning, its questions."""
    name = next(name for name, states in STATES.items() if arm in states)
    stages = ["align/direct-mlp" if name == MAIN.name else f"align/{name}"]
    stages += [f"sft/{each}" for each in STATES[name][1 : STATES[name].index(arm) + 1]]
    return sum(costs.get(f"s{seed}/{stage}", 0) for stage in (*stages, f"eval/{arm}"))


def _make_scores(
    title: str,
    arms: Sequence[str],
    answers: Mapping[str, Answers],
    scored: Mapping[str, Sequence[Scored]],
    scorer: Scorer,
    spent: Mapping[str, float],
) -> Table:
    is_asked = next(iter(answers.values())).is_asked
    tasks, rows = [task for task, asked in zip(list_paper_tasks(), is_asked, strict=True) if asked], []
    for arm in arms:
        by_task = [f"{value:.1f}" for value in answers[arm].by_task[is_asked]]
        average = estimate_average({task: [row for row in scored[arm] if row.item.task == task] for task in tasks})
        seeds = ", ".join(f"{value:.1f}" for value in answers[arm].by_seed)
        asked = str(int(answers[arm].asked.sum()))
        rows.append(
            (TITLES[arm], *by_task, show(scorer.score(arm)), _show_bounds(average), seeds, asked, f"{spent[arm]:.0f}")
        )
    head = ("model", *(task.replace("_", " ") for task in tasks), "ITB Avg % [95 %]", "by group [95 %]", "each seed",
            "questions a seed", "CPU s of a seed, at most")  # fmt: skip
    note = (
        "The first interval draws seeds and images anew, the second is the benchmark's own, by group, and takes the "
        "seeds as they are."
    )
    return Table(title, head, rows, note)


def _make_claims(scorer: Scorer, scored: Mapping[str, Sequence[Scored]], answers: Mapping[str, Answers]) -> Table:
    spread = pool([measure_spread(answers[first], answers[second]) for _, first, second in CLAIMS])
    seeds, images, _ = next(iter(answers.values())).right.shape
    rows = []
    for words, first, second in CLAIMS:
        found, paired = scorer.compare(first, second), compare(scored[first], scored[second])
        rows.append((words, show(found, signed=True), *_show_comparison(paired), judge(found)))
    head = ("claim", "ITB Avg, points [95 %]", "all questions, points [95 % by group]", "p", "here")
    note = (
        "Paired by seed and by image. Judged by the first interval, which draws seeds and images anew; the second "
        "interval and p (groups' signs flipped) are the benchmark's own and take the seeds as they are. By their own "
        f"spread {seeds} seeds and {images} images resolve {spread.resolve(seeds):.1f} points at 80 % power."
    )
    return Table("Tables 2a, 2b and Figure 5: what holds", head, rows, note)


def _show_comparison(found: Comparison | None) -> tuple[str, str]:
    if found is None:
        return "", ""
    value, low, high = (100 * (number or 0) for number in found.difference[:3])
    return f"{value:+.1f} [{low:+.1f}, {high:+.1f}]", f"{found.p_value:.2g}"


def _show_bounds(found: Estimate | None) -> str:
    return "" if found is None else f"[{100 * (found.low or 0):.1f}, {100 * (found.high or 0):.1f}]"


def read_power(out: Path, asked: Sequence[int]) -> str:
    """What the arms that are finished in a folder say of power; see `power.describe_power`."""
    seeds, bench = list_finished(out, asked), load_bench(out / "test/bench")
    if not seeds:
        raise UsageError(f"{out}: no seed of {', '.join(map(str, asked))} is finished; run again to go on")
    arms = {arm: read_answers(bench, [out / f"s{seed}/eval/{arm}.jsonl" for seed in seeds]) for arm in TITLES}
    return describe_power(arms, [(first, second) for _, first, second in CLAIMS])
