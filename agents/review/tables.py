"""What reviews say, for the terminal and as JSON."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from agents.review.agreement import AgreementReport
from agents.review.book import ReviewBook
from agents.review.figures import Agreement
from agents.review.plan import ALL, Plan
from agents.review.reached import Reached
from agents.review.reversed_rules import ReversedRule
from tools.intervals import LEAST_GROUPS, Estimate

SHOWN_FAULTS = 4
FIGURES = ("precision", "recall", "agreement", "kappa")


def tell_share(found: Estimate | None) -> str:
    """`81.2 % [70.1, 88.9]`; `–` where there is nothing to tell; `*` where images are too few for the interval."""
    if found is None:
        return "–"
    if found.low is None or found.high is None:
        return f"{100 * found.value:.1f} %"
    return f"{100 * found.value:.1f} % [{100 * found.low:.1f}, {100 * found.high:.1f}]{_mark(found)}"


def tell_kappa(found: Estimate | None) -> str:
    """`0.62 [0.41, 0.83]`, as `tell_share`."""
    if found is None:
        return "–"
    if found.low is None or found.high is None:
        return f"{found.value + 0:.2f}"
    return f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}]{_mark(found)}"


def _mark(found: Estimate) -> str:
    return "" if found.is_trusted else "*"


def tabulate_agreement(report: AgreementReport) -> Table:
    """A column for all texts as reviewed, one for the run, and one row a figure; then a row a category."""
    table = Table(title="the debate agent against people", title_justify="left")
    table.add_column("")
    table.add_column("precision", justify="right")
    table.add_column("recall", justify="right")
    table.add_column("kappa", justify="right")
    _add_row(table, "as reviewed", report.reviewed)
    if report.run is not None:
        _add_row(table, "the run", report.run)
    for category, found in report.by_category.items():
        _add_row(table, category, found)
    return table


def _add_row(table: Table, name: str, found: Agreement) -> None:
    shares = (tell_share(found.precision), tell_share(found.recall), tell_kappa(found.kappa))
    table.add_row(Text(name), *(share.replace(" [", "\n[") for share in shares))


def tabulate_counts(report: AgreementReport) -> Table:
    """Texts by what the agent and people say of them, all together and by category."""
    table = Table(title="reviewed texts: who finds a fault", title_justify="left")
    table.add_column("")
    for name in ("both", "agent alone", "people alone", "neither"):
        table.add_column(name, justify="right")
    for name, found in {"as reviewed": report.reviewed, **report.by_category}.items():
        table.add_row(Text(name), *(f"{count:,}" for count in found[:4]))
    return table


def tell_agreement(report: AgreementReport) -> Iterator[str]:
    """What a reader of the table has to know, a sentence a line."""
    said = report.judged
    yield (
        f"The debate agent objected to {said[True]:,} texts of the run and accepted {said[False]:,}; "
        f"{report.reviewed.n:,} of them count here."
    )
    if report.reviewed.n and report.run is None:
        missing = "objected to" if report.reviewed.both + report.reviewed.agent_alone == 0 else "accepted"
        yield (
            f"None of the reviewed texts was {missing} by the debate agent: recall and kappa say nothing of the run; "
            "review both sorts (review-plan --objected)."
        )
    if report.conflicts:
        yield f"Left out: {report.conflicts:,} about which people differ whether there is a fault."
    if report.unjudged:
        yield f"Left out: {report.unjudged:,} reviewed that the debate agent has not read."
    if report.stale:
        yield f"Left out: {report.stale:,} reviewed that are not in the run any more, or say something else now."
    if report.people is not None:
        yield f"Pairs of people agree whether a text is faulty: {tell_share(report.people)} of {report.people.n:,}."
    yield (
        f"Brackets: 95 % intervals; texts of one image hang together. *: fewer than {LEAST_GROUPS} images, not to be "
        "trusted."
    )


def tabulate_reversed(found: Sequence[ReversedRule]) -> Table:
    """The rules that people reversed."""
    table = Table(title="rules that people reverse", title_justify="left")
    table.add_column("rule", overflow="fold", ratio=1)
    table.add_column("what it says", overflow="fold", ratio=3)
    for name in ("captions reviewed", "words brought back", "objections overruled"):
        table.add_column(name, justify="right")
    for item in found:
        rule, said = Text(f"{item.rule.id}\n{item.rule.category}"), Text(item.rule.text)
        table.add_row(rule, said, f"{item.seen:,}", f"{item.restored:,}", f"{item.overruled:,}")
    return table


def tell_plan(plan: Plan) -> Iterator[str]:
    """How much is to be reviewed, and what so many faults would prove, a line a stratum."""
    for stratum in plan.strata:
        name = "accepted texts" if stratum.name == ALL else f"accepted texts ({stratum.name})"
        yield (
            f"Review {stratum.sample:,} of {stratum.population:,} {name}, a random sample. "
            f"With {stratum.confidence:.4g} confidence:"
        )
        for faults in range(min(max(SHOWN_FAULTS, plan.settings.allowed + 1), stratum.sample + 1)):
            most = stratum.bound(faults)
            yield f"  {faults} faulty in it: at most {most:,} of all, {most / stratum.population:.2%}"
    objected = sum(entry.stratum is None for entry in plan.entries)
    if objected:
        yield f"Mixed in: {objected:,} texts that the debate agent objected to; the bound leaves them out."


def tell_reached(plan: Plan, found: Iterable[Reached], is_stale: bool) -> Iterator[str]:
    """What the reviews prove so far."""
    if is_stale:
        yield "The accepted texts are not those that the plan was drawn from: nothing is proved; draw it again."
        return
    for item in found:
        name = "" if item.stratum.name == ALL else f"{item.stratum.name}: "
        unsettled = [f"{item.open:,} not reviewed yet"] if item.open else []
        unsettled += [f"{item.conflicts:,} about which people differ"] if item.conflicts else []
        counted = f" ({' and '.join(unsettled)} count as faulty)" if unsettled else ""
        yield (
            f"{name}{item.reviewed:,} of {item.stratum.sample:,} reviewed, {item.faults:,} faulty: at most "
            f"{item.most:,} of {item.stratum.population:,} accepted texts are faulty, {item.share:.2%}, with "
            f"{item.stratum.confidence:.4g} confidence{counted}"
        )
        if not unsettled and item.share > plan.settings.error:
            yield f"{name}the {plan.settings.error:.2%} that the plan is for are not reached"


def tell_book(book: ReviewBook) -> Iterator[str]:
    """Who reviewed how much, and what is not as it should be."""
    people = ", ".join(f"{name} {count:,}" for name, count in book.list_people().items())
    yield f"Reviewed texts: {len(book):,} ({people}); conflicts among them: {len(book.list_conflicts()):,}."
    if book.torn:
        yield f"{book.path}: lines that writers who were killed left unfinished, passed over: {book.torn:,}."


def describe_report(
    report: AgreementReport, reversed_rules: Sequence[ReversedRule], reached: Sequence[Reached] | None
) -> Mapping[str, Any]:
    """The same as plain data; an interval is [low, high]."""
    return {
        "judged": {"objected": report.judged[True], "accepted": report.judged[False]},
        "reviewed": _describe(report.reviewed),
        "run": None if report.run is None else {name: _plain(getattr(report.run, name)) for name in FIGURES},
        "by_category": {name: _describe(found) for name, found in report.by_category.items()},
        **{name: getattr(report, name) for name in ("conflicts", "unjudged", "stale")},
        "people": _plain(report.people),
        "reversed_rules": [
            {"id": item.rule.id, "category": item.rule.category, **_counts(item)} for item in reversed_rules
        ],
        "plan": None if reached is None else [_describe_reached(item) for item in reached],
    }


def _describe(found: Agreement) -> dict[str, Any]:
    counts = {name: getattr(found, name) for name in ("both", "agent_alone", "people_alone", "neither")}
    return counts | {name: _plain(getattr(found, name)) for name in FIGURES}


def _plain(found: Estimate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    interval = None if found.low is None or found.high is None else [round(found.low, 4), round(found.high, 4)]
    return {"value": round(found.value, 4), "interval": interval, "n": found.n, "images": found.groups}


def _counts(item: ReversedRule) -> dict[str, int]:
    return {"seen": item.seen, "restored": item.restored, "overruled": item.overruled}


def _describe_reached(item: Reached) -> dict[str, Any]:
    counts = {name: getattr(item, name) for name in ("reviewed", "faults", "conflicts", "open", "most")}
    own = {"name": item.stratum.name, "population": item.stratum.population, "sample": item.stratum.sample}
    return {**own, **counts, "share": round(item.share, 6), "confidence": item.stratum.confidence}
