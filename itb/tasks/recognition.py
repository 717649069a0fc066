"""Which of four options is the object? (paper 4; LSOTB-TIR)

Only the tracked object of an image is annotated, so the question names its place, and options that could stand beside
it are kept apart (`labels.apart` of recognition.yaml). Where every object is annotated and there is one alone, no place
is named: it would say which option is likelier, as dogs lie lower in a picture than people.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from itb.tasks.base.blocks import compose_labels, fill_nothing
from itb.tasks.base.draft import Candidate, Composer, Draft, Search, Skip
from itb.tasks.base.relations import PLACES, find_place
from itb.tasks.base.task import Kind, Paper, Task
from tools.datasets import AnnotatedImage

NAME: Final = "recognition"
PLACED: Final = "placed"
LONE: Final = "lone"
COMPLETE = frozenset({"scenes"})
"""Sources that annotate every object: there the only object of an image is its label."""


def find(frame: AnnotatedImage, search: Search) -> Iterator[Candidate | Skip]:
    """The label of the one tracked object."""
    label = _find_lone(frame) if frame.source in COMPLETE else next(iter(frame.labels), None)
    if label is None:
        yield Skip("no_trustworthy_label")
    elif label in search.wordings.files[NAME].labels.never:
        yield Skip("label_is_no_object")
    elif len(frame.boxes) != 1 or not frame.boxes[0].is_certain:
        yield Skip("no_single_target")
    else:
        kind = LONE if frame.source in COMPLETE else PLACED
        place = find_place(frame.boxes[0].box_xyxy, frame)
        yield Candidate(frame, kind, (), label, frame.boxes, {"place": place})


def _find_lone(frame: AnnotatedImage) -> str | None:
    return frame.boxes[0].name if len(frame.boxes) == 1 else None


def compose(candidates: list[Candidate], composer: Composer) -> Iterator[Draft]:
    """Four options, one of them the object."""
    words, labels = composer.wordings.files[NAME].words, composer.wordings.files[NAME].labels

    def name_place(item: Candidate) -> Mapping[str, str]:
        return {"place": words[str(item.facts["place"])]}

    is_placed = bool(candidates) and candidates[0].kind == PLACED
    return compose_labels(NAME, candidates, labels, composer, fill=name_place if is_placed else fill_nothing)


TASK = Task(
    name=NAME,
    title="Object recognition",
    kinds={PLACED: Kind("option", ("place",)), LONE: Kind("option")},
    sources=("lsotb", "scenes"),
    find=find,
    compose=compose,
    words=PLACES,
    paper=Paper(7463, ("lsotb",)),
)
