"""What the train split answers, as far as the baselines may know it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from itb.answers import find_reader
from itb.answers.candidates import list_candidates
from itb.benchmark.ask import Question
from itb.records import Item
from tools.errors import UsageError

TrainAnswers = Mapping[str, Counter[str]]


def name_kind(item: Item) -> str:
    """Task and form of the answer: a task may ask for a choice in one question and for a value in another."""
    return f"{item.task}/{item.form}"


def count_train_answers(items: Iterable[Item]) -> TrainAnswers:
    """Answers of the train split by kind of question, with how often each is right."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for item in items:
        if item.split == "train":
            counts[name_kind(item)][item.answer] += 1
    return counts


def list_possible(question: Question, train: TrainAnswers) -> tuple[str, ...]:
    """The answers that can be given: those listed by the question, else the distinct ones of the task's train split.

    Raises:
        UsageError: neither is there.
    """
    listed = list_candidates(question)
    if listed:
        return listed
    seen = train.get(name_kind(question.item))
    if not seen:
        raise UsageError(
            f"item {question.item.id}: nothing says which answers are possible: the benchmark has no train split for "
            f"the task {question.item.task}, and its manifest no count_ranges; build it with both"
        )
    reader = find_reader(question.item.form)
    return tuple(sorted(seen, key=lambda answer: (reader.order(answer), answer)))
