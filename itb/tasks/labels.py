"""The tasks that ask which of four labels an image as a whole has."""

from collections.abc import Iterator

from itb.records import Frame, TaskName
from itb.tasks.blocks import compose_labels
from itb.tasks.draft import Candidate, Draft, Kit, Skip, Task
from itb.wordings import Wordings


def make_label_task(name: TaskName, sources: tuple[str, ...]) -> Task:
    """The task `name`, which shows the labels of its wordings as options."""

    def find(frame: Frame, wordings: Wordings) -> Iterator[Candidate | Skip]:
        if frame.label is None:
            yield Skip("no_trustworthy_label")
        else:
            yield Candidate(frame, name, (), frame.label)

    def compose(candidates: list[Candidate], kit: Kit) -> Iterator[Draft]:
        labels = kit.wordings.files[name].labels
        return compose_labels(name, candidates, labels, kit, universe=tuple(labels.shown))

    return Task(name, sources, find, compose)
