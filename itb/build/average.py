"""Over which tasks a benchmark's ITB Avg is taken, and what it is called."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from itb.records import Item
from itb.tasks import list_paper_tasks, load_task
from tools.registry import REPLY_READERS

LEAST_TASKS = 5
"""Of the paper's six; a mean over fewer of them is not called by its name."""


def describe_average(items: Sequence[Item], guessable: Mapping[str, str], is_paper: bool) -> dict[str, Any]:
    """What the manifest says of ITB Avg: the mean over the paper's tasks that cannot be guessed.

    Args:
        guessable: tasks that can be guessed, whether they were left out or kept -> why.
        is_paper: the paper's protocol: all its tasks that have test questions, whatever can be said against them.
    """
    paper, tested = list_paper_tasks(), {item.task for item in items if item.split == "test"}
    if is_paper:
        return {
            "is_defined": bool(tested.intersection(paper)),
            "protocol": "paper",
            "tasks": [task for task in paper if task in tested],
        }
    left_out = {task: guessable[task] for task in paper if task in guessable}
    left_out |= {
        task: "no balanced block in its test split"
        for task in paper
        if task in tested and task not in left_out and _stands_alone(task, items)
    }
    missing = [task for task in paper if task not in tested and task not in left_out]
    if missing:
        return {"is_defined": False, "because": f"without test questions: {', '.join(missing)}"}
    kept = [task for task in paper if task not in left_out]
    if len(kept) < LEAST_TASKS:
        return {"is_defined": False, "because": f"can be guessed without the image: {', '.join(left_out)}"}
    return {"is_defined": True, "tasks": kept} | ({"without": left_out} if left_out else {})


def _stands_alone(task: str, items: Collection[Item]) -> bool:
    """Whether its test questions offer their answers and none of them stands in a balanced block."""
    offers = any(REPLY_READERS.load(kind.form).is_choice for kind in load_task(task).kinds.values())
    return offers and not any("block" in item.facts for item in items if item.task == task and item.split == "test")
