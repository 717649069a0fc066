"""How many questions of each task and source a benchmark holds: all, a given number, or the paper's Table 1."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from itb.build.split import TEST_SHARE
from itb.records import Split, TaskName
from itb.tasks import list_paper_tasks, list_tasks
from itb.tasks.base.task import Task
from tools.errors import UsageError
from tools.registry import DATASETS

BEYOND_COUNT = 500
"""Questions of each task beyond the paper that `plan` takes at most (not in the paper; an interval of 8 points)."""
SPLITS: tuple[Split, ...] = ("train", "test")

Available = Mapping[tuple[TaskName, str, Split], int]


@dataclass(frozen=True)
class Line:
    """One task and source of a plan.

    Attributes:
        wanted: by the plan, of the task as a whole; None where everything is taken.
        available, taken: questions of this source.
        is_beyond_paper: the task is the paper's, and the source is not.
        is_stand_in: such a source that is rendered.
    """

    task: TaskName
    source: str
    wanted: int | None
    available: int
    taken: int
    is_beyond_paper: bool
    is_stand_in: bool


@dataclass(frozen=True)
class Plan:
    """What is taken.

    Attributes:
        take: task, source and split -> how many.
        lines: for people and the manifest.
        short: task -> how many questions the plan lacks.
    """

    take: Mapping[tuple[TaskName, str, Split], int]
    lines: tuple[Line, ...]
    short: Mapping[TaskName, int]

    def describe_share(self, task: TaskName) -> float:
        """The task's part of all taken questions of the paper's tasks, in percent."""
        paper = list_paper_tasks()
        total = sum(line.taken for line in self.lines if line.task in paper)
        mine = sum(line.taken for line in self.lines if line.task == task)
        return round(100 * mine / total, 2) if total and task in paper else 0.0


def parse_count(text: str) -> int | None:
    """`all` -> None, `plan` -> 0, a number -> itself.

    Raises:
        UsageError: anything else.
    """
    if text == "all":
        return None
    if text == "plan":
        return 0
    if text.isascii() and text.isdecimal() and int(text) > 0:
        return int(text)
    raise UsageError(f"--count {text!r}: expected `all`, `plan` (the paper's counts), or a number of questions a task")


def make_plan(available: Available, count: str) -> Plan:
    """Decide how many questions of each task, source and split are taken.

    Both splits are wanted 2 : 1; where one of them has too few, the other is not filled up in its place.

    Args:
        available: what could be asked.
        count: `all`, `plan`, or a number for each task.

    Raises:
        UsageError: `count` is none of these.
    """
    number = parse_count(count)
    take: dict[tuple[TaskName, str, Split], int] = {}
    lines: list[Line] = []
    short: dict[TaskName, int] = {}
    for task in list_tasks():
        wanted = _find_wanted(task, number)
        mine = _take_of_task(task, available, wanted)
        lines_of_task = list(_list_lines(task, available, wanted, mine))
        missing = (wanted or 0) - sum(line.taken for line in lines_of_task)
        if missing > 0 and (task.paper or number):
            short[task.name] = missing
        take |= mine
        lines += lines_of_task
    return Plan(take, tuple(lines), short)


def _list_sources(task: Task, available: Available) -> list[str]:
    return sorted({source for name, source, _ in available if name == task.name})


def _take_of_task(task: Task, available: Available, wanted: int | None) -> dict[tuple[TaskName, str, Split], int]:
    take: dict[tuple[TaskName, str, Split], int] = {}
    for split in SPLITS:
        counts = {source: available.get((task.name, source, split), 0) for source in _list_sources(task, available)}
        taken = counts if wanted is None else _share_out(task, counts, _of_split(wanted, split))
        take |= {(task.name, source, split): amount for source, amount in taken.items()}
    return take


def _list_lines(
    task: Task, available: Available, wanted: int | None, take: Mapping[tuple[TaskName, str, Split], int]
) -> Iterator[Line]:
    rendered = {entry.name for entry in DATASETS.entries() if entry.traits.get("is_rendered")}
    for source in _list_sources(task, available):
        there = sum(available.get((task.name, source, split), 0) for split in SPLITS)
        taken = sum(take[task.name, source, split] for split in SPLITS)
        is_beyond_paper = task.paper is not None and source not in task.paper.sources
        yield Line(task.name, source, wanted, there, taken, is_beyond_paper, is_beyond_paper and source in rendered)


def _find_wanted(task: Task, number: int | None) -> int | None:
    if number is None:
        return None
    return number or (task.paper.questions if task.paper else BEYOND_COUNT)


def _of_split(wanted: int, split: Split) -> int:
    test = round(wanted * TEST_SHARE)
    return test if split == "test" else wanted - test


def _share_out(task: Task, counts: Mapping[str, int], wanted: int) -> dict[str, int]:
    """The paper's sources first, each by what it has; others fill what is left."""
    paper = [source for source in counts if source in (task.paper.sources if task.paper else counts)]
    taken = dict.fromkeys(counts, 0)
    for sources in (paper, [source for source in counts if source not in paper]):
        left = wanted - sum(taken.values())
        taken |= _in_proportion({source: counts[source] for source in sources}, left)
    return taken


def _in_proportion(counts: Mapping[str, int], wanted: int) -> dict[str, int]:
    total = sum(counts.values())
    if total <= wanted:
        return dict(counts)
    shares = {source: wanted * count / total for source, count in counts.items()}
    taken = {source: int(share) for source, share in shares.items()}
    rest: Sequence[str] = sorted(shares, key=lambda source: (taken[source] - shares[source], source))
    for source in rest[: wanted - sum(taken.values())]:
        taken[source] += 1
    return taken
