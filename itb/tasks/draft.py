"""What passes through a task: what can be asked about a frame, and a question put in words.

Candidates and drafts are made by the hundred thousand: named tuples are made several times faster than frozen
dataclasses.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from itb.records import AnswerForm, BoxXyxy, Frame, TaskName, Thing
from itb.wordings import Wordings, name_wording
from tools.seeds import hash_number, spread

NO_FACTS: Mapping[str, str | float] = MappingProxyType({})
Mark = tuple[str, float, float]  # letter, x and y normalised to 0..1


class Candidate(NamedTuple):
    """Something that can be asked about a frame beyond doubt.

    Attributes:
        frame: the image.
        kind: of the task's wordings.
        key: what the question is about; candidates of equal task, kind and key differ in their truth only.
        truth: what is the case (a side, a label, a count, ...); its type is the task's own.
        evidence: the objects that show it.
        facts: what a check needs besides.
    """

    frame: Frame
    kind: str
    key: tuple[str, ...]
    truth: Any
    evidence: tuple[Thing, ...] = ()
    facts: Mapping[str, str | float] = NO_FACTS

    @property
    def id(self) -> str:
        """Unique within a task."""
        return f"{self.frame.source}|{self.frame.image}|{self.kind}|{'|'.join(self.key)}"


@dataclass(frozen=True, slots=True)
class Skip:
    """A frame, or a name in it, that the task does not ask about, with a short reason for the manifest."""

    code: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that the build itself makes: how, and below which folder of the benchmark."""

    recipe: Literal["inverted", "grey-visible", "thermogram"]
    folder: str
    marks: tuple[Mark, ...] = ()
    has_scale: bool = False


class Draft(NamedTuple):
    """A question in words: an item but for its id, its split and the place of its image.

    Attributes:
        block: questions of a block read the same and have different answers, each as often as any other, so that
            nothing but the image tells them apart; empty for a question that stands alone.
        is_shown_hot: polarity of `picture` where it differs from the frame's.
    """

    task: TaskName
    frame: Frame
    question: str
    wording: str
    answer: str
    form: AnswerForm
    options: tuple[str, ...] = ()
    evidence: tuple[tuple[str, BoxXyxy], ...] = ()
    facts: Mapping[str, str | float] = NO_FACTS
    tolerance: float | None = None
    unit: str | None = None
    block: str = ""
    picture: Picture | None = None


@dataclass(frozen=True)
class Kit:
    """What every task composes with.

    Attributes:
        wordings: the questions' texts.
        seed: of the benchmark.
        share: what the candidates at hand have in common (task, source and split); blocks are numbered within it.
        allow_guessable: whether questions may be asked alone where no block can be formed at all.
        fills_up: whether images that no block takes may be asked about alone, behind all blocks, to reach a number.
    """

    wordings: Wordings
    seed: int
    share: str = ""
    allow_guessable: bool = False
    fills_up: bool = False

    def draw(self, *parts: object) -> int:
        """A number of 64 bits for `parts`."""
        return hash_number(self.seed, *parts)

    def choose_wording(self, task: TaskName, kind: str, *parts: object) -> int:
        """A wording for `parts`."""
        return self.draw(task, kind, "wording", *parts) % self.wordings.count(task, kind)

    def ask(self, task: TaskName, kind: str, number: int, **fills: str) -> dict[str, Any]:
        """`question` and `wording` of a draft."""
        return {
            "question": self.wordings.ask(task, kind, number, **fills),
            "wording": name_wording(task, kind, number),
        }

    def order(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """The candidates so that every prefix covers many groups; their own order plays no part."""
        return spread(candidates, lambda item: item.frame.group, lambda item: item.id, self.seed)


@dataclass(frozen=True)
class Task:
    """A task of the benchmark.

    Attributes:
        name: of the task.
        sources: the datasets that can feed it; the paper's come first.
        find: what can be asked about a frame.
        compose: questions in words from the candidates of one source and split, in an order of which a prefix is a
            benchmark too. Balanced questions come in whole blocks.
        chance: what a guess without any knowledge gets right, None where no guess makes sense.
    """

    name: TaskName
    sources: tuple[str, ...]
    find: Callable[[Frame, Wordings], Iterator["Candidate | Skip"]]
    compose: Callable[[list[Candidate], Kit], Iterator[Draft]]


def show_evidence(things: Iterable[Thing]) -> tuple[tuple[str, BoxXyxy], ...]:
    """Evidence of a draft."""
    return tuple([(thing.name, thing.box_xyxy) for thing in things])
