"""The tables of the experiment: the outcome first, then what it rests on."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from claim.cells import CONTROLS, list_benches
from claim.samples import Row, read_own
from claim.score import (
    Asked,
    Compared,
    compare_family,
    count_deciding,
    list_asked,
    name_outcome,
    read_arm,
    score_all,
)
from claim.settings import ARMS, BASE, CONTEXT, FAMILY, PRIMARY, Place, Settings
from claim.stated import is_stated, measure_stating
from itb.benchmark.bench import Bench, load_bench
from itb.report.scores import load_scored
from paper_mini.run import read_costs
from paper_mini.score import Answers, Scorer
from paper_mini.tables import Table, show
from tools.errors import UsageError

TITLES = {arm.name: arm.title for arm in ARMS} | {BASE: "no training", CONTEXT: "no training, told about the sensor"}
DECIDING = ("hituav", "scenes")
"""The benchmark that decides: real images of a camera that nothing was trained on; without it, rendered ones."""
QUICK_NOTICE = "Quick run: shows that everything runs; too short to say anything of the claim."


class Asking(NamedTuple):
    """One benchmark, with every finished model's answers."""

    name: str
    bench: Bench
    asked: Asked
    arms: Mapping[str, Answers]
    scorer: Scorer


class Results(NamedTuple):
    """Everything that is reported; `outcome` is of the deciding benchmark."""

    settings: Settings
    outcome: str
    deciding: str
    words: Sequence[str]
    tables: Sequence[Table]
    cpu_seconds: float


def make_results(settings: Settings, place: Place) -> Results:
    """Count what the cells left.

    Raises:
        UsageError: an arm that the claim is about is not finished.
    """
    askings = {name: _read(settings, place, name) for name in list_benches(settings, place)}
    deciding = next(name for name in DECIDING if name in askings)
    primary = compare_family(askings[deciding].scorer, PRIMARY)
    outcome = name_outcome(primary)
    shares = {arm.name: _measure_stating(settings, place, arm.name) for arm in ARMS}
    tables = [_make_comparisons(asking) for asking in askings.values()]
    tables += [_make_accuracies(settings, place, asking, shares) for asking in askings.values()]
    tables.append(_make_data(settings, place, shares))
    words = [_tell_outcome(outcome, deciding), *(_tell_deciding(each, askings[deciding]) for each in primary)]
    costs = read_costs(place.out)
    return Results(settings, outcome, deciding, words, tables, sum(costs.values()))


def _read(settings: Settings, place: Place, name: str) -> Asking:
    bench = load_bench(place.out / f"test/{name}/bench")
    asked = list_asked(load_scored(place.out / f"test/{name}/chance.jsonl", bench))
    arms = {}
    for arm in (*(arm.name for arm in ARMS), BASE, CONTEXT):
        files = list_files(settings, place, name, arm)
        if all((place.out / f"marks/{file.relative_to(place.out).with_suffix('.json')}").is_file() for file in files):
            arms[arm] = read_arm(bench, files, asked)
    lacking = sorted({each for pair in PRIMARY for each in pair} - arms.keys())
    if lacking:
        raise UsageError(f"{place.out}: {', '.join(lacking)} not finished for {name}; run without --report to go on")
    return Asking(name, bench, asked, arms, score_all(arms))


def list_files(settings: Settings, place: Place, bench: str, arm: str) -> list[Path]:
    """The predictions of an arm, a file a seed."""
    return [place.out / f"s{seed}/eval/{bench}/{arm}.jsonl" for seed in settings.seeds]


def _make_comparisons(asking: Asking) -> Table:
    pairs = [pair for pair in FAMILY if set(pair) <= asking.arms.keys()]
    rows = [
        (
            TITLES[each.first],
            TITLES[each.second],
            show(each.difference, signed=True),
            f"{each.p:.3f}",
            f"{each.holm:.3f}",
        )
        for each in compare_family(asking.scorer, pairs)
    ]
    head = ("arm", "against", "difference in points [95 %]", "p", "Holm's p, of all in this table")
    note = (
        f"Means over the kinds of questions, paired; {len(asking.asked.groups)} groups resampled, and seeds with them."
    )
    return Table(f"Differences: {asking.name}", head, rows, note)


