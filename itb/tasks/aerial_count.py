"""How many objects of a kind are seen from the air? (paper 4; VEDAI and DroneVehicle, and beyond the paper HIT-UAV)"""

from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import Field

from itb.tasks.base.counting import Counting, compose_counts, find_counts
from itb.tasks.base.draft import NO_NOUN, Candidate, Composer, Draft, Search, Skip
from itb.tasks.base.task import Kind, Paper, Task
from tools.datasets import AnnotatedImage

NAME: Final = "aerial_count"
MOST = 30
"""The largest count that is asked; beyond it even people disagree."""
NAMES: Mapping[str, tuple[str, ...]] = {
    "vedai": ("car", "truck", "tractor", "camping car", "motorcycle", "bus", "van", "pickup", "boat", "plane"),
    "dronevehicle": ("car", "truck", "bus", "van", "freight car"),
    "hituav": ("person", "car", "bicycle", "other vehicle"),
    "scenes": ("person", "car"),
}
"""What the annotators of each source looked for; VEDAI's class "other" says too little to be asked about."""


UNMARKED = {"hituav": frozenset({"person"})}
"""Names that a source's annotators overlooked now and then: that none is marked does not say that none is there."""


class AerialCounting(Counting):
    """Its settings."""

    most: int = Field(default=MOST, ge=1)


def find(frame: AnnotatedImage, search: Search) -> Iterator[Candidate | Skip]:
    """Counts of all the names that the source annotates, in images taken from above."""
    view = frame.facts.get("view", "aerial" if frame.source in NAMES else "unknown")
    if view != "aerial":
        yield Skip("no_aerial_view")
        return
    # of a plugin's dataset nobody knows what its annotators looked for: what is there was
    names = NAMES.get(frame.source) or tuple(sorted({box.name for box in frame.boxes}))
    if search.lacks_nouns(frame, names):
        yield NO_NOUN
        return
    overlooked = UNMARKED.get(frame.source, frozenset())
    for found in find_counts(frame, names, search.settings.most, NAME):
        is_doubtful = isinstance(found, Candidate) and found.truth == 0 and found.key[0] in overlooked
        yield Skip("none_marked_may_be_overlooked") if is_doubtful else found


def compose(candidates: list[Candidate], composer: Composer) -> Iterator[Draft]:
    """One question for each image and name."""
    return compose_counts(NAME, candidates, composer)


TASK = Task(
    name=NAME,
    title="Counting from the air",
    kinds={NAME: Kind("number", ("many",))},
    sources=tuple(NAMES),
    find=find,
    compose=compose,
    paper=Paper(3721, ("vedai", "dronevehicle")),
    count_range=AerialCounting.find_range,
)
