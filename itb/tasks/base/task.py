"""What a task is: one object in one file, which the table of tasks names; no other file lists tasks.

TASK = Task(
    name="horizon",
    kinds={"horizon": Kind("yes_no")},
    sources=("mine",),
    find=find,
    compose=compose,
)
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from itb.records import AnswerForm, Item
from itb.tasks.base.draft import Candidate, Composer, Draft, Search, Skip
from tools.datasets import AnnotatedImage


class Kind(NamedTuple):
    """One kind of question.

    Attributes:
        form: of its answers: a reply reader.
        inputs: what the task puts into a wording.
    """

    form: AnswerForm
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Paper:
    """A task of the paper: how many questions it has in Table 1, and the datasets that they are about."""

    questions: int
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """A task of the benchmark.

    Attributes:
        name: of the task, as in the table.
        title: what people read in reports; without one, the name in words.
        kinds: kinds of question, by the key of their wordings; a task with one kind names it like itself.
        sources: the datasets that can feed it; the paper's come first.
        find: what can be asked about a frame.
        compose: questions in words from the candidates of one source, kind and split, in an order of which a prefix is
            a benchmark too. Balanced questions come in whole blocks.
        words: words that it looks up in its wordings.
        wordings: its own wordings, as data of the same form as a pack's file; a pack overrides them. None: a pack
            without them leaves the task out.
        paper: what the paper says of it; None for a task beyond the paper.
        count_range: least and largest count that it asks for, from the task's settings; None where none is asked.
        asks_absent: whether it asks what is not there, so that "there is no dog" chooses the dog.
        rests_on: what of the pixels' levels its answers rest on, besides shapes: `tone` (which one stands for what) or
            `scale` (their distances). A perturbation that changes it spoils the answer.
        chance: what a guess without any knowledge gets right of an item, None where nobody can say; without it, an even
            guess among what can be answered.
        show_pattern: what is the case in a candidate's image, in words: what the table of patterns counts where a
            task's questions can be guessed; without it, what the candidate is about and its truth.
        needs_every_object: whether an object that could not be read may change an answer (a count, what is not there,
            which one is the largest); of such images it is asked nothing.
        remark: what a reader of an audit should know of it, in a sentence.
    """

    name: str
    kinds: Mapping[str, Kind]
    sources: tuple[str, ...]
    find: Callable[[AnnotatedImage, Search], Iterator[Candidate | Skip]]
    compose: Callable[[list[Candidate], Composer], Iterator[Draft]]
    words: tuple[str, ...] = ()
    wordings: Mapping[str, Any] | None = None
    paper: Paper | None = None
    count_range: Callable[[Any], tuple[int, int]] | None = None
    asks_absent: bool = False
    rests_on: frozenset[str] = frozenset()
    chance: Callable[[Item], float | None] | None = None
    show_pattern: Callable[[Candidate], str] | None = None
    title: str = ""
    needs_every_object: bool = True
    remark: str = ""

    @property
    def inputs(self) -> Mapping[str, frozenset[str]]:
        """Kind of question -> what it puts into a wording."""
        return {name: frozenset(kind.inputs) for name, kind in self.kinds.items()}
