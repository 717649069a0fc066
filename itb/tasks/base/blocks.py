"""Questions that only the image can answer: blocks of equal questions whose answers differ.

A block of "which of these four" holds four images, one for each option, under the same wording and the same options in
the same order. Whoever does not look at the image must answer all four alike and is right once: blind accuracy is
chance, and every position is right equally often, whatever the labels' frequencies are. What a wording is filled with
(an object's place) is the same in a block too, as long as there are images for it; blocks of the rest come last.
"""

import itertools
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import Any

from itb.records import TaskName
from itb.tasks.base.draft import Candidate, Composer, Draft, show_evidence
from itb.tasks.base.wordings import Labels

CHOICES = 4
Pools = dict[str, list[Candidate]]
Fill = Callable[[Candidate], Mapping[str, str]]


def fill_nothing(candidate: Candidate) -> Mapping[str, str]:
    """For wordings without inputs."""
    return {}


def compose_labels(
    task: TaskName,
    candidates: list[Candidate],
    labels: Labels,
    composer: Composer,
    universe: Sequence[str] = (),
    fill: Fill = fill_nothing,
) -> Iterator[Draft]:
    """Questions "which of four" from candidates of one kind whose truth is a label.

    Args:
        task: whose wordings.
        candidates: of one kind.
        labels: what is shown, what never, and what never together.
        composer: wordings and seed; says whether images that are in no block are asked about with three other labels.
        universe: labels that may be the wrong options then, besides those of the candidates.
        fill: what a wording is filled with.
    """
    asked = [item for item in composer.order(candidates) if item.truth not in labels.never]
    is_apart = list_conflicts(labels.apart)
    used: set[int] = set()
    seed = composer.draw(task, "blocks", composer.share)
    blocks = [] if composer.is_paper else form_like_blocks(asked, is_apart, seed, fill)
    for number, block in enumerate(blocks):
        used.update(map(id, block))
        yield from _word_block(task, f"{composer.share}-{number}", block, labels, composer, fill)
    if composer.fills_up or (composer.allow_guessable and not used):
        names = sorted({*(item.truth for item in asked), *universe} - set(labels.never))
        left = [item for item in asked if id(item) not in used]
        yield from _word_alone(task, left, names, is_apart, labels, composer, fill)


