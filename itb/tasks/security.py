"""Which of four objects is NOT there? (paper 4; FLIR)

A set of four names is only asked about in blocks of four images, each of which lacks another one of them: that a
traffic light is rarer than a car then says nothing. What each release of FLIR annotates stands in security.yaml: a
name nobody looked for is not "not there".
"""

import itertools
import math
import random
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from itb.tasks.base.blocks import CHOICES
from itb.tasks.base.draft import Candidate, Composer, Draft, Search, Skip, show_evidence
from itb.tasks.base.relations import area
from itb.tasks.base.task import Kind, Paper, Task
from tools.datasets import AnnotatedBox, AnnotatedImage

NAME: Final = "security"
LEAST_AREA_PIXELS = 150.0
"""Of the largest box of a name that is offered as being there."""
PER_FRAME = 6
"""Questions about one image at most, each with other options."""
VERSION = "version"
"""Fact of a frame: which release of the dataset it belongs to, a key of `versions` in security.yaml."""


class Presence(NamedTuple):
    """Names that are there for everyone to see, and names that surely are not; the others are left in peace."""

    present: frozenset[str]
    absent: frozenset[str]


Pools = dict[Presence, deque[Candidate]]


def find(frame: AnnotatedImage, search: Search) -> Iterator[Candidate | Skip]:
    """What is there and what is not; the evidence is the largest object of each name that is there."""
    versions = search.wordings.files[NAME].versions
    version = str(frame.facts.get(VERSION))
    if version not in versions:
        yield Skip("unknown_version")
        return
    annotated = {box.name for box in frame.boxes}
    seen: dict[str, AnnotatedBox] = {}
    areas = dict.fromkeys(versions[version], LEAST_AREA_PIXELS)
    for box in frame.boxes:
        size = area(box.box_xyxy)
        if box.is_certain and size >= areas.get(box.name, math.inf):
            seen[box.name], areas[box.name] = box, size
    absent = frozenset(name for name, hiding in versions[version].items() if annotated.isdisjoint((name, *hiding)))
    if len(seen) < CHOICES - 1 or not absent:
        yield Skip("fewer_than_three_objects")
        return
    boxes = tuple(seen[name] for name in sorted(seen))
    yield Candidate(frame, NAME, (), Presence(frozenset(seen), absent), boxes)


def compose(candidates: list[Candidate], composer: Composer) -> Iterator[Draft]:
    """Blocks of four images in which each of four names is missing once."""
    ordered = composer.order(candidates)
    if composer.is_paper:
        for turn in range(PER_FRAME):
            yield from _ask_alone(ordered, composer, turn)
        return
    pools: Pools = defaultdict(deque)
    for item in ordered:
        pools[item.truth].append(item)
    made = False
    for number, (names, block) in enumerate(_form_blocks(pools, composer.draw(NAME, "blocks", composer.share))):
        made = True
        id = f"{composer.share}-{number}"
        for missing, item in zip(names, block, strict=True):
            yield _ask(item, names, missing, composer, id)
    if not made and composer.allow_guessable:
        yield from _ask_alone(ordered, composer)


def _form_blocks(pools: Pools, seed: int) -> Iterator[tuple[tuple[str, ...], list[Candidate]]]:
    """Sets of four names take turns, in a drawn order, until none finds its four images any more."""
    generator = random.Random(seed)
    sets = _list_sets(pools)
    generator.shuffle(sets)
    fitting = {names: [_list_pools(pools, names, missing) for missing in names] for names in sets}
    uses: Counter[str] = Counter()
    asked: set[tuple[str, tuple[str, ...]]] = set()
    while sets:
        lasting = []
        for names in sets:
            found = [_find_pool(choice, names, asked) for choice in fitting[names]]
            whole = [pool for pool in found if pool is not None]
            if len(whole) < CHOICES:
                continue
            lasting.append(names)
            block = dict(zip(names, (_use(pool, names, uses, asked) for pool in whole), strict=True))
            turned = generator.sample(names, CHOICES)
            yield tuple(turned), [block[name] for name in turned]
        sets = lasting


