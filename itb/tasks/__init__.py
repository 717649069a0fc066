"""The tasks: what can be asked about an annotated frame, and how it is put. One module each, one line each in the
table `TASKS` of tools/registry/tables.py; whoever wants to know what tasks there are asks here.
"""

import dataclasses
import functools
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from itb.records import find_foreign
from tools.registry import FOREIGN_BENCHMARKS, TASKS

if TYPE_CHECKING:
    from itb.tasks.base.task import Task

NO_SETTINGS: Mapping[str, Any] = MappingProxyType({})


def load_task(name: str) -> "Task":
    """The task of a name, also of one of a foreign benchmark.

    Raises:
        UsageError: there is none.
    """
    if find_foreign(name):
        return _make_foreign(name)
    task: Task = TASKS.load(name)
    return task


@functools.cache
def _make_foreign(name: str) -> "Task":
    """A foreign task; one that is made as one of ITB's own are (`custom/security`) is read and judged as that is."""
    from itb.tasks.base.task import Task

    own = name.partition("/")[2]
    if own in TASKS.names():
        return dataclasses.replace(load_task(own), name=name, sources=(), paper=None, title="", remark="")
    return Task(
        name=name,
        kinds={},
        sources=(),
        find=lambda frame, search: iter(()),
        compose=lambda candidates, composer: iter(()),
        rests_on=frozenset(("tone", "scale")),  # nobody can say what its answers rest on
        needs_every_object=False,
    )


def order_tasks(names: Iterable[str]) -> list[str]:
    """Names, each once: ITB's own in the order of the table, then foreign ones as they come."""
    found = dict.fromkeys(names)
    own = [name for name in TASKS.names() if name in found]
    return [*own, *(name for name in found if name not in own)]


def list_tasks() -> tuple["Task", ...]:
    """All tasks, in the order of the table."""
    return tuple(load_task(name) for name in TASKS.names())


def list_paper_tasks() -> tuple[str, ...]:
    """The tasks of the paper; ITB Avg is the mean of their accuracies and of nothing else."""
    return tuple(task.name for task in list_tasks() if task.paper)


def name_task(name: str) -> str:
    """What people read for a task, `Counting from the air`, or a kind of its questions, `Temperature: region`.

    Of one without a title, and of what is none, its name.
    """
    task, _, kind = name.partition("/")
    if find_foreign(name):
        return f"{FOREIGN_BENCHMARKS.get_trait(task, 'title') or task}: {kind.replace('_', ' ')}"
    title = (load_task(task).title if task in TASKS.names() else "") or task.replace("_", " ")
    return f"{title}: {kind}" if kind else title


def say_names(text: str) -> str:
    """A sentence with the tasks' titles in place of the names that files have."""
    return re.sub(rf"\b(?:{'|'.join(map(re.escape, TASKS.names()))})\b(?:/\w+)?", lambda m: name_task(m[0]), text)


def read_task_settings(name: str, given: Mapping[str, Mapping[str, Any]]) -> Any:
    """A task's settings: the usual ones, but for those that are given.

    Args:
        name: of the task.
        given: task -> setting -> value.

    Raises:
        UsageError: a setting that the task does not have or cannot take.
    """
    return TASKS.read_settings(name, given.get(name, {}))


def find_count_range(name: str, given: Mapping[str, Mapping[str, Any]] = NO_SETTINGS) -> tuple[int, int] | None:
    """Least and largest count that a task asks for; None where it asks for none."""
    task = load_task(name)
    return task.count_range(read_task_settings(name.rpartition("/")[2], given)) if task.count_range else None
