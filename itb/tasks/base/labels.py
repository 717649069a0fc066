"""The tasks that ask which of four labels an image as a whole has."""

from collections.abc import Iterator

from itb.tasks.base.blocks import compose_labels
from itb.tasks.base.draft import Candidate, Composer, Draft, Search, Skip
from itb.tasks.base.task import Kind, Paper, Task
from tools.datasets import AnnotatedImage


def make_label_task(name: str, title: str, sources: tuple[str, ...], paper: Paper | None = None) -> Task:
    """The task `name`, which shows the labels of its wordings as options."""

    def find(frame: AnnotatedImage, search: Search) -> Iterator[Candidate | Skip]:
        if frame.labels:
            yield Candidate(frame, name, (), frame.labels[0])
        else:
            yield Skip("no_trustworthy_label")

    def compose(candidates: list[Candidate], composer: Composer) -> Iterator[Draft]:
        labels = composer.wordings.files[name].labels
        return compose_labels(name, candidates, labels, composer, universe=tuple(labels.shown))

    return Task(
        name=name,
        title=title,
        kinds={name: Kind("option")},
        sources=sources,
        find=find,
        compose=compose,
        paper=paper,
        needs_every_object=False,
    )