def _find_pool(
    choice: Sequence[deque[Candidate]], names: tuple[str, ...], asked: set[tuple[str, tuple[str, ...]]]
) -> deque[Candidate] | None:
    """The first pool whose next image was not asked about these names before."""
    return next((pool for pool in choice if pool and (pool[0].id, names) not in asked), None)


def _use(
    pool: deque[Candidate], names: tuple[str, ...], uses: Counter[str], asked: set[tuple[str, tuple[str, ...]]]
) -> Candidate:
    item = pool.popleft()
    asked.add((item.id, names))
    uses[item.id] += 1
    if uses[item.id] < PER_FRAME:
        pool.append(item)
    return item


def _list_sets(pools: Pools) -> list[tuple[str, ...]]:
    """Sets of which every name is missing somewhere while the three others are there."""
    counts: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for present, absent in pools:
        for others in itertools.combinations(sorted(present), CHOICES - 1):
            for missing in absent:
                counts[tuple(sorted((*others, missing)))].add(missing)
    return sorted(names for names, missing in counts.items() if len(missing) == CHOICES)


def _list_pools(pools: Pools, names: Sequence[str], missing: str) -> list[deque[Candidate]]:
    others = frozenset(names) - {missing}
    fitting = [presence for presence in pools if others <= presence.present and missing in presence.absent]
    # images that show nothing else first: they fit the fewest other sets
    return [
        pools[presence] for presence in sorted(fitting, key=lambda entry: (len(entry.present), sorted(entry.present)))
    ]


def _ask(item: Candidate, names: Sequence[str], missing: str, composer: Composer, block: str) -> Draft:
    wording = composer.choose_wording(NAME, NAME, block or item.id)
    offered = [box for box in item.evidence if box.name in names]
    return Draft(
        task=NAME,
        frame=item.frame,
        answer=composer.wordings.noun(missing).one,
        options=tuple(composer.wordings.noun(name).one for name in names),
        evidence=show_evidence(offered),
        facts={"missing": missing, VERSION: item.frame.facts[VERSION]},
        block=block,
        **composer.ask(NAME, NAME, wording),
    )


def _ask_alone(items: Sequence[Candidate], composer: Composer, turn: int = 0) -> Iterator[Draft]:
    """Each image for itself; the missing name is drawn as often as names are there elsewhere, as far as they are.

    Args:
        turn: how often the images were asked about before; what that would repeat is left out.
    """
    seen: defaultdict[str, int] = defaultdict(int)
    for item in items:
        for name in item.truth.present:
            seen[name] += 1
    for item in items:
        drawn = [_draw_names(item, seen, composer, past) for past in range(turn + 1)]
        *before, (names, missing) = drawn
        if all(set(names) != set(others) for others, _ in before):
            yield _ask(item, names, missing, composer, "")


def _draw_names(item: Candidate, seen: Mapping[str, int], composer: Composer, turn: int) -> tuple[list[str], str]:
    """Four names in the order shown, and the one that is missing."""
    generator = random.Random(composer.draw(NAME, "alone", item.id, *([turn] if turn else [])))
    absent = sorted(item.truth.absent)
    missing = generator.choices(absent, [1 + seen[name] for name in absent])[0]
    names = [*generator.sample(sorted(item.truth.present), CHOICES - 1), missing]
    generator.shuffle(names)
    return names, missing


def show_pattern(item: Candidate) -> str:
    """What of an image can be asked: `there: car, dog, person; not there: bicycle, bus`."""
    found: Presence = item.truth
    return f"there: {', '.join(sorted(found.present))}; not there: {', '.join(sorted(found.absent))}"


TASK = Task(
    name=NAME,
    title="What is absent",
    kinds={NAME: Kind("option")},
    sources=("flir", "scenes"),
    find=find,
    compose=compose,
    paper=Paper(4219, ("flir",)),
    show_pattern=show_pattern,
    asks_absent=True,
)
