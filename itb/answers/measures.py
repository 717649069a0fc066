"""Measured values with a unit. A temperature in another unit is converted when the reply names that unit."""

import math
import re
from typing import TYPE_CHECKING

from itb.answers.grammar import Form, read_in_order
from itb.answers.numerals import find_numbers
from itb.answers.reader import ReplyReader
from itb.answers.reading import AMBIGUOUS, NO_ANSWER, OUT_OF_RANGE, Reading
from itb.answers.text import strip_ends
from itb.records import Item

if TYPE_CHECKING:
    from itb.benchmark.ask import Question

SAME_CELSIUS = 1.0
"""Values this close are one value said twice, rounded ("25 °C (77 °F)")."""
COLDEST_CELSIUS, HOTTEST_CELSIUS = -273.15, 3000.0

_SCALES = {"c": "C", "celsius": "C", "centigrade": "C", "f": "F", "fahrenheit": "F", "k": "K", "kelvin": "K"}
_DEGREES = r"(?:degrees?|deg\.?|°|º)"
_UNIT = rf"(?:{_DEGREES}?\s*(?:celsius|centigrade|fahrenheit|kelvin|[CFK])\b|{_DEGREES})"
_BOUND = r"(?:(?:more|less|greater|lower|higher)\s+than|over|under|above|below|at\s+(?:least|most)|up\s+to|between)"
_VALUE = re.compile(
    rf"(?P<bound>\b{_BOUND}\s+)?(?<![\w.,])(?P<sign>[-+]|minus\s+)?(?P<digits>\d+(?:[.,]\d+)?)(?!\d)"
    rf"\s*(?P<unit>{_UNIT})?(?P<more>\s*(?:-|to|or)\s*(?=\d))?",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"[\s\"'(:,~≈-]*?(?:(?:about|around|approximately|roughly|nearly|almost|probably|likely|just|it\s+is|of|为|是|约|大约)"
    r"\s*)*(?=[-+]?(?:minus\s+)?\d)",
    re.IGNORECASE,
)


def read_measure_strictly(text: str, unit: str) -> Reading:
    """A number alone, with or without its unit."""
    match = _VALUE.fullmatch(strip_ends(text))
    return NO_ANSWER if not match or match["bound"] or match["more"] else _finish([_evaluate(match, unit)])


def read_measure(text: str, unit: str) -> Reading:
    """The one value that a reply states; ranges and bounds are ambiguous, as are values that differ."""
    return read_in_order(_Value(unit), text)


class _Value(Form):
    """How measured values look."""

    def __init__(self, unit: str) -> None:
        self._unit = unit

    def begin(self, text: str) -> Reading | None:
        """The first value, with nothing but "about" before it."""
        lead = _LEAD.match(text)
        match = _VALUE.match(text, lead.end()) if lead else None
        if not match:
            return None
        return AMBIGUOUS if match["bound"] or match["more"] else _finish([_evaluate(match, self._unit)])

    def admits(self, mark: str) -> bool:
        """Not "the temperature of 25 °C:"."""
        return not any(character.isdigit() for character in mark)

    def mention(self, text: str) -> Reading:
        """The one value, of those with a unit where there are such."""
        matches = list(_VALUE.finditer(text))
        chosen = [match for match in matches if match["unit"]] or matches
        if not chosen:
            return _read_words(text)
        if any(match["bound"] or match["more"] for match in matches):
            return AMBIGUOUS
        return _finish([_evaluate(match, self._unit) for match in chosen])


def _read_words(text: str) -> Reading:
    """The one number that is written out."""
    values = {number.value for number in find_numbers(text, are_counts=False)}
    if not values:
        return NO_ANSWER
    value = values.pop()
    return AMBIGUOUS if values or value is None else _finish([value])


def convert_to_unit(value: float, said: str, unit: str) -> float:
    """`value` in the scale `said` (C, F or K; empty for the wanted one) as a value in `unit`."""
    wanted = find_scale(unit)
    if not wanted or said in ("", wanted):
        return value
    celsius = {"C": value, "F": (value - 32) / 1.8, "K": value - 273.15}[said]
    return {"C": celsius, "F": celsius * 1.8 + 32, "K": celsius + 273.15}[wanted]


def find_scale(unit: str) -> str:
    """C, F or K; empty when the unit is no temperature."""
    return _SCALES.get(unit.lower().replace("degrees", "").replace("degree", "").strip(" °º"), "")


def _evaluate(match: re.Match[str], unit: str) -> float:
    value = float(match["digits"].replace(",", "."))
    if (match["sign"] or "").strip().lower() in ("-", "minus"):
        value = -value
    found = re.search(r"[a-z]+$", match["unit"] or "", re.IGNORECASE)
    return convert_to_unit(value, _SCALES.get(found[0].lower(), "") if found else "", unit)


def _finish(values: list[float]) -> Reading:
    if max(values) - min(values) > SAME_CELSIUS:
        return AMBIGUOUS
    value = values[0]
    if not (math.isfinite(value) and COLDEST_CELSIUS <= value <= HOTTEST_CELSIUS):
        return OUT_OF_RANGE
    return Reading(f"{round(value, 2):g}")


class Measure(ReplyReader):
    """A measured value with a unit, right within the item's tolerance."""

    is_exact = False
    guess = "20.0"

    def read_strictly(self, text: str, question: "Question") -> Reading:
        """A number alone, with or without its unit."""
        return read_measure_strictly(text, question.item.unit or "")

    def read(self, text: str, question: "Question") -> Reading:
        """The one value that is stated."""
        return read_measure(text, question.item.unit or "")

    def find_trouble(self, item: Item) -> str:
        """No tolerance, or another answer than a number."""
        if item.tolerance is not None and _is_number(item.answer):
            return ""
        return f"the answer {item.answer!r} with tolerance {item.tolerance} cannot be compared with a value"

    def is_right(self, item: Item, answer: str) -> bool:
        """Off by the tolerance at most."""
        return abs(float(answer) - float(item.answer)) <= (item.tolerance or 0.0) + 1e-9

    def order(self, answer: str) -> float:
        """By value."""
        return float(answer)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


READER = Measure()
