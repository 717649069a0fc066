"""The baseline that draws an answer: every possible one is equally likely."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from itb.answers import is_right
from itb.answers.train_answers import TrainAnswers, count_answers, count_train_answers, list_possible
from itb.benchmark.ask import Question
from itb.benchmark.bench import Bench
from itb.models.adapter import Reply, Unit, plan_singly
from itb.models.kind import ModelKind
from itb.models.settings import EvalSettings
from tools.seeds import hash_number_by_sha256


class ChanceModel:
    """Draws by a hash of seed, item and variant, so that every run and every order gives the same.

    Args:
        train: what open questions can be answered with.
        seed: of the draws.
    """

    needs_images = False
    is_baseline = True

    def __init__(self, train: TrainAnswers, seed: int) -> None:
        self._train = train
        self._seed = seed

    def identify(self) -> Mapping[str, Any]:
        """Its name and seed."""
        return {"kind": "chance", "name": "chance", "seed": self._seed}

    def explain(self, questions: Sequence[Question]) -> Mapping[str, Any]:
        """The accuracy that the draws have in the mean, exactly, by task."""
        shares: defaultdict[str, list[float]] = defaultdict(list)
        for question in questions:
            possible = list_possible(question, self._train)
            right = sum(is_right(question.item, answer) for answer in possible)
            shares[question.item.task].append(right / len(possible))
        return {"expected_accuracy": {task: round(sum(found) / len(found), 6) for task, found in shares.items()}}

    def plan(self, questions: Sequence[Question]) -> list[Unit]:
        """Every question for itself."""
        return plan_singly(questions)

    def answer(self, units: Sequence[Unit]) -> Iterator[Reply]:
        """One draw a question."""
        for (question,) in units:
            possible = list_possible(question, self._train)
            drawn = hash_number_by_sha256(f"{self._seed} {question.item.id} {question.variant}") % len(possible)
            yield Reply(question, possible[drawn], possible[drawn])


def open_chance(settings: EvalSettings, bench: Bench, max_new_tokens: int) -> ChanceModel:
    """With the settings' seed; an open question of a foreign benchmark is answered as others of it are."""
    answers = count_train_answers(bench.items)
    return ChanceModel(answers or count_answers(item for item in bench.items if item.foreign), settings.seed)


KIND = ModelKind(open_chance)
