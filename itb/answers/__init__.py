"""What a reply says: the answer in it, or a typed reason why there is none.

    reading = read_reply(question, "The answer is (B).", "lenient")

`strict` takes nothing but the form that was asked for; `lenient` also finds the answer in a sentence. Neither guesses:
what could mean two things is `ambiguous`, and every failure counts as wrong. Each form of answer has a reader: one
module, and one line in the table `REPLY_READERS` of tools/registry/tables.py.
"""

from typing import TYPE_CHECKING, Literal

from itb.answers.reader import ReplyReader
from itb.answers.reading import Failure, Reading
from itb.answers.text import is_refusal, is_silent, tidy_reply
from itb.records import Item
from tools.registry import REPLY_READERS

if TYPE_CHECKING:
    from itb.benchmark.ask import Question

__all__ = ["Failure", "Parsing", "Reading", "ReplyReader", "find_reader", "is_right", "read_reply"]

Parsing = Literal["lenient", "strict"]


def find_reader(form: str) -> ReplyReader:
    """The reader of a form of answer.

    Raises:
        UsageError: there is none.
    """
    reader: ReplyReader = REPLY_READERS.load(form)
    return reader


def read_reply(question: "Question", reply: str, parsing: Parsing = "lenient") -> Reading:
    """The answer in `reply`, in the form of `Item.answer`, or why there is none."""
    text = tidy_reply(reply)
    if is_silent(text):
        return Reading(None, "empty")
    if is_refusal(text):
        return Reading(None, "refusal")
    reader = find_reader(question.item.form)
    return reader.read_strictly(text, question) if parsing == "strict" else reader.read(text, question)


def is_right(item: Item, answer: str | None) -> bool:
    """Whether an answer that was read is the item's; a measured value may be off by its tolerance."""
    return answer is not None and find_reader(item.form).is_right(item, answer)
