"""What a benchmark's own way of reading and scoring is: figures by name, from its questions and the replies to them.

A scorer sees plain data: each question as a mapping of its makers' own fields (`Foreign.row`) and, beside them under
names of ours, `id`, `task`, `form`, `question`, `options`, `answer`, `references`, `image` and `group`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from itb.records import Item

Judge = Callable[[str], str]
"""A language model that is asked for a reading: its prompt to its reply."""


class Row(NamedTuple):
    """A question and what was said to it; None where the image was missing, which is wrong in every figure."""

    item: Mapping[str, Any]
    reply: str | None


class Figure(NamedTuple):
    """A named result.

    Attributes:
        name: as the makers call it.
        value: in `unit`; None where it is undefined.
        n: what it was taken over: questions, unless its name says otherwise.
        unit: `%`, or that of an error.
        note: what has to be known of it, in a sentence.
    """

    name: str
    value: float | None
    n: int
    unit: str = "%"
    note: str = ""


class Scorer(Protocol):
    """Reads and scores a benchmark's replies in two ways that give figures of the same names."""

    def score_upstream(self, rows: Sequence[Row], judge: Judge | None = None) -> Sequence[Figure]:
        """By its makers' rules, quirks included."""
        ...

    def score_ours(self, rows: Sequence[Row]) -> Sequence[Figure]:
        """By meaning, put together by the same rules."""
        ...


def describe_item(item: Item) -> dict[str, Any]:
    """A question as a scorer sees it."""
    foreign = item.foreign
    return {
        **(foreign.row if foreign else {}),
        "id": item.id,
        "task": item.task.partition("/")[2],
        "form": item.form,
        "question": item.question,
        "options": list(item.options),
        "answer": item.answer,
        "references": list(foreign.references) if foreign else [],
        "image": foreign.images[0].original if foreign else item.image,
        "group": item.group,
    }
