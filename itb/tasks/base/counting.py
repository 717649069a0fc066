"""Counting, as both counting tasks do it: which counts are beyond doubt, and how many zeros are asked."""

from collections import Counter
from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ConfigDict, Field

from itb.records import TaskName
from itb.tasks.base.draft import Candidate, Composer, Draft, Skip, show_evidence
from tools.datasets import AnnotatedImage

LEAST_SIDE_PIXELS = 4.0
"""A name one of whose boxes is thinner is not counted in that image: nobody could count it there."""
ZEROS = 0.1
"""Of a name's questions, those with the answer 0."""


def find_counts(frame: AnnotatedImage, names: Iterable[str], most: int, kind: str) -> Iterator[Candidate | Skip]:
    """How often each name is there; nothing about names of which something is uncertain, tiny, or there too often.

    An uncertain object whose name is none of `names` ("don't care") could be anything, and leaves nothing to count.
    """
    names = list(names)
    uncertain = {box.name for box in frame.boxes if not box.is_certain}
    if uncertain - set(names):
        yield Skip("uncertain_object")
        return
    counts = Counter(box.name for box in frame.boxes)
    for name in names:
        boxes = tuple(box for box in frame.boxes if box.name == name)
        if name in uncertain:
            yield Skip("uncertain_object")
        elif counts[name] > most:
            yield Skip("too_many")
        elif any(_thinnest(box.box_xyxy) < LEAST_SIDE_PIXELS for box in boxes):
            yield Skip("too_small")
        else:
            yield Candidate(frame, kind, (name,), counts[name], boxes)


def _thinnest(box: tuple[float, float, float, float]) -> float:
    return min(box[2] - box[0], box[3] - box[1])


class Counting(BaseModel):
    """Settings of a counting task; each has its own `most`.

    Attributes:
        most: the largest count that is asked.
        zeros: questions with the answer 0, as a part of all that are asked about a name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    most: int = Field(ge=1)
    zeros: float = Field(default=ZEROS, ge=0, lt=1)

    def find_range(self) -> tuple[int, int]:
        """Least and largest count."""
        return 0, self.most


def compose_counts(task: TaskName, candidates: list[Candidate], composer: Composer) -> Iterator[Draft]:
    """All counts above zero, and for each name a share of zeros; names that are never there are not asked about."""
    present = Counter(item.key[0] for item in candidates if item.truth > 0)
    zeros_per_other = composer.settings.zeros / (1 - composer.settings.zeros)
    left = {name: round(count * zeros_per_other) for name, count in present.items()}
    kept = [item for item in candidates if item.truth > 0]
    for item in sorted(candidates, key=lambda item: composer.draw(task, "zeros", item.id)):
        if item.truth == 0 and left.get(item.key[0]):
            left[item.key[0]] -= 1
            kept.append(item)
    for item in composer.order(kept):
        yield _ask(task, item, composer)


def _ask(task: TaskName, item: Candidate, composer: Composer) -> Draft:
    name = item.key[0]
    words = composer.wordings.files[task].words
    many = words.get("many") or composer.wordings.noun(name).many
    return Draft(
        task=task,
        frame=item.frame,
        answer=str(item.truth),
        evidence=show_evidence(item.evidence),
        facts={"name": name},
        **composer.ask(task, task, composer.choose_wording(task, task, item.id), many=many),
    )
