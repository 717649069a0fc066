"""Counting, as both counting tasks do it: which counts are beyond doubt, and how many zeros are asked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field

from itb.benchmark.bench import MOST_COUNTED
from itb.records import TaskName
from itb.tasks.base.draft import Candidate, Composer, Draft, Skip, show_evidence
from tools.datasets import AnnotatedImage
from tools.intervals import wilson

LEAST_SIDE_PIXELS = 4.0
"""A name one of whose boxes is thinner is not counted in that image: nobody could count it there."""
ZEROS = 0.1
"""Of a name's questions, those with the answer 0."""
UNEVEN, MARGIN = 0.06, 0.10
"""By how much a name's commonest count may be commoner than an even guess: of many questions, and of few."""


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
    """Counts, name by name so even that knowing the commonest one helps little; a tenth of them zeros.

    A name that is never there, or always as often, is not asked about, or hardly.
    """
    by_name: defaultdict[str, list[Candidate]] = defaultdict(list)
    for item in sorted(candidates, key=lambda item: (composer.draw(task, "zeros", item.id), item.id)):
        by_name[item.key[0]].append(item)
    kept: list[Candidate] = []
    largest: dict[str, int] = {}
    for name, items in sorted(by_name.items()):
        counts = Counter(item.truth for item in items)
        limits = (
            _limit_zeros(counts, composer.settings.zeros)
            if composer.is_paper
            else even_out(counts, composer.settings.zeros)
        )
        for item in items:
            if limits.get(item.truth):
                limits[item.truth] -= 1
                kept.append(item)
        largest[name] = max((item.truth for item in items if item.truth), default=0)
    for item in composer.order(kept):
        yield _ask(task, item, composer, None if composer.is_paper else largest[item.key[0]])


def even_out(counts: Mapping[int, int], zeros: float) -> dict[int, int]:
    """How many images of each count are asked about: as many as can be while no count is too common.

    Too common is more than `UNEVEN` above an even guess among 0 and the largest count; where that cannot be had, more
    than `MARGIN` beyond the interval of so few questions.

    Args:
        counts: images of each count.
        zeros: as in `Counting`.
    """
    chance = 1 / (1 + max(counts, default=0))
    tiers = sorted({amount for count, amount in counts.items() if count}, reverse=True)
    for is_exact in (True, False):
        for cap in range(tiers[0] if tiers else 0, 0, -1):
            limits = _limit_zeros({count: min(amount, cap) for count, amount in counts.items()}, zeros)
            total, most = sum(limits.values()), max(limits.values())
            share = most / total if is_exact else wilson(most / total, total)[0]
            if share <= chance + (UNEVEN if is_exact else MARGIN):
                return limits
    return {}


def _limit_zeros(counts: Mapping[int, int], zeros: float) -> dict[int, int]:
    others = sum(amount for count, amount in counts.items() if count)
    allowed = round(others * zeros / (1 - zeros))
    return {count: amount if count else min(amount, allowed) for count, amount in counts.items()}


def _ask(task: TaskName, item: Candidate, composer: Composer, most: int | None) -> Draft:
    name = item.key[0]
    words = composer.wordings.files[task].words
    many = words.get("many") or composer.wordings.noun(name).many
    return Draft(
        task=task,
        frame=item.frame,
        answer=str(item.truth),
        evidence=show_evidence(item.evidence),
        facts={"name": name} if most is None else {"name": name, MOST_COUNTED: most},
        **composer.ask(task, task, composer.choose_wording(task, task, item.id), many=many),
    )
