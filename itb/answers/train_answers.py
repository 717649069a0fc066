"""What the train split answers, as far as the baselines may know it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from itb.answers import find_reader
from itb.benchmark.ask import Question
from itb.records import Item
from tools.errors import UsageError

TrainAnswers = Mapping[str, Counter[str]]


def name_kind(item: Item) -> str:
    """Task and form of the answer: a task may ask for a choice in one question and for a value in another."""
    return f"{item.task}/{item.form}"


def count_train_answers(items: Iterable[Item]) -> TrainAnswers:
    """Answers of the train split by kind of question, with how often each is right."""
    return count_answers(item for item in items if item.split == "train")


def count_answers(items: Iterable[Item]) -> TrainAnswers:
    """Answers of items by kind of question, with how often each is right."""
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for item in items:
        counts[name_kind(item)][item.answer] += 1
    return counts


def list_possible(question: Question, train: TrainAnswers) -> tuple[str, ...]:
    """The answers that can be given: those listed by the question, else the distinct ones of the task's train split.

    Raises:
        UsageError: neither is there.
    """
    return _list_possible(question.item, question.options, question.count_range, train)


def find_majority(
    item: Item, options: tuple[str, ...], count_range: tuple[int, int] | None, train: TrainAnswers
) -> str:
    """Of the possible answers, the one most often right in the train split; of equals the first.

    Args:
        options: the item's, in the order in which they are shown.

    Raises:
        UsageError: as `list_possible`.
    """
    counts = train.get(name_kind(item), Counter[str]())
    return max(_list_possible(item, options, count_range, train), key=counts.__getitem__)


def _list_possible(
    item: Item, options: tuple[str, ...], count_range: tuple[int, int] | None, train: TrainAnswers
) -> tuple[str, ...]:
    reader = find_reader(item.form)
    listed = reader.list_candidates(options, count_range)
    if listed:
        return listed
    seen = train.get(name_kind(item))
    if not seen and item.foreign:  # one group asks it alone
        return (reader.guess,)
    if not seen:
        raise UsageError(
            f"item {item.id}: nothing says which answers are possible: the benchmark has no train split for "
            f"the task {item.task}, and its manifest no count_ranges; build it with both"
        )
    return tuple(sorted(seen, key=lambda answer: (reader.order(answer), answer)))
