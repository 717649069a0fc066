"""The baseline that gives the answer most often right in the train split."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from itb.answers.train_answers import TrainAnswers, count_train_answers, find_majority, name_kind
from itb.benchmark.ask import Question
from itb.benchmark.bench import Bench
from itb.models.adapter import Reply, Unit, plan_singly
from itb.models.kind import ModelKind
from itb.models.settings import EvalSettings
from tools.errors import UsageError


class MajorityModel:
    """Of the answers a question admits, the one most often right in the train split of its task; of equals the first.

    Args:
        train: the train split's answers by task.

    Raises:
        UsageError: the benchmark has no train split.
    """

    needs_images = False
    is_baseline = True

    def __init__(self, train: TrainAnswers) -> None:
        if not train:
            raise UsageError("--model majority learns from the train split, and this benchmark has none; build one")
        self._train = train

    def identify(self) -> Mapping[str, Any]:
        """Its name."""
        return {"kind": "majority", "name": "majority"}

    def explain(self, questions: Sequence[Question]) -> Mapping[str, Any]:
        """The most frequent answer of each task's train split; of equals all."""
        kinds = [
            kind for kind in dict.fromkeys(name_kind(question.item) for question in questions) if kind in self._train
        ]
        return {"most_frequent": {kind: _name_most_frequent(self._train[kind]) for kind in kinds}}

    def plan(self, questions: Sequence[Question]) -> list[Unit]:
        """Every question for itself."""
        return plan_singly(questions)

    def answer(self, units: Sequence[Unit]) -> Iterator[Reply]:
        """The most frequent answer among the possible ones."""
        for (question,) in units:
            chosen = find_majority(question.item, question.options, question.count_range, self._train)
            yield Reply(question, chosen, chosen)


def _name_most_frequent(counts: Counter[str]) -> str:
    most = max(counts.values())
    return ", ".join(answer for answer, count in counts.items() if count == most)


def open_majority(settings: EvalSettings, bench: Bench, max_new_tokens: int) -> MajorityModel:
    """From the benchmark's train split."""
    return MajorityModel(count_train_answers(bench.items))


KIND = ModelKind(open_majority)
