"""What passes through a task: what can be asked about a frame, and a question put in words.

Candidates and drafts are made by the hundred thousand: named tuples are made several times faster than frozen
dataclasses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from itb.benchmark.pictures import Picture
from itb.records import AnswerForm, TaskName
from itb.tasks.base.wordings import Wordings, name_wording
from tools.datasets import AnnotatedBox, AnnotatedImage
from tools.datasets.records import BoxXyxy
from tools.registry import DATASETS
from tools.seeds import hash_number, spread

NO_FACTS: Mapping[str, str | float] = MappingProxyType({})


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

    frame: AnnotatedImage
    kind: str
    key: tuple[str, ...]
    truth: Any
    evidence: tuple[AnnotatedBox, ...] = ()
    facts: Mapping[str, str | float] = NO_FACTS

    @property
    def id(self) -> str:
        """Unique within a task."""
        return f"{self.frame.source}|{self.frame.image}|{self.kind}|{'|'.join(self.key)}"


@dataclass(frozen=True, slots=True)
class Skip:
    """A frame, or a name in it, that the task does not ask about, with a short reason for the manifest."""

    code: str


@dataclass(frozen=True)
class Search:
    """What every task finds with.

    Attributes:
        wordings: the questions' texts, and the modality pack.
        root: folder of the frames' files.
        settings: the task's own.
    """

    wordings: Wordings
    root: Path = Path()
    settings: Any = None

    def lacks_nouns(self, frame: AnnotatedImage, names: Iterable[str]) -> bool:
        """Whether the pack does not say how some of these names read, in a frame of a plugin's dataset.

        The toolkit's own datasets have all their names in names.yaml, and asking for one that is not there is an error.
        Whoever tries out a dataset need not edit the pack first: what asks by names passes his images over and says so
        (`names_not_in_names_yaml`).
        """
        return not DATASETS.is_built_in(frame.source) and any(name not in self.wordings.nouns for name in names)


NO_NOUN = Skip("names_not_in_names_yaml")


class Draft(NamedTuple):
    """A question in words: an item but for its id, its split and the place of its image.

    Attributes:
        block: questions of a block read the same and have different answers, each as often as any other, so that
            nothing but the image tells them apart; empty for a question that stands alone.
        picture: the image to show in place of the frame's own.
    """

    task: TaskName
    frame: AnnotatedImage
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
class Composer:
    """What every task composes with.

    Attributes:
        wordings: the questions' texts, and the modality pack.
        seed: of the benchmark.
        settings: the task's own.
        share: what the candidates at hand have in common (task, source and split); blocks are numbered within it.
        allow_guessable: whether questions may be asked alone where no block can be formed at all.
        fills_up: whether images that no block takes may be asked about alone, behind all blocks, to reach a number.
        is_paper: ask as the paper does: every candidate for itself, with nothing balanced.
    """

    wordings: Wordings
    seed: int
    settings: Any = None
    share: str = ""
    allow_guessable: bool = False
    fills_up: bool = False
    is_paper: bool = False

    def draw(self, *parts: object) -> int:
        """A number of 64 bits for `parts`."""
        return hash_number(self.seed, *parts)

    def choose_wording(self, task: TaskName, kind: str, *parts: object) -> int:
        """A wording for `parts`."""
        return self.draw(task, kind, "wording", *parts) % self.wordings.count(task, kind)

    def ask(self, task: TaskName, kind: str, number: int, **fills: str) -> dict[str, Any]:
        """`question`, `wording` and `form` of a draft."""
        return {
            "question": self.wordings.ask(task, kind, number, **fills),
            "wording": name_wording(task, kind, number),
            "form": self.wordings.tasks[task].kinds[kind].form,
        }

    def order(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """The candidates so that every prefix covers many groups; their own order plays no part."""
        return spread(candidates, lambda item: item.frame.group, lambda item: item.id, self.seed)


def show_evidence(boxes: Iterable[AnnotatedBox]) -> tuple[tuple[str, BoxXyxy], ...]:
    """Evidence of a draft."""
    return tuple([(box.name, box.box_xyxy) for box in boxes])
