"""What an adapter is: something that is asked questions and replies. One small file each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from itb.benchmark.ask import Question

Unit = tuple[Question, ...]
"""Questions that are answered together: done wholly or not at all, so that a resumed run forms the same batches."""


@dataclass(frozen=True)
class Reply:
    """What came back for one question.

    Attributes:
        question: what was asked.
        text: the model's words; what it chose where it does not speak.
        answer: set by a model that chooses among answers and leaves nothing to parse.
        scores: log-likelihood of each answer, by answer.
        error: why no reply was to be had (then there is no prediction); empty when there is one.
    """

    question: Question
    text: str = ""
    answer: str | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    error: str = ""


class Model(Protocol):
    """A model under evaluation.

    Attributes:
        needs_images: whether it looks at the images at all.
        is_baseline: whether it is a reference instead of a model.
    """

    needs_images: bool
    is_baseline: bool

    def identify(self) -> Mapping[str, Any]:
        """Kind, name and what else decides its replies; a run goes on only under the same identity."""
        ...

    def explain(self, questions: Sequence[Question]) -> Mapping[str, Any]:
        """What a reader of the manifest should know besides, e.g. expected accuracies or stand-ins."""
        ...

    def plan(self, questions: Sequence[Question]) -> list[Unit]:
        """All questions in units; a function of the questions alone."""
        ...

    def answer(self, units: Sequence[Unit]) -> Iterator[Reply]:
        """A reply to every question of every unit, in any order, as they come.

        Raises:
            ToolkitError: it cannot go on; what was given so far stays valid.
        """
        ...


def plan_singly(questions: Sequence[Question]) -> list[Unit]:
    """Every question for itself."""
    return [(question,) for question in questions]
