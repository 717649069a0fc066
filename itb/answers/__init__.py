"""What a reply says: the answer in it, or a typed reason why there is none.

    reading = read_reply(question, "The answer is (B).", "lenient")

`strict` takes nothing but the form that was asked for; `lenient` also finds the answer in a sentence. Neither guesses:
what could mean two things is `ambiguous`, and every failure counts as wrong.
"""

from typing import TYPE_CHECKING, Literal

from itb.answers.measures import convert_to_unit, read_measure, read_measure_strictly
from itb.answers.numbers import read_count, read_count_strictly
from itb.answers.options import read_option, read_option_strictly
from itb.answers.reading import Failure, Reading
from itb.answers.text import is_refusal, is_silent, tidy_reply
from itb.answers.yes_no import read_yes_no, read_yes_no_strictly
from itb.records import Item

if TYPE_CHECKING:
    from itb.ask import Question

__all__ = ["Failure", "Parsing", "Reading", "convert_to_unit", "is_right", "read_reply"]

Parsing = Literal["lenient", "strict"]


def read_reply(question: "Question", reply: str, parsing: Parsing = "lenient") -> Reading:
    """The answer in `reply`, in the form of `Item.answer`, or why there is none."""
    text = tidy_reply(reply)
    if is_silent(text):
        return Reading(None, "empty")
    if is_refusal(text):
        return Reading(None, "refusal")
    return _read_strictly(question, text) if parsing == "strict" else _read_leniently(question, text)


def _read_strictly(question: "Question", text: str) -> Reading:
    match question.item.form:
        case "yes_no":
            return read_yes_no_strictly(text)
        case "number":
            return read_count_strictly(text, question.count_range)
        case "measure":
            return read_measure_strictly(text, question.item.unit or "")
        case "option":
            return read_option_strictly(text, question.options)


def _read_leniently(question: "Question", text: str) -> Reading:
    match question.item.form:
        case "yes_no":
            return read_yes_no(text)
        case "number":
            return read_count(text, question.count_range)
        case "measure":
            return read_measure(text, question.item.unit or "")
        case "option":
            return read_option(text, question.options, asks_absent=question.item.task == "security")


def is_right(item: Item, answer: str | None) -> bool:
    """Whether an answer that was read is the item's; a measured value may be off by its tolerance."""
    if answer is None:
        return False
    if item.form == "measure":
        return abs(float(answer) - float(item.answer)) <= (item.tolerance or 0.0) + 1e-9
    if item.form == "number":
        return int(answer) == int(item.answer)
    return answer == item.answer
