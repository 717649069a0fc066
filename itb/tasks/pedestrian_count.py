"""How many pedestrians are in view? (paper 4; LLVIP)"""

from collections.abc import Iterator
from typing import Final

from itb.records import Frame
from itb.tasks.counting import compose_counts, find_counts
from itb.tasks.draft import Candidate, Draft, Kit, Skip, Task
from itb.wordings import Wordings

NAME: Final = "pedestrian_count"
MOST = 20
"""The largest count that is asked."""


def find(frame: Frame, wordings: Wordings) -> Iterator[Candidate | Skip]:
    """The number of persons, in images not taken from above."""
    if frame.facts.get("view") == "aerial":
        yield Skip("aerial_view")
        return
    yield from find_counts(frame, ("person",), MOST, NAME)


def compose(candidates: list[Candidate], kit: Kit) -> Iterator[Draft]:
    """One question for each image."""
    return compose_counts(NAME, candidates, kit)


TASK = Task(NAME, ("llvip", "scenes"), find, compose)