def _make_accuracies(
    settings: Settings, place: Place, asking: Asking, shares: Mapping[str, Mapping[str, float]]
) -> Table:
    controls = _read_controls(place, asking)
    rows = []
    for kind_place, kind in enumerate(asking.asked.kinds):
        questions = int(next(iter(asking.arms.values())).asked.sum(0)[kind_place])
        groups = int((next(iter(asking.arms.values())).asked[:, kind_place] > 0).sum())
        for arm in asking.arms:
            stated = "-" if arm in (BASE, CONTEXT) else "yes" if is_stated(kind, shares[arm]) else "no"
            found = show(asking.scorer.score_task(arm, kind_place))
            rows.append(
                (kind.replace("_", " "), TITLES[arm], found, stated, *controls[kind], str(questions), str(groups))
            )
    rows += [("all kinds", TITLES[arm], show(asking.scorer.score(arm)), "", "", "", "", "", "") for arm in asking.arms]
    head = ("kind of question", "arm", "accuracy % [95 %]", "its texts state such", *CONTROLS, "questions", "groups")
    return Table(f"Accuracies: {asking.name}", head, rows)


def _read_controls(place: Place, asking: Asking) -> dict[str, tuple[str, ...]]:
    found = {
        name: read_arm(asking.bench, [place.out / f"test/{asking.name}/{name}.jsonl"], asking.asked).by_task
        for name in CONTROLS
    }
    return {
        kind: tuple(f"{found[name][column]:.1f}" for name in CONTROLS) for column, kind in enumerate(asking.asked.kinds)
    }


def _read_samples(place: Place, seed: int, arm: str) -> list[Row]:
    return read_own(place.out / f"s{seed}/data/{arm}.json")


def _measure_stating(settings: Settings, place: Place, arm: str) -> dict[str, float]:
    return measure_stating([row for seed in settings.seeds for row in _read_samples(place, seed, arm)])


def _make_data(settings: Settings, place: Place, shares: Mapping[str, Mapping[str, float]]) -> Table:
    rows = []
    for arm in ARMS:
        samples = _read_samples(place, settings.seeds[0], arm.name)
        words = sum(
            len(turn["value"].split()) for row in samples for turn in row["conversations"] if turn["from"] == "gpt"
        )
        stating = (f"{100 * share:.0f}" for share in shares[arm.name].values())
        images = len({row["image"] for row in samples})
        rows.append((arm.title, str(len(samples)), str(images), f"{words / max(1, len(samples)):.0f}", *stating))
    head = (
        "arm",
        "samples of a seed",
        "images",
        "words of an answer",
        *(f"say {name} %" for name in next(iter(shares.values()))),
    )
    return Table(
        "What each arm is trained on", head, rows, "Beside them every arm gets the same questions on photographs."
    )


def _tell_outcome(outcome: str, deciding: str) -> str:
    where = "real thermal images of a camera that nothing was trained on" if deciding == "hituav" else (
        "rendered scenes only, as no real images were given: this cannot decide the claim"
    )  # fmt: skip
    return f"Outcome: {outcome}, on {where}."


def _tell_deciding(each: Compared, asking: Asking) -> str:
    questions = int(next(iter(asking.arms.values())).asked.sum())
    told = f"{TITLES[each.first]}, against {TITLES[each.second]}: {show(each.difference, signed=True)} points"
    needed = count_deciding(each, questions)
    is_open = each.difference.low <= 0 <= each.difference.high
    if not is_open:
        return f"{told}."
    return (
        f"{told}; {questions} questions were asked, about {needed} of as many more groups would decide it."
        if needed
        else f"{told}."
    )


def render_markdown(results: Results) -> str:
    """The outcome and all tables."""
    settings = results.settings
    size = f"{len(settings.seeds)} seed{'s' * (len(settings.seeds) > 1)}, {settings.train_scenes} rendered scenes each"
    parts = [f"*{settings.name}: {size}; {results.cpu_seconds / 60:.0f} CPU minutes in all*"]
    parts += [f"**{QUICK_NOTICE}**"] if settings.is_quick else []
    parts.append("\n".join(f"- {words}" for words in results.words))
    for table in results.tables:
        lines = [f"**{table.title}**", "", f"| {' | '.join(table.head)} |", "|" + "---|" * len(table.head)]
        lines += [f"| {' | '.join(row)} |" for row in table.rows]
        parts.append("\n".join(lines) + (f"\n\n{table.note}" if table.note else ""))
    return "\n\n".join(parts) + "\n"


def to_json(results: Results) -> str:
    """Outcome and tables, for programs."""
    made = {
        "settings": results.settings.name, "outcome": results.outcome, "deciding": results.deciding,
        "words": list(results.words), "tables": [table._asdict() for table in results.tables],
        "cpu_seconds": results.cpu_seconds,
    }  # fmt: skip
    return json.dumps(made, indent=1) + "\n"
