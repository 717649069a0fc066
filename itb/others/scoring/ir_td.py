"""IR-TD (IRGPT): four scripts, one a form of answer.

- Counting: digits between `<num>` and `</num>`; rows whose reply has none leave the errors.
- Recognition, Security, Relationship, ReID: the reply equals the label, case kept; "A" and "person" do not.
- Detection: the share of true boxes that some box meets at IoU 0.5. More boxes cost nothing, and a reply without a list
  stops the script: its figure is none then.
- Location: points within 5 units, in the order of the label; distances of those alone, so that no error exceeds 5.
"""

import ast
import math
import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from itb.others.scoring.rows import LETTERS, Asked, Figure, Judge, Read, Row, Rules, find_mean, find_share, name_rows

REACH = 5.0
"""Units of 1000 within which a point is met."""
LEAST_IOU = 0.5
COUNTING = ("AerialCounting", "PedestrianCounting")
_NUMBER = re.compile(r"<num>(\d+)</num>")
_POINTS = re.compile(r"<pos>(.*?)</pos>")
_STOPS = (TypeError, IndexError, AttributeError, ZeroDivisionError, OverflowError, ValueError, KeyError)
"""What a list of the wrong kind does to the scripts."""


class IrTd(Rules):
    """Their rules; a figure or some of each file."""

    def read(self, asked: Asked, reply: str, judge: Judge | None = None) -> Read:
        """By the file that the question is of."""
        if asked.task in COUNTING:
            return _read_count(asked, reply)
        if asked.task == "Detection":
            return _guard(_read_boxes, asked, reply)
        if asked.task == "Location":
            return _guard(_read_points, asked, reply)
        said = reply.strip()
        return Read(said or None, float(said == asked.label.strip()), "" if said else "empty")

    def say(self, asked: Asked, answers: Sequence[str]) -> str:
        """With tags and letters."""
        return write_label(asked, answers)

    def add_up(self, rows: Sequence[Row]) -> tuple[Figure, ...]:
        """File by file."""
        figures: list[Figure] = []
        for task, mine in name_rows(rows, lambda row: row.asked.task).items():
            if task in COUNTING:
                figures += _add_errors(task, mine)
            elif task == "Detection":
                figures.append(_add_boxes(task, mine))
            elif task == "Location":
                figures += _add_points(task, mine)
            else:
                figures.append(Figure(f"{task}/accuracy", find_share(mine), len(mine)))
        return tuple(figures)


def _guard(read: Callable[[Asked, str], Read], asked: Asked, reply: str) -> Read:
    try:
        return read(asked, reply)
    except (*_STOPS, MemoryError, RecursionError) as error:
        return Read(None, 0.0, f"stops: {type(error).__name__}")


def _read_count(asked: Asked, reply: str) -> Read:
    said, right = _NUMBER.search(reply), _NUMBER.search(asked.label)
    if not said or not right or len(said[1]) > 300:  # no float is longer
        return Read(None, None, "no_tag")
    error = float(abs(int(said[1]) - int(right[1])))
    return Read(str(int(said[1])), float(error == 0), parts={"error": error})


def _add_errors(task: str, rows: Sequence[Row]) -> list[Figure]:
    errors = [row.read.parts["error"] for row in rows if "error" in row.read.parts]
    dropped = len(rows) - len(errors)
    note = f"{dropped} replies without a tag are left out, as upstream does" if dropped else ""
    squares = find_mean([error * error for error in errors])
    figures = {"MAE": find_mean(errors), "MSE": squares, "RMSE": None if squares is None else math.sqrt(squares)}
    return [Figure(f"{task}/{name}", value, len(errors), note=note) for name, value in figures.items()]


