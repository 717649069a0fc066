"""Which of four options is the scene? (paper 4; RGB-NIR Scene)"""

from collections.abc import Iterator
from typing import Final

from itb.records import Frame
from itb.tasks.blocks import compose_labels
from itb.tasks.draft import Candidate, Draft, Kit, Search, Skip
from itb.tasks.task import Kind, Paper, Task

NAME: Final = "scene"


def find(frame: Frame, search: Search) -> Iterator[Candidate | Skip]:
    """The label of the image."""
    if frame.label is None:
        yield Skip("no_trustworthy_label")
    else:
        yield Candidate(frame, NAME, (), frame.label)


def compose(candidates: list[Candidate], kit: Kit) -> Iterator[Draft]:
    """Four options, one of them the label."""
    labels = kit.wordings.files[NAME].labels
    return compose_labels(NAME, candidates, labels, kit, universe=tuple(labels.shown))


TASK = Task(
    name=NAME,
    kinds={NAME: Kind("option")},
    sources=("rgbnir", "scenes"),
    find=find,
    compose=compose,
    paper=Paper(477, ("rgbnir",)),
)
