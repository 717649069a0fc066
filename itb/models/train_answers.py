"""What the train split answers, as far as the baselines may know it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from itb.ask import Question
from itb.candidates import list_candidates
from itb.records import Item
from tools.errors import UsageError

TrainAnswers = Mapping[str, Counter[str]]


def count_train_answers(items: Iterable[Item]) -> TrainAnswers:
    """Answers of the train split by task, with how often each is right."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for item in items:
        if item.split == "train":
            counts[item.task][item.answer] += 1
    return counts


def list_possible(question: Question, train: TrainAnswers) -> tuple[str, ...]:
    """The answers that can be given: those listed by the question, else the distinct ones of the task's train split.

    Raises:
        UsageError: neither is there.
    """
    listed = list_candidates(question)
    if listed:
        return listed
    seen = train.get(question.item.task)
    if not seen:
        raise UsageError(
            f"item {question.item.id}: nothing says which answers are possible: the benchmark has no train split for "
            f"the task {question.item.task}, and its manifest no count_ranges; build it with both"
        )
    return tuple(sorted(seen, key=lambda answer: (float(answer), answer)))
