"""`evidence.jsonl`, the file of a run that says what was measured in its images: how a row is written and read.

Every number stands where a type can be stated for it, so that `datasets` loads the file: what differs between facts is
written as a list of names and numbers.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tools.files import read_marker
from tools.files.json_text import read_rows

if TYPE_CHECKING:  # what measures needs numpy, and whoever imports the report may not
    from agents.checks.trace import Statement
    from tools.evidence import Evidence, Fact
    from tools.records import Box

Row = dict[str, Any]
EVIDENCE_FILE = "evidence.jsonl"
OWN_KINDS = frozenset({"run", "export"})
"""Kinds of folders in which the file is a run's."""


class Known(NamedTuple):
    """What is known of one image of a run: its objects, and what was measured of them."""

    boxes: "tuple[Box, ...]"
    evidence: "Evidence"


def write_evidence(evidence: "Evidence", boxes: "Sequence[Box]", statements: "Sequence[Statement]") -> Row:
    """What a row says of one image: objects with names, facts, and the sentences that state them."""
    names = name_boxes(boxes)
    return {
        "polarity": evidence.polarity,
        "unit": evidence.unit,
        "contrast": evidence.contrast,
        "shown": None if evidence.shown is None else list(evidence.shown),
        "settings": _list_numbers(evidence.settings),
        "objects": [
            {
                "name": name,
                "label": box.label,
                "box_xyxy_norm": list(box.box_xyxy_norm),
                "is_crowd": box.is_crowd,
                "source": box.source,
            }
            for name, box in zip(names, boxes, strict=True)
        ],
        "measured": list(evidence.measured),
        "ranked": list(evidence.ranked),
        "facts": [
            {**fact.model_dump(exclude={"values"}), "values": _list_numbers(fact.values)} for fact in evidence.facts
        ],
        "statements": [statement.model_dump() for statement in statements],
    }


def name_boxes(boxes: "Sequence[Box]") -> list[str]:
    """`car 1`, `car 2`; one that a model proposed is told as such."""
    from tools.evidence.describe import name_objects

    names = name_objects([box.label for box in boxes])
    return [
        name if box.source == "dataset" else f"{name} (proposed by a model)"
        for name, box in zip(names, boxes, strict=True)
    ]


def _list_numbers(values: Mapping[str, float]) -> list[Row]:
    return [{"name": name, "number": float(number)} for name, number in sorted(values.items())]


def _read_numbers(items: Sequence[Row]) -> dict[str, float]:
    return {item["name"]: item["number"] for item in items}


def read_fact(row: Row) -> "Fact":
    """A fact of a row."""
    from tools.evidence import Fact

    return Fact.model_validate({**row, "values": _read_numbers(row["values"])})


def read_evidence(row: Row) -> Known:
    """What a row says of its image."""
    from tools.evidence import Evidence
    from tools.records import Box

    boxes = tuple(
        Box(
            label=item["label"],
            box_xyxy_norm=tuple(item["box_xyxy_norm"]),
            is_crowd=item["is_crowd"],
            source=item["source"],
        )
        for item in row["objects"]
    )
    evidence = Evidence(
        polarity=row["polarity"],
        unit=row["unit"],
        contrast=row["contrast"],
        facts=tuple(map(read_fact, row["facts"])),
        measured=tuple(row["measured"]),
        ranked=tuple(row["ranked"]),
        shown=None if row["shown"] is None else tuple(row["shown"]),
        settings=_read_numbers(row["settings"]),
    )
    return Known(boxes, evidence)


def load_evidence(run: Path) -> dict[str, Known]:
    """What a run measured, by image id; nothing where the run did not measure.

    Args:
        run: its folder, or a file in it or in an export of it.
    """
    folder = run if run.is_dir() else run.parent
    marker, path = read_marker(folder), folder / EVIDENCE_FILE
    is_ours = run.is_dir() or (marker is not None and marker.kind in OWN_KINDS)
    if not is_ours or not path.is_file():
        return {}
    return {str(row["image_id"]): read_evidence(row) for _, row in read_rows(path)}
