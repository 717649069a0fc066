"""What was measured in one image as the page shows it: facts in words with their numbers, and where objects lie."""

from typing import NamedTuple

from agents.checks.evidence_rows import read_fact
from agents.output.report.rows import Row
from agents.output.report.words import clip_text


class BoxView(NamedTuple):
    """An object drawn over the picture; `relation` is `brighter`, `darker` or `same`, the last where none was found."""

    name: str
    relation: str
    x: float
    y: float
    width: float
    height: float


class FactView(NamedTuple):
    """A fact with its number from 1, the numbers behind it, and the ids of the rows that state it."""

    number: int
    text: str
    numbers: str
    rows: tuple[str, ...]


class StatementView(NamedTuple):
    """A sentence that states something measured, and the numbers of the facts that support it."""

    row: str
    text: str
    facts: tuple[int, ...]


class EvidenceView(NamedTuple):
    """Everything that was measured in one image."""

    polarity: str
    unit: str
    boxes: tuple[BoxView, ...]
    facts: tuple[FactView, ...]
    statements: tuple[StatementView, ...]


def view_evidence(row: Row) -> EvidenceView:
    """The view of a row of `evidence.jsonl`."""
    from tools.evidence.describe import describe_fact, describe_numbers

    names = [item["name"] for item in row["objects"]]
    facts = [read_fact(item) for item in row["facts"]]
    around = {fact.subject: fact.relation for fact in facts if fact.kind == "surroundings"}
    statements = [(item["row"], item["text"], tuple(item["facts"])) for item in row["statements"]]
    return EvidenceView(
        row["polarity"],
        row["unit"] or "levels",
        tuple(
            BoxView(item["name"], around.get(place, "same"), *_measure(item["box_xyxy_norm"]))
            for place, item in enumerate(row["objects"])
        ),
        tuple(
            FactView(
                place + 1,
                clip_text(describe_fact(fact, names)),
                describe_numbers(fact),
                tuple(dict.fromkeys(owner for owner, _, places in statements if place in places)),
            )
            for place, fact in enumerate(facts)
        ),
        tuple(
            StatementView(owner, clip_text(text), tuple(n + 1 for n in places)) for owner, text, places in statements
        ),
    )


def _measure(box: list[float]) -> tuple[float, float, float, float]:
    """Corner, width and height in percent of the picture."""
    x1, y1, x2, y2 = (round(100 * value, 2) for value in box)
    return x1, y1, round(x2 - x1, 2), round(y2 - y1, 2)
