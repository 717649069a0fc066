"""Cheap answers: what can be got right without looking, each fitted to the labels of the train split alone.

What one of them reaches on the test split, a model can reach without looking: such a task says little of it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from statistics import median_low

from itb.answers import find_reader, is_right
from itb.answers.blind_answerer import BlindAnswerer
from itb.answers.train_answers import count_answers, find_majority, name_kind
from itb.benchmark.bench import find_item_range
from itb.records import Item

Guess = Callable[[Item], str | None]
"""The answer to an item; None where this way of answering does not apply."""
Ranges = Callable[[Item], tuple[int, int] | None]
SCALE = ("scale_low_celsius", "scale_high_celsius")
"""Facts of an item whose picture carries a scale: what stands at its ends."""
PLACES = 100
"""Steps of the scale that are tried."""


def fit_cheap(train: Sequence[Item], blind: BlindAnswerer, find_range: Ranges) -> dict[str, Guess]:
    """All cheap answers by name, of items of the train split.

    Args:
        blind: fitted to the same items.
        find_range: least and largest count of an item.
    """
    return {
        "majority": _fit_majority(train, find_range),
        "blind": blind.answer,
        "constant median": _fit_median(train),
        "longest option": _choose_longest,
        "prompt order": _fit_place(train),
        "place on the scale": _fit_scale(train),
        "box-count prior": _fit_prior(train),
    }


def find_usual_range(ranges: dict[str, tuple[int, int] | None]) -> Ranges:
    """Ranges of counts by task, unless an item states its own."""
    return lambda item: find_item_range(item, ranges.get(item.task))


def _fit_majority(train: Sequence[Item], find_range: Ranges) -> Guess:
    answers = count_answers(train)

    def guess(item: Item) -> str | None:
        return find_majority(item, item.options, find_range(item), answers) if answers.get(name_kind(item)) else None

    return guess


def _fit_median(train: Sequence[Item]) -> Guess:
    """The middle of all counts or values of a kind of question."""
    values: defaultdict[Hashable, list[float]] = defaultdict(list)
    for item in train:
        if _is_number(item):
            values[name_kind(item), item.unit].append(float(item.answer))
    middles = {key: median_low(found) for key, found in values.items()}

    def guess(item: Item) -> str | None:
        middle = middles.get((name_kind(item), item.unit))
        return None if middle is None else _write(item, middle)

    return guess


def _choose_longest(item: Item) -> str | None:
    lengths = Counter(map(len, item.options))
    return max(item.options, key=len) if len(lengths) > 1 else None


def _fit_place(train: Sequence[Item]) -> Guess:
    """The option at the place that is right most often."""
    places: defaultdict[str, Counter[int]] = defaultdict(Counter)
    for item in train:
        if item.answer in item.options:
            places[name_kind(item)][item.options.index(item.answer)] += 1

    def guess(item: Item) -> str | None:
        found = places.get(name_kind(item))
        if not found or not item.options:
            return None
        return item.options[min(len(item.options) - 1, max(sorted(found), key=found.__getitem__))]

    return guess


def _fit_scale(train: Sequence[Item]) -> Guess:
    """The place on the picture's own scale that is right most often."""
    mine = [item for item in train if _has_scale(item)]
    if not mine:
        return lambda item: None
    shares = [step / PLACES for step in range(PLACES + 1)]
    best = max(shares, key=lambda share: sum(is_right(item, _read_scale(item, share)) for item in mine))
    return lambda item: _read_scale(item, best) if _has_scale(item) else None


def _fit_prior(train: Sequence[Item]) -> Guess:
    """The commonest count of a name in a source: what one knows who recognises the dataset."""
    counts: defaultdict[Hashable, Counter[str]] = defaultdict(Counter)
    for item in train:
        if find_reader(item.form).is_count:
            counts[_name_prior(item)][item.answer] += 1

    def guess(item: Item) -> str | None:
        found = counts.get(_name_prior(item))
        return max(sorted(found), key=found.__getitem__) if found else None

    return guess


def _name_prior(item: Item) -> Hashable:
    return item.task, item.source, item.facts.get("name"), item.width, item.height


def _is_number(item: Item) -> bool:
    return find_reader(item.form).is_count or item.tolerance is not None


def _write(item: Item, value: float) -> str:
    return str(int(value)) if find_reader(item.form).is_count else f"{value:.1f}"


def _has_scale(item: Item) -> bool:
    return item.tolerance is not None and all(name in item.facts for name in SCALE)


def _read_scale(item: Item, share: float) -> str:
    low, high = (float(item.facts[name]) for name in SCALE)
    return f"{low + share * (high - low):.1f}"
