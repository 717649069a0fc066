"""The answers that a question admits, where they can be listed, and what a guess among them gets right."""

from itb.answers import find_reader
from itb.benchmark.ask import Question
from itb.records import Item
from itb.tasks import load_task


def list_candidates(question: Question) -> tuple[str, ...]:
    """`yes` and `no`, the options, or every count of the stated range; empty where the answer is open."""
    return find_reader(question.item.form).list_candidates(question.options, question.count_range)


def find_chance(item: Item, count_range: tuple[int, int] | None) -> float | None:
    """What a guess without any knowledge gets right; None where the answers cannot be listed."""
    task = load_task(item.task)
    if task.chance:
        return task.chance(item)
    candidates = find_reader(item.form).list_candidates(item.options, count_range)
    return 1 / len(candidates) if candidates else None
