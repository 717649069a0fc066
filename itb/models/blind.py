"""The baseline that answers without the image, from how often what was right in the train split."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from itb.answers.blind_answerer import BlindAnswerer
from itb.benchmark.ask import Question
from itb.benchmark.bench import Bench
from itb.benchmark.folds import FOLDS, FittedApart
from itb.models.adapter import Reply, Unit, plan_singly
from itb.models.kind import ModelKind
from itb.models.settings import EvalSettings
from itb.records import Item
from tools.errors import UsageError


class BlindModel:
    """Asks `itb.answers.blind_answerer`, which sees task, wording and options, and no image.

    Args:
        items: of the benchmark; where it has no train split, what answers a question never saw its group.

    Raises:
        UsageError: there are none.
    """

    needs_images = False
    is_baseline = True

    def __init__(self, items: Sequence[Item]) -> None:
        self._blind = FittedApart(items, BlindAnswerer)
        if self._blind.is_empty:
            raise UsageError("--model blind learns from the train split, and this benchmark has none; build one")

    def identify(self) -> Mapping[str, Any]:
        """Its name."""
        return {"kind": "blind", "name": "blind"}

    def explain(self, questions: Sequence[Question]) -> Mapping[str, Any]:
        """Nothing, but how it was fitted where there is no train split."""
        return {} if self._blind.has_train else {"fitted": f"to the other groups, in {FOLDS} folds"}

    def plan(self, questions: Sequence[Question]) -> list[Unit]:
        """Every question for itself."""
        return plan_singly(questions)

    def answer(self, units: Sequence[Unit]) -> Iterator[Reply]:
        """Its guess, with the options in the order they are shown."""
        for (question,) in units:
            guess = self._blind.find(question.item).answer(replace_options(question))
            yield Reply(question, guess, guess)


def replace_options(question: Question) -> Item:
    """The item with its options in the order of this question."""
    return question.item.model_copy(update={"options": question.options})


def open_blind(settings: EvalSettings, bench: Bench, max_new_tokens: int) -> BlindModel:
    """From the benchmark's train split, or its other groups."""
    return BlindModel(bench.items)


KIND = ModelKind(open_blind)
