"""The baseline that gives the answer most often right in the train split."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from itb.answers.train_answers import count_answers, find_majority, name_kind
from itb.benchmark.ask import Question
from itb.benchmark.bench import Bench
from itb.benchmark.folds import FOLDS, FittedApart
from itb.models.adapter import Reply, Unit, plan_singly
from itb.models.kind import ModelKind
from itb.models.settings import EvalSettings
from itb.records import Item
from tools.errors import UsageError


class MajorityModel:
    """Of the answers a question admits, the one most often right in the train split of its task; of equals the first.

    Args:
        items: of the benchmark; where it has no train split, the answers of other groups count.

    Raises:
        UsageError: the benchmark has no train split.
    """

    needs_images = False
    is_baseline = True

    def __init__(self, items: Sequence[Item]) -> None:
        self._train = FittedApart(items, count_answers)
        if self._train.is_empty:
            raise UsageError("--model majority learns from the train split, and this benchmark has none; build one")

    def identify(self) -> Mapping[str, Any]:
        """Its name."""
        return {"kind": "majority", "name": "majority"}

    def explain(self, questions: Sequence[Question]) -> Mapping[str, Any]:
        """The most frequent answer of each task's train split; of equals all."""
        if not self._train.has_train:
            return {"fitted": f"to the other groups, in {FOLDS} folds"}
        train = self._train.find(questions[0].item)
        kinds = [kind for kind in dict.fromkeys(name_kind(question.item) for question in questions) if kind in train]
        return {"most_frequent": {kind: _name_most_frequent(train[kind]) for kind in kinds}}

    def plan(self, questions: Sequence[Question]) -> list[Unit]:
        """Every question for itself."""
        return plan_singly(questions)

    def answer(self, units: Sequence[Unit]) -> Iterator[Reply]:
        """The most frequent answer among the possible ones."""
        for (question,) in units:
            chosen = find_majority(
                question.item, question.options, question.count_range, self._train.find(question.item)
            )
            yield Reply(question, chosen, chosen)


def _name_most_frequent(counts: Counter[str]) -> str:
    most = max(counts.values())
    return ", ".join(answer for answer, count in counts.items() if count == most)


def open_majority(settings: EvalSettings, bench: Bench, max_new_tokens: int) -> MajorityModel:
    """From the benchmark's train split, or its other groups."""
    return MajorityModel(bench.items)


KIND = ModelKind(open_majority)
