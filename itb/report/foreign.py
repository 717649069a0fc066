"""Foreign benchmarks in a report: their makers' figures, by their reading and by ours, beside what they published."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from itb.benchmark.bench import Bench
from itb.others.kind import load_benchmark
from itb.others.scorer import Figure, Row, describe_item
from itb.records import MISSING_IMAGE, find_foreign
from itb.report.metrics import Scored
from itb.report.scores import PLAIN, ModelScore
from itb.report.tables import NONE, Table


def make_rows(name: str, rows: Sequence[Scored]) -> list[Row]:
    """The questions of one benchmark, as they stand, with the replies."""
    return [
        Row(describe_item(row.item), None if row.prediction.failure == MISSING_IMAGE else row.prediction.reply)
        for row in rows
        if row.prediction.variant == PLAIN and find_foreign(row.item.task) == name
    ]


def make_foreign_tables(name: str, scores: Sequence[ModelScore], bench: Bench) -> Iterator[Table]:
    """The figures of one benchmark, and what has to be known of them."""
    kind = load_benchmark(name)
    found = {score.name: _score(name, score) for score in scores}
    rows = [
        (model, figure.name, _show(figure), _show(ours.get(figure.name)), str(figure.n), figure.note or NONE)
        for model, (upstream, ours) in found.items()
        for figure in upstream
    ]
    if rows:
        columns = ("model", "figure", "upstream's reading", "our reading", "n", "remark")
        yield Table(f"{kind.title}: its own figures", columns, tuple(rows), tuple(_list_notes(name, bench)))


def _score(name: str, score: ModelScore) -> tuple[Sequence[Figure], Mapping[str, Figure]]:
    return (), {}


def _show(figure: Figure | None) -> str:
    if figure is None or figure.value is None:
        return NONE
    return f"{figure.value:.2f} {figure.unit}".strip()


def _list_notes(name: str, bench: Bench) -> Iterator[str]:
    kind = load_benchmark(name)
    yield f"{kind.title}: {kind.facts.origin}. Licence: {kind.facts.licence}."
    if kind.facts.declared:
        yield f"Ours: {kind.facts.declared}."


def describe_foreign(scores: Sequence[ModelScore], bench: Bench) -> dict[str, Any]:
    """Every figure, unrounded."""
    return {}