def _parse_literal(text: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a reply is no code of ours
        return ast.literal_eval(text)


def parse_boxes(text: str) -> Any:
    """What stands from the first opening bracket to the last closing one, missing ones added; None for no list."""
    start, end = text.find("["), text.rfind("]") + 1
    found = text[start:end] if end else text[start:] + "]"
    found += "]" * max(0, found.count("[") - found.count("]"))
    try:
        return _parse_literal(found)
    except (ValueError, SyntaxError):
        return None


def _read_boxes(asked: Asked, reply: str) -> Read:
    boxes, right = parse_boxes(reply), parse_boxes(asked.label)
    left = boxes
    met = 0
    for box in right:
        best, most = None, 0.0
        for other in left:
            overlap = find_iou(box, other)
            if overlap > most:
                best, most = other, overlap
        if most >= LEAST_IOU:
            met += 1
            left.remove(best)
    parts = {"met": float(met), "missed": float(len(right) - met)}
    return Read(reply.strip(), met / len(right) if len(right) else 0.0, parts=parts)


def find_iou(box: Sequence[float], other: Sequence[float]) -> float:
    """Overlap of two boxes by their union.

    Raises:
        ZeroDivisionError: both are empty.
    """
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    inside = max(0, width) * max(0, height)
    areas = [(one[2] - one[0]) * (one[3] - one[1]) for one in (box, other)]
    return inside / (sum(areas) - inside)


def _add_boxes(task: str, rows: Sequence[Row]) -> Figure:
    name = f"{task}/share of boxes met"
    stopped = [row.read.why.removeprefix("stops: ") for row in rows if row.read.why.startswith("stops: ")]
    if stopped:
        return Figure(name, None, len(rows), note=f"upstream's script stops: {stopped[0]}, on {len(stopped)} replies")
    shares = [met / (met + missed) if met + missed else 0.0 for met, missed in (_count_met(row) for row in rows)]
    return Figure(name, find_mean(shares), len(rows), note="boxes too many cost nothing")


def _count_met(row: Row) -> tuple[float, float]:
    return row.read.parts.get("met", 0.0), row.read.parts.get("missed", 0.0)


def parse_points(text: str) -> list[tuple[Any, Any]]:
    """The list of pairs between the first tags; empty where there is another thing."""
    found = _POINTS.search(text)
    try:
        points = _parse_literal(found[1]) if found else []
    except (ValueError, SyntaxError):
        return []
    is_good = isinstance(points, list) and all(isinstance(point, tuple) and len(point) == 2 for point in points)
    return points if is_good else []


def _read_points(asked: Asked, reply: str) -> Read:
    left, right = parse_points(reply), parse_points(asked.label)
    met: list[float] = []
    for point in right:
        near = [(_measure(point, other), place) for place, other in enumerate(left)]
        reached = [found for found in near if found[0] <= REACH]
        if reached:
            distance, place = min(reached)
            met.append(distance)
            left.pop(place)
    parts = {"met": float(len(met)), "missed": float(len(right) - len(met)), "extra": float(len(left))}
    parts["distance"] = sum(met)
    whole = len(met) + len(left) + parts["missed"]
    return Read(reply.strip() or None, 2 * len(met) / (len(met) + whole) if whole else 1.0, parts=parts)


def _measure(point: Sequence[Any], other: Sequence[Any]) -> float:
    return math.sqrt((point[0] - other[0]) ** 2 + (point[1] - other[1]) ** 2)


def _add_points(task: str, rows: Sequence[Row]) -> list[Figure]:
    met, missed, extra, distance = (
        sum(row.read.parts.get(name, 0.0) for row in rows) for name in ("met", "missed", "extra", "distance")
    )
    precision = met / (met + extra) if met + extra else 1.0
    recall = met / (met + missed) if met + missed else 1.0
    means = [row.read.parts["distance"] / row.read.parts["met"] for row in rows if row.read.parts.get("met")]
    figures = {
        "precision": precision,
        "recall": recall,
        "F1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        "average distance": distance / met if met else 0.0,
        "average MAE of an image": find_mean(means) or 0.0,
    }
    stopped = sum(row.read.why.startswith("stops: ") for row in rows)
    note = f"upstream's script stops on {stopped} replies" if stopped else "distances of points within 5 units alone"
    return [
        Figure(f"{task}/{name}", None if stopped else value, len(rows), note=note) for name, value in figures.items()
    ]


def write_label(asked: Asked, answers: Sequence[str]) -> str:
    """Answers as the labels of the file are written."""
    if asked.task in COUNTING:
        return f"<num>{answers[0]}</num>"
    if asked.form in ("option", "several"):
        places = [asked.options.index(answer) for answer in answers if answer in asked.options]
        return " ".join(f"({LETTERS[place]}) {asked.options[place]}" for place in sorted(places))
    return ", ".join(answers)
