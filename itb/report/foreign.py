"""Foreign benchmarks in a report: their makers' figures, by their reading and by ours."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from itb.answers.forms.parts import split_parts
from itb.benchmark.bench import Bench
from itb.benchmark.bench_files import read_manifest
from itb.others.asked import describe_asked, find_upstream
from itb.others.kind import load_benchmark
from itb.others.plain import PLAIN
from itb.others.scoring import Asked, Fault, Figure, Judge, Row, Rules
from itb.others.scoring.extras import add_extras
from itb.records import MISSING_IMAGE, find_foreign
from itb.report.beside import is_error, make_beside_table
from itb.report.scores import PLAIN as AS_IT_STANDS
from itb.report.scores import ModelScore
from itb.report.tables import NONE, Table


class Told(NamedTuple):
    """A question and what was said to it; `fault`: why nothing was."""

    asked: Asked
    reply: str
    fault: Fault = ""


class Pair(NamedTuple):
    """A figure by its makers' reading, where there is one, and by ours."""

    name: str
    upstream: Figure | None
    ours: Figure | None

    @property
    def value(self) -> float | None:
        """By upstream's reading, or by ours where there is no other."""
        figure = self.upstream or self.ours
        return figure.value if figure else None


def list_told(name: str, score: ModelScore) -> list[Told]:
    """The questions of one benchmark, as they stand, with the replies.

    What does not speak but chooses, a baseline or a likelihood, says its answer as the benchmark's prompt asks for it.
    """
    rules = find_upstream(name)
    frozen = score.manifest.get("frozen", {})
    chooses = frozen.get("model", {}).get("is_baseline") or frozen.get("protocol") == "likelihood"
    found = []
    for row in score.rows:
        if row.prediction.variant == AS_IT_STANDS and find_foreign(row.item.task) == name:
            asked, said = describe_asked(row.item), row.prediction
            chosen = say_answer(rules, asked, said.answer) if chooses and said.answer is not None else said.reply
            found.append(Told(asked, chosen, "missing" if said.failure == MISSING_IMAGE else ""))
    return found


def say_answer(rules: Rules, asked: Asked, answer: str) -> str:
    """An answer in our writing as the benchmark's own."""
    return rules.say(asked, split_parts(answer) if asked.form in ("several", "order") else (answer,))


def score_told(told: Sequence[Told], rules: Rules, judge: Judge | None = None) -> list[Pair]:
    """Every figure of a benchmark by both readers; both are put together by its makers' rules."""
    rows = _read(told, PLAIN)
    ours = {figure.name: figure for figure in rules.add_up(rows)}
    extras = [Pair(figure.name, None, figure) for figure in add_extras(rows)]
    if rules.whose == PLAIN.whose:
        return [*(Pair(name, None, figure) for name, figure in ours.items()), *extras]
    upstream = rules.add_up(_read(told, rules, judge))
    return [*(Pair(figure.name, figure, ours.get(figure.name)) for figure in upstream), *extras]


def _read(told: Sequence[Told], rules: Rules, judge: Judge | None = None) -> list[Row]:
    return [
        Row(
            one.asked,
            rules.miss(one.asked, one.fault) if one.fault else rules.read(one.asked, one.reply, judge),
            one.fault,
        )
        for one in told
    ]


def list_unclear(names: Sequence[str], scores: Sequence[ModelScore]) -> list[str]:
    """The replies that a judge would have to read."""
    told = ((find_upstream(name), one) for name in names for score in scores for one in list_told(name, score))
    found = (rules.find_unclear(one.reply) for rules, one in told if not one.fault)
    return list(dict.fromkeys(reply for reply in found if reply is not None))


def make_foreign_tables(
    name: str, scores: Sequence[ModelScore], bench: Bench, judge: Judge | None = None
) -> Iterator[Table]:
    """The figures of one benchmark, and what has to be known of them."""
    rules, title = find_upstream(name), load_benchmark(name).title
    told = {score.name: list_told(name, score) for score in scores}
    pairs = {model: score_told(mine, rules, judge) for model, mine in told.items()}
    is_ours = rules.whose == PLAIN.whose
    rows = [
        (model, pair.name, *([] if is_ours else [show_figure(pair.upstream)]), show_figure(pair.ours), _count(pair),
         _remark(pair))
        for model, mine in pairs.items()
        for pair in mine
    ]  # fmt: skip
    readings = ["reading: ours, by meaning"] if is_ours else [f"reading: {rules.whose}", "reading: ours, by meaning"]
    columns = ("model", "figure", *readings, "n", "remark")
    whole = [row for row in rows if "/" not in row[1]] or rows
    if rows:
        yield Table(f"{title}: its own figures", columns, tuple(whole), tuple(_list_notes(name, bench, judge)))
    if len(whole) < len(rows):
        yield Table(f"By part of {title}", columns, tuple(row for row in rows if "/" in row[1]))
    if rows:
        asked = [one.asked for one in max(told.values(), key=len)]
        found = {model: {pair.name: pair.value for pair in mine} for model, mine in pairs.items()}
        yield from make_beside_table(name, title, asked, rules, found)


def show_figure(figure: Figure | None) -> str:
    """A share in percent, an error in its unit; with the interval that the rules give."""
    if figure is None or figure.value is None:
        return NONE
    scale, digits = (1, 2) if is_error(figure.name) else (100, 1)
    shown = f"{scale * figure.value:.{digits}f}"
    if figure.low is None or figure.high is None:
        return shown
    return f"{shown} [{scale * figure.low:.{digits}f}, {scale * figure.high:.{digits}f}]"


def _count(pair: Pair) -> str:
    return str((pair.upstream or pair.ours or Figure("", None, 0)).n)


def _remark(pair: Pair) -> str:
    notes = dict.fromkeys(figure.note for figure in (pair.upstream, pair.ours) if figure and figure.note)
    return "; ".join(notes) or NONE


def _list_notes(name: str, bench: Bench, judge: Judge | None) -> Iterator[str]:
    facts, source = load_benchmark(name).facts, read_manifest(bench.folder).get("sources", {}).get(name, {})
    yield "Shares in percent, errors in their unit; readings are put together by the same rules."
    yield f"From {facts.origin}. Licence: {facts.licence}."
    if find_upstream(name).needs_judge:
        asked = getattr(judge, "name", "none: --judge-url names one; until then these replies are wrong")
        yield f"Where no letter stands first, its makers ask a language model. Asked here, in our words: {asked}."
    if facts.declared:
        yield f"Ours and not its makers': {facts.declared}."
    for declared, count in source.get("declared_questions", {}).items():
        yield f"Ours in {count} of {source['questions']} questions: {declared}."
    if source.get("without_image"):
        lacking = f"{source['without_image']} of {source['questions']} questions lack an image"
        yield f"{lacking}, and count as wrong where a model has to look."


def describe_foreign(scores: Sequence[ModelScore], bench: Bench, judge: Judge | None = None) -> dict[str, Any]:
    """Every figure, unrounded: benchmark -> model -> figure -> both readings."""
    return {
        name: {
            score.name: {
                pair.name: {
                    "upstream": pair.upstream._asdict() if pair.upstream else None,
                    "ours": pair.ours._asdict() if pair.ours else None,
                }
                for pair in score_told(list_told(name, score), find_upstream(name), judge)
            }
            for score in scores
        }
        for name in bench.foreign
    }
