"""How many pedestrians are in view? (paper 4; LLVIP)"""

from collections.abc import Iterator
from typing import Final

from pydantic import Field

from itb.tasks.base.counting import Counting, compose_counts, find_counts
from itb.tasks.base.draft import Candidate, Composer, Draft, Search, Skip
from itb.tasks.base.task import Kind, Paper, Task
from tools.datasets import AnnotatedImage

NAME: Final = "pedestrian_count"
MOST = 20
"""The largest count that is asked."""


class PedestrianCounting(Counting):
    """Its settings."""

    most: int = Field(default=MOST, ge=1)


def find(frame: AnnotatedImage, search: Search) -> Iterator[Candidate | Skip]:
    """The number of persons, in images not taken from above."""
    if frame.facts.get("view") == "aerial":
        yield Skip("aerial_view")
        return
    yield from find_counts(frame, ("person",), search.settings.most, NAME)


def compose(candidates: list[Candidate], composer: Composer) -> Iterator[Draft]:
    """One question for each image."""
    return compose_counts(NAME, candidates, composer)


TASK = Task(
    name=NAME,
    title="Counting pedestrians",
    kinds={NAME: Kind("number", ("many",))},
    sources=("llvip", "scenes"),
    find=find,
    compose=compose,
    words=("many",),
    paper=Paper(2388, ("llvip",)),
    count_range=PedestrianCounting.find_range,
)
