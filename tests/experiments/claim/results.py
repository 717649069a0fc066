"""What the experiment says: the outcome first, then what it rests on."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from claim.asking import MODELS, Asking, list_finished, read_asking
from claim.power import make_power
from claim.readers import make_readings
from claim.samples import read_own
from claim.score import Compared, compare_family, count_deciding, name_outcome
from claim.sets import list_benches
from claim.settings import ARMS, PRIMARY, TESTED_SETS, Place, Settings
from claim.stated import measure_stating
from claim.tables import JUDGED, TITLES, make_accuracies, make_comparisons, make_data, make_leaks, make_stated
from paper_mini.run import read_costs
from paper_mini.tables import Table, show

DECIDING = ("hituav", "scenes")
"""The benchmark that decides: real images of a camera that nothing was trained on; without it, rendered ones."""
QUICK_NOTICE = "Quick run: shows that everything runs; too short to say anything of the claim."
DEVELOPMENT_NOTICE = "Development: settings and power are fixed on this; it says nothing of the claim."


class Results(NamedTuple):
    """Everything that is reported.

    Attributes:
        settings: with those seeds alone that are finished; planned: how many there should be.
        outcome: of the benchmark `deciding`; words: the outcome and its comparisons, in sentences.
        cpu_seconds: of all commands so far.
    """

    settings: Settings
    planned: int
    outcome: str
    deciding: str
    words: Sequence[str]
    tables: Sequence[Table]
    cpu_seconds: float

    @property
    def notice(self) -> str:
        """What forbids to read the figures as a result; empty for the whole experiment."""
        if self.settings.is_quick:
            return QUICK_NOTICE
        if self.settings.is_development:
            return DEVELOPMENT_NOTICE
        done = len(self.settings.seeds)
        return f"Partial: {done} of {self.planned} seeds are finished." if done < self.planned else ""


def make_results(settings: Settings, place: Place) -> Results:
    """Count what the cells left, for the seeds that are finished.

    Raises:
        UsageError: no seed is finished.
    """
    planned, settings = len(settings.seeds), replace(settings, seeds=list_finished(settings, place))
    askings = {name: read_asking(settings, place, name) for name in list_benches(settings, place)}
    deciding = next(name for name in DECIDING if name in askings)
    primary = compare_family(askings[deciding].scorer, PRIMARY)
    blind = find_blind(askings[deciding])
    outcome = name_outcome(primary, {arm for arm in MODELS if askings[deciding].scorer.score(arm).low > blind})
    shares = {arm.name: measure_stating(_read_all(settings, place, arm.name)) for arm in ARMS}
    tables = [make_power(askings[deciding])] if settings.is_development else []
    for make in (make_comparisons, lambda each: make_stated(each, shares), lambda each: make_accuracies(each, shares)):
        tables += [make(asking) for asking in askings.values()]
    tables += [make_readings(settings, place, each) for name, each in askings.items() if name in TESTED_SETS]
    tables += [make_data(settings, place, shares), make_leaks(settings, place)]
    words = [_tell_outcome(outcome, deciding), *(_tell_deciding(each, askings[deciding]) for each in primary)]
    words.append(_tell_level(askings[deciding], blind))
    return Results(settings, planned, outcome, deciding, words, tables, sum(read_costs(place.out).values()))


def find_blind(asking: Asking) -> float:
    """The best mean over the kinds of questions, in percent, of chance, commonest answer and blind answerer."""
    return max(sum(rates) / len(rates) for rates in asking.controls.values())


def _tell_level(asking: Asking, blind: float) -> str:
    found = asking.scorer.score(JUDGED)
    judged = "more than" if found.low > blind else "less than" if found.high < blind else "not told from"
    return f"{TITLES[JUDGED]}: {show(found)} %, {judged} the best that does not look at the images, {blind:.1f} %."


def _read_all(settings: Settings, place: Place, arm: str) -> list[dict[str, object]]:
    return [row for seed in settings.seeds for row in read_own(place.out / f"s{seed}/data/{arm}.json")]


def _tell_outcome(outcome: str, deciding: str) -> str:
    where = "real thermal images of a camera that nothing was trained on" if deciding == "hituav" else (
        "rendered scenes only, as no real images were asked about: this cannot decide the claim"
    )  # fmt: skip
    return f"Outcome: {outcome}, on {where}."


def _tell_deciding(each: Compared, asking: Asking) -> str:
    questions = asking.count_questions()
    told = f"{TITLES[each.first]}, against {TITLES[each.second]}: {show(each.difference, signed=True)} points"
    told += f", p after Holm's correction {each.holm:.3f}"
    if not each.difference.low <= 0 <= each.difference.high:
        return f"{told}."
    needed = count_deciding(each, questions)
    if needed is None:
        return f"{told}; {questions} questions were asked, and no number of them decides a difference of 0."
    groups = len(asking.asked.groups)
    return f"{told}; {questions} questions in {groups} groups were asked, about {needed} of such would decide it."


def render_markdown(results: Results) -> str:
    """The outcome and all tables."""
    settings = results.settings
    size = f"{len(settings.seeds)} of {results.planned} seeds, {settings.train_scenes} rendered scenes each"
    parts = [f"*{settings.name}: {size}; {results.cpu_seconds / 60:.0f} CPU minutes in all*"]
    parts += [f"**{results.notice}**"] if results.notice else []
    parts.append("\n".join(f"- {words}" for words in results.words))
    for table in results.tables:
        lines = [f"**{table.title}**", "", f"| {' | '.join(table.head)} |", "|" + "---|" * len(table.head)]
        lines += [f"| {' | '.join(row)} |" for row in table.rows]
        parts.append("\n".join(lines) + (f"\n\n{table.note}" if table.note else ""))
    return "\n\n".join(parts) + "\n"


def to_json(results: Results) -> str:
    """Outcome and tables, for programs."""
    made = {
        "settings": results.settings.name, "seeds": list(results.settings.seeds), "planned_seeds": results.planned,
        "notice": results.notice, "outcome": results.outcome, "deciding": results.deciding,
        "words": list(results.words), "tables": [table._asdict() for table in results.tables],
        "cpu_seconds": results.cpu_seconds,
    }  # fmt: skip
    return json.dumps(made, indent=1) + "\n"
