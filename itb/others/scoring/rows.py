"""What scoring takes and gives: a question, a reading, a row, a figure, and rules that make them of one another."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple

Judge = Callable[[str], str]
"""Is told a reply in which no letter stands first, and says which letter it means, or anything else."""
Fault = Literal["", "missing", "error"]
"""Why a question has no reply: its image is not there, or the model failed; empty where it has one."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Asked:
    """What a reader knows of a question.

    Attributes:
        task: what the benchmark calls its kind: a dimension, a file, a question type.
        label: the right answer as the benchmark writes it.
        form: how it is read by meaning: yes_no, number, option, several, word, order, measure, points, boxes, text.
        answers: the right answer in our writing; more than one of several options, of an order, and of references.
        options: in the order shown, or the closed list of words.
        question: as it was put.
        unit: of a measure.
        item: what all variants of a question (languages, turned options) share.
        image: what questions about one image share.
        facts: what else its rules need: language, sensor, skill, scene.
    """

    task: str
    label: str
    form: str = "text"
    answers: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    question: str = ""
    unit: str = ""
    item: str = ""
    image: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def letter(self) -> str:
        """The letter under which the right option was shown; empty where it was not."""
        found = name_letter(self, self.answers)
        return found if found in LETTERS else ""


class Read(NamedTuple):
    """What a reply was read as.

    Attributes:
        answer: None where nothing was found.
        score: 1 right, 0 wrong, or a share; None where the rules leave such a row out.
        why: why there is no answer, or what else has to be said.
        parts: numbers that figures add up besides the score, by name.
    """

    answer: str | None
    score: float | None
    why: str = ""
    parts: Mapping[str, float] = {}


class Row(NamedTuple):
    """A question with its reading; every question of the benchmark has one, whatever became of it."""

    asked: Asked
    read: Read
    fault: Fault = ""


class Figure(NamedTuple):
    """A number that rules add rows up to.

    Attributes:
        name: e.g. `avg`, `dimension/Scene Understanding`.
        value: a share of 1, an error in its unit; None where the rules give none.
        n: rows in its denominator.
        low, high: the interval that the rules themselves give.
        note: what has to be said beside it.
    """

    name: str
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    note: str = ""


class Rules(ABC):
    """How one benchmark, or we, read a reply and add rows up.

    Attributes:
        whose: whose rules these are: `upstream`, `third party` or `ours`.
        needs_judge: whether a language model reads what the rules cannot.
    """

    whose: ClassVar[str] = "upstream"
    needs_judge: ClassVar[bool] = False

    @abstractmethod
    def read(self, asked: Asked, reply: str, judge: Judge | None = None) -> Read:
        """What a reply says; never raises."""

    @abstractmethod
    def add_up(self, rows: Sequence[Row]) -> tuple[Figure, ...]:
        """The named figures of all rows."""

    def find_unclear(self, reply: str) -> str | None:
        """What a judge would be told of a reply; None where the rules need none to read it."""
        return None

    def miss(self, asked: Asked, fault: Fault) -> Read:
        """What a question counts as to which there is no reply: as much as an empty one."""
        return self.read(asked, "")._replace(answer=None, why=fault)

    def say(self, asked: Asked, answers: Sequence[str]) -> str:
        """Answers in the benchmark's writing, as a model would give them that does what its prompt asks."""
        return ", ".join(answers)


def name_rows(rows: Sequence[Row], key: Callable[[Row], str]) -> dict[str, list[Row]]:
    """Rows by name, names in the order in which they first come."""
    named: dict[str, list[Row]] = {}
    for row in rows:
        named.setdefault(key(row), []).append(row)
    return named


def find_mean(values: Sequence[float]) -> float | None:
    """The plain mean; None of nothing."""
    return sum(values) / len(values) if values else None


def find_share(rows: Sequence[Row]) -> float | None:
    """The mean score; a row without a score counts as wrong."""
    return find_mean([row.read.score or 0.0 for row in rows])


def count_unread(rows: Sequence[Row]) -> int:
    """Replies in which no answer was found, and questions without a reply."""
    return sum(row.read.answer is None for row in rows)


def name_letter(asked: Asked, answers: Sequence[str]) -> str:
    """The letter of the first answer where options were shown, else the answer."""
    answer = answers[0] if answers else ""
    return LETTERS[asked.options.index(answer)] if answer in asked.options else answer
