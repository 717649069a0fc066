"""From the datasets to what can be asked: frames are streamed, and only what a task can use is kept."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itb.records import TaskName
from itb.tasks import NO_SETTINGS, load_task, read_task_settings
from itb.tasks.base.draft import Candidate, Search, Skip
from itb.tasks.base.task import Task
from itb.tasks.base.wordings import Labels, Wordings
from tools.datasets import Annotated, AnnotatedImage, DatasetReject, open_dataset
from tools.datasets.first_images import watch_first_images
from tools.datasets.records import Unread
from tools.errors import UsageError
from tools.registry import DATASETS

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
        unread: source -> code and name, as the dataset writes it -> how many objects could not be read.
        doubtful: source -> frames with such objects.
        skips: task -> source -> code -> how often the task passed something over.
    """

    candidates: dict[Key, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    frames: Counter[str] = field(default_factory=Counter)
    rejects: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    unread: dict[str, Counter[Unread]] = field(default_factory=lambda: defaultdict(Counter))
    doubtful: Counter[str] = field(default_factory=Counter)
    skips: dict[TaskName, dict[str, Counter[str]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counter))
    )

    def list_frames(self) -> dict[tuple[str, str], AnnotatedImage]:
        """The frames of all candidates, by source and image, sorted."""
        found = {
            (item.frame.source, item.frame.image): item.frame for items in self.candidates.values() for item in items
        }
        return dict(sorted(found.items()))

    def count_candidates(self, task: TaskName, source: str) -> int:
        """What a task could ask about a source, before questions are put together."""
        return sum(len(items) for key, items in self.candidates.items() if key[:2] == (task, source))


def gather(
    streams: Mapping[str, Iterable[Annotated]],
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
            if takes(task, source)
        ]
        for entry in stream:
            if isinstance(entry, DatasetReject):
                found.rejects[source][entry.code] += 1
                found.examples[source].setdefault(entry.code, f"{entry.where}: {entry.why}")
                continue
            found.frames[source] += 1
            if entry.unread:
                found.doubtful[source] += 1
                found.unread[source].update(entry.unread)
            for task, search in fed:
                _ask(task, entry, search, found)
            if found.frames[source] % 100 == 0:
                listen(source, found.frames[source])
        listen(source, found.frames[source])
    return found


def _ask(task: Task, frame: AnnotatedImage, search: Search, found: Gathered) -> None:
    labels = search.wordings.files[task.name].labels
    if frame.source not in task.sources and not _knows_label(frame, labels):
        found.skips[task.name][frame.source]["label_of_another_task"] += 1
        return
    if frame.unread and task.needs_every_object:
        found.skips[task.name][frame.source]["uncertain_object"] += 1
        return
    for entry in task.find(frame, search):
        if isinstance(entry, Skip):
            found.skips[task.name][frame.source][entry.code] += 1
        else:
            found.candidates[task.name, frame.source, entry.kind].append(entry)


def takes(task: Task, source: str) -> bool:
    """Whether a task is asked what it can make of a dataset's images: the one rule of which dataset feeds which task.

    The toolkit's own datasets have been looked through one by one, and a task lists those that can feed it: elsewhere a
    name may go unannotated, or a label mean something else. Of a plugin's dataset nothing is known beforehand, so every
    task is offered every image of it and takes those whose records fit: it finds no relation without two boxes, no
    scene without a label, no temperature without values in degrees. A label that a task's wordings do not mention
    (`shown`, `apart`) is another task's, and the image is passed over (`label_of_another_task`).
    """
    return source in task.sources or not DATASETS.is_built_in(source)


def _knows_label(image: AnnotatedImage, labels: Labels) -> bool:
    """Whether the task asks about no labels at all, or about one of this image."""
    known = {*labels.shown, *(label for row in labels.apart for label in row)}
    return not known or known.issuperset(image.labels)


def keep_papers(gathered: Gathered) -> None:
    """Take out what the paper does not ask: other tasks, and its tasks about other datasets (stand-ins may stay)."""
    rendered = {entry.name for entry in DATASETS.entries() if entry.traits.get("is_rendered")}
    for key in list(gathered.candidates):
        paper = load_task(key[0]).paper
        if paper is None or key[1] not in {*paper.sources, *rendered}:
            del gathered.candidates[key]


def list_sources() -> tuple[str, ...]:
    """The datasets that a benchmark can be built from: all that hold images of the modality."""
    return tuple(entry.name for entry in DATASETS.entries() if not entry.traits.get("is_visible"))


def check_source(name: str) -> None:
    """Whether a benchmark can be built from a dataset.

    Raises:
        UsageError: there is no dataset of this name, or it holds photographs.
    """
    DATASETS.find(name)
    if name not in list_sources():
        known = ", ".join(list_sources())
        raise UsageError(
            f"--source {name}: photographs; a benchmark asks about images of the modality, e.g. of {known}"
        )


def open_sources(roots: Mapping[str, Path]) -> dict[str, Iterable[Annotated]]:
    """The streams of the named datasets.

    Raises:
        MissingError: a folder does not hold the dataset; while it is read: none of its first images can be read.
    """
    return {
        name: watch_first_images(f"--source {name}:", root, open_dataset(name, root).stream())
        for name, root in roots.items()
    }