def list_conflicts(apart: Sequence[Sequence[str]]) -> Mapping[str, frozenset[str]]:
    """Label -> labels that never stand beside it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in apart:
        for label in row:
            found[label].update(row)
    return {label: frozenset(others) for label, others in found.items()}


def form_like_blocks(
    asked: Sequence[Candidate], is_apart: Mapping[str, frozenset[str]], seed: int, fill: Fill
) -> list[tuple[Candidate, ...]]:
    """Blocks whose images fill a wording alike, those of each fill in turn; then blocks of what is left.

    Else what is filled in tells the answers apart, as a place does for things that lie low in every picture.
    """
    alike: defaultdict[tuple[tuple[str, str], ...], list[Candidate]] = defaultdict(list)
    for item in asked:
        alike[tuple(sorted(fill(item).items()))].append(item)
    rows = [list(form_blocks(_pool(items), is_apart, seed)) for _, items in sorted(alike.items())]
    blocks = [block for turn in itertools.zip_longest(*rows) for block in turn if block]
    if len(rows) > 1:
        used = {id(item) for block in blocks for item in block}
        blocks += form_blocks(_pool(item for item in asked if id(item) not in used), is_apart, seed)
    return blocks


def _pool(items: Iterable[Candidate]) -> Pools:
    pools: Pools = defaultdict(list)
    for item in items:
        pools[item.truth].append(item)
    return pools


def form_blocks(pools: Pools, is_apart: Mapping[str, frozenset[str]], seed: int) -> Iterator[tuple[Candidate, ...]]:
    """Take four images with four labels as long as that is possible; each image once.

    Labels are drawn as often as they have images left, so that frequent labels are frequent wrong options too; but one
    that would otherwise be left over (it and what is kept apart from it make a quarter of the rest) is always taken.
    """
    generator = random.Random(seed)  # own stream: a function of the pools and the seed
    stock = _Stock({label: len(pool) for label, pool in sorted(pools.items())}, is_apart)
    while chosen := _choose_labels(stock, generator):
        yield tuple(pools[label][len(pools[label]) - stock.left[label]] for label in chosen)
        stock.take(chosen)


class _Stock:
    """How many images every label has left, and together with the labels that are kept apart from it."""

    def __init__(self, left: dict[str, int], is_apart: Mapping[str, frozenset[str]]) -> None:
        self.left = left
        self.bars = {label: (is_apart.get(label, frozenset()) | {label}) & left.keys() for label in left}
        self.pressure = {label: sum(left[other] for other in bar) for label, bar in self.bars.items()}
        self.total = sum(left.values())

    def take(self, labels: Sequence[str]) -> None:
        """One image of each label is used."""
        for label in labels:
            for other in self.bars[label]:
                self.pressure[other] -= 1
            self.left[label] -= 1
            if not self.left[label]:
                del self.left[label]
        self.total -= len(labels)


def _choose_labels(stock: _Stock, generator: random.Random) -> list[str]:
    """Four labels, empty when there are no four."""
    left, pressure = stock.left, stock.pressure
    urgent = {label for label in left if pressure[label] * CHOICES >= stock.total}
    tried: set[str] = set()
    while len(tried) < len(left):
        first = max(left.keys() - tried, key=lambda label: (pressure[label], left[label], label))
        tried.add(first)
        for start in (urgent, urgent, frozenset[str]()):  # a draw may end in a corner: two exclude all the others
            chosen = _draw_beside(first, left, stock.bars, generator, start)
            if len(chosen) == CHOICES:
                generator.shuffle(chosen)
                return chosen
    return []


def _draw_beside(
    first: str,
    left: Mapping[str, int],
    bars: Mapping[str, Set[str]],
    generator: random.Random,
    urgent: Set[str] = frozenset(),
) -> list[str]:
    """`first` and up to three others that may stand beside it, the urgent ones before the others."""
    chosen = [first]
    barred = set(bars[first])
    while len(chosen) < CHOICES:
        free = [label for label in left if label not in barred]
        pool = [label for label in free if label in urgent] or free
        if not pool:
            break
        label = generator.choices(pool, [left[label] for label in pool])[0] if len(pool) > 1 else pool[0]
        chosen.append(label)
        barred |= bars[label]
    return chosen


def _word_block(
    task: TaskName, block: str, items: Sequence[Candidate], labels: Labels, composer: Composer, fill: Fill
) -> Iterator[Draft]:
    kind = items[0].kind
    wording = composer.choose_wording(task, kind, block)
    options = tuple(show_label(item.truth, labels) for item in items)
    for item, answer in zip(items, options, strict=True):
        yield _word(task, item, options, answer, composer.ask(task, kind, wording, **fill(item)), block)


def _word_alone(
    task: TaskName,
    items: Sequence[Candidate],
    names: Sequence[str],
    is_apart: Mapping[str, frozenset[str]],
    labels: Labels,
    composer: Composer,
    fill: Fill,
) -> Iterator[Draft]:
    even = dict.fromkeys(names, 1)
    bars = {name: is_apart.get(name, frozenset()) | {name} for name in names}
    for item in items:
        generator = random.Random(composer.draw(task, "alone", item.id))
        chosen = _draw_beside(item.truth, even, bars, generator)
        if len(chosen) < CHOICES:
            continue
        generator.shuffle(chosen)
        options = tuple(show_label(label, labels) for label in chosen)
        wording = composer.choose_wording(task, item.kind, item.id)
        text = composer.ask(task, item.kind, wording, **fill(item))
        yield _word(task, item, options, show_label(item.truth, labels), text, "")


def _word(
    task: TaskName, item: Candidate, options: tuple[str, ...], answer: str, text: dict[str, Any], block: str
) -> Draft:
    return Draft(
        task=task,
        frame=item.frame,
        answer=answer,
        options=options,
        evidence=show_evidence(item.evidence),
        facts={**item.facts, "label": item.truth},
        block=block,
        **text,
    )


def show_label(label: str, labels: Labels) -> str:
    """How a label reads as an option."""
    return labels.shown.get(label, label)
