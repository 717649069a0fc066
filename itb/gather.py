"""From the datasets to what can be asked: frames are streamed, and only what a task can use is kept."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itb.records import Frame, SourceReject, TaskName
from itb.tasks import NO_SETTINGS, read_task_settings
from itb.tasks.draft import Candidate, Search, Skip
from itb.tasks.task import Task
from itb.wordings import Wordings

Key = tuple[TaskName, str, str]  # task, source, kind
Listener = Callable[[str, int], None]


@dataclass
class Gathered:
    """What the sources give.

    Attributes:
        candidates: task, source and kind -> what can be asked.
        frames: source -> frames read.
        rejects: source -> code -> how many rows could not be used.
        examples: source -> code -> the first such row, with its reason.
        skips: task -> source -> code -> how often the task passed something over.
    """

    candidates: dict[Key, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    frames: Counter[str] = field(default_factory=Counter)
    rejects: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    skips: dict[TaskName, dict[str, Counter[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counter))
    )

    def list_frames(self) -> dict[tuple[str, str], Frame]:
        """The frames of all candidates, by source and image, sorted."""
        found = {
            (item.frame.source, item.frame.image): item.frame for items in self.candidates.values() for item in items
        }
        return dict(sorted(found.items()))


def gather(
    streams: Mapping[str, Iterable[Frame | SourceReject]],
    roots: Mapping[str, Path],
    wordings: Wordings,
    settings: Mapping[str, Mapping[str, Any]] = NO_SETTINGS,
    listen: Listener = lambda source, frames: None,
) -> Gathered:
    """Ask every task what it can make of every frame.

    Args:
        streams: source -> its frames and rejects.
        roots: source -> its folder.
        wordings: of the questions; what has none is not asked.
        settings: task -> setting -> value, where it is not the usual one.
        listen: hears the source and the number of its frames so far, now and then.
    """
    found = Gathered()
    for source, stream in streams.items():
        found.frames[source] = 0
        fed = [
            (task, Search(wordings, roots[source], read_task_settings(name, settings)))
            for name, task in wordings.tasks.items()
            if source in task.sources
        ]
        for entry in stream:
            if isinstance(entry, SourceReject):
                found.rejects[source][entry.code] += 1
                found.examples[source].setdefault(entry.code, f"{entry.where}: {entry.why}")
                continue
            found.frames[source] += 1
            for task, search in fed:
                _ask(task, entry, search, found)
            if found.frames[source] % 100 == 0:
                listen(source, found.frames[source])
        listen(source, found.frames[source])
    return found


def _ask(task: Task, frame: Frame, search: Search, found: Gathered) -> None:
    for entry in task.find(frame, search):
        if isinstance(entry, Skip):
            found.skips[task.name][frame.source][entry.code] += 1
        else:
            found.candidates[task.name, frame.source, entry.kind].append(entry)


def open_sources(roots: Mapping[str, Path]) -> dict[str, Iterable[Frame | SourceReject]]:
    """The streams of the named datasets.

    Raises:
        MissingError: a folder does not hold the dataset.
    """
    from itb.sources import read_source

    return {name: read_source(name, root) for name, root in roots.items()}
