"""What can be said against a benchmark: guessing, blind answers, leakage, duplicates, what framing cuts away."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from itb.answers.blind_answerer import BlindAnswerer
from itb.answers.cheap import Guess, Ranges, find_usual_range, fit_cheap
from itb.answers.cheap_scores import Cheap, find_best, measure_chance, measure_cheap
from itb.benchmark.bench import parse_item
from itb.benchmark.bench_files import read_ranges
from itb.benchmark.duplicates import Fingerprint, find_alike, read_fingerprints
from itb.benchmark.folders import HASHES_FILE, ITEMS_FILE
from itb.benchmark.folds import FittedApart
from itb.build.framing_check import check_framings
from itb.records import Item, find_foreign, find_original
from itb.tasks import find_count_range, load_task, order_tasks
from tools.errors import MissingError
from tools.records import Record
from tools.registry import REPLY_READERS

AUDIT_FILE = "audit.json"
LISTED = 20
"""Examples listed of anything that should not be."""
NO_RANGES: Mapping[str, tuple[int, int]] = MappingProxyType({})


class Survival(Record):
    """Items with evidence, those whose boxes a framing leaves in view, and those of them that stay large enough."""

    items: int
    in_view: int
    large: int


class TaskAudit(Record):
    """One task, or one kind of question where a task has several.

    Attributes:
        answers: how often each is right, the ten most frequent ones.
        positions: of the right option, counted from 0.
        chance: expected accuracy of a uniform guess on the test split, of a count within the task's range; None where
            the answers cannot be listed.
        majority: accuracy on test of the answer most often right in train, as `eval --model majority` gives it.
        blind: accuracy on test of `itb.answers.blind_answerer`, with its 95 % interval, by group.
        cheap: all of `itb.answers.cheap` that apply, by name.
        is_guessable: one of them beats chance by more than ten points, beyond its interval.
        alone: questions outside of balanced blocks, of tasks that are asked in blocks.
        framings: what survives each framing.
    """

    train: int
    test: int
    images: int
    groups: int
    answers: Mapping[str, int]
    positions: Mapping[int, int]
    chance: float | None
    majority: float | None
    blind: float | None
    blind_interval: tuple[float, float] | None
    cheap: Mapping[str, Cheap]
    is_guessable: bool
    alone: int
    framings: Mapping[str, Survival]


class Audit(Record):
    """A whole benchmark.

    Attributes:
        tasks: those that are there, by name; `TASK/KIND` where a task has several kinds.
        leaked_groups: groups with items on both sides of the split.
        leaked_images: images with items on both sides.
        alike_across: pairs of images on different sides that look the same, the first ones.
        alike_count: how many there are; None when the images were not hashed.
        repeated: ids of items that ask the same of the same image under the same options as an earlier one.
        contradictory: ids of items that do so with another answer.
        drawn_images: images that the build made; what they carry was put there by it.
        remarks: in sentences.
        train: what a comparison with training images found; None where none was asked for.
    """

    tasks: Mapping[str, TaskAudit]
    leaked_groups: tuple[str, ...]
    leaked_images: tuple[str, ...]
    alike_across: tuple[tuple[str, str], ...]
    alike_count: int | None
    repeated: tuple[str, ...]
    contradictory: tuple[str, ...]
    drawn_images: Mapping[str, int]
    remarks: tuple[str, ...]
    train: Mapping[str, Any] | None = None


def read_items(bench: Path) -> list[Item]:
    """The items of a benchmark's folder.

    Raises:
        MissingError: no benchmark there.
        UsageError: a line that is no item.
    """
    path = bench / ITEMS_FILE
    if not path.is_file():
        raise MissingError(
            f"{bench}: no benchmark there ({ITEMS_FILE} is missing); `python -m itb build --out {bench}` makes one"
        )
    lines = enumerate(path.read_bytes().splitlines(), 1)
    return [parse_item(path, number, line) for number, line in lines if line.strip()]


def audit_bench(bench: Path) -> Audit:
    """Audit a benchmark's folder.

    Raises:
        MissingError: no benchmark there.
        UsageError: a file that cannot be read.
    """
    items = read_items(bench)
    return audit_items(items, read_fingerprints(bench / HASHES_FILE), read_ranges(bench))


def audit_items(
    items: Sequence[Item],
    prints: Mapping[tuple[str, str], Fingerprint],
    count_ranges: Mapping[str, tuple[int, int]] = NO_RANGES,
) -> Audit:
    """Audit items.

    Args:
        items: of all tasks and both splits.
        prints: fingerprints of the original images, by source and path; empty when they were not hashed.
        count_ranges: task -> least and largest count that it asks for; the task's usual one where it is not there.
    """
    order = {name: place for place, name in enumerate(order_tasks(item.task for item in items))}
    ranges = {name: count_ranges.get(name) or find_count_range(name) for name in {item.task for item in items}}
    find_range = find_usual_range(ranges)
    cheap = _fit_cheap(items, find_range)
    by_kind: defaultdict[str, list[Item]] = defaultdict(list)
    for item in sorted(items, key=lambda item: (order[item.task], item.wording)):
        by_kind[item.wording.rpartition("/")[0]].append(item)
    tasks = {kind: _audit_task(rows, cheap, find_range) for kind, rows in by_kind.items()}
    alike = _find_alike_across(items, prints) if prints else None
    repeated, contradictory = _find_repeated(items)
    return Audit(
        tasks=tasks,
        leaked_groups=_find_leaks((item.group, item.split) for item in items),
        leaked_images=_find_leaks((f"{item.source}/{find_original(item)}", item.split) for item in items),
        alike_across=tuple(alike or ())[:LISTED],
        alike_count=None if alike is None else len(alike),
        repeated=repeated,
        contradictory=contradictory,
        drawn_images=_count_drawn(items),
        remarks=tuple(_remark(tasks, [by_kind[kind][0].task for kind in tasks], alike)),
    )


def _fit_cheap(items: Sequence[Item], find_range: Ranges) -> dict[str, Guess]:
    """The cheap answers by name; none where there is nothing to fit them to."""
    apart = FittedApart(items, lambda kept: fit_cheap(kept, BlindAnswerer(kept), find_range))
    if apart.is_empty:
        return {}

    def make(name: str) -> Guess:
        return lambda item: apart.find(item)[name](item)

    return {name: make(name) for name in apart.find(items[0])}


def _audit_task(items: Sequence[Item], guesses: Mapping[str, Guess], find_range: Ranges) -> TaskAudit:
    reader = REPLY_READERS.load(items[0].form)
    train = [item for item in items if item.split == "train"]
    test = [item for item in items if item.split == "test"]
    chance = measure_chance(test, find_range)
    cheap = measure_cheap(test, guesses, find_range) if train or test[0].foreign else {}
    blind = cheap.get("blind")
    return TaskAudit(
        train=len(train),
        test=len(test),
        images=len({(item.source, find_original(item)) for item in items}),
        groups=len({item.group for item in items}),
        answers=dict(Counter(item.answer for item in items).most_common(10)),
        positions=dict(
            sorted(Counter(item.options.index(item.answer) for item in items if item.answer in item.options).items())
        ),
        chance=None if chance is None else round(chance, 4),
        majority=cheap["majority"].right if "majority" in cheap else None,
        blind=blind.right if blind else None,
        blind_interval=(blind.low, blind.high) if blind and blind.low is not None and blind.high is not None else None,
        cheap=cheap,
        is_guessable=any(found.is_too_good for found in cheap.values()),
        alone=sum("block" not in item.facts for item in items) if reader.is_choice and not items[0].foreign else 0,
        framings=_survive_framings(items),
    )


def _survive_framings(items: Sequence[Item]) -> dict[str, Survival]:
    found = check_framings(items).get(items[0].task, {})
    return {name: Survival(**entry._asdict()) for name, entry in found.items()}


def _find_leaks(rows: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    sides: defaultdict[str, set[str]] = defaultdict(set)
    for name, split in rows:
        sides[name].add(split)
    return tuple(sorted(name for name, splits in sides.items() if len(splits) > 1))


def _find_alike_across(items: Sequence[Item], prints: Mapping[tuple[str, str], Fingerprint]) -> list[tuple[str, str]]:
    split_of = {(item.source, find_original(item)): item.split for item in items}
    rows = [entry for entry in prints.values() if (entry.source, entry.image.rpartition(".")[0]) in split_of]
    sides = [split_of[entry.source, entry.image.rpartition(".")[0]] for entry in rows]
    names = [f"{entry.source}/{entry.image}" for entry in rows]
    return [(names[first], names[second]) for first, second in find_alike(rows, sides)]


def _find_repeated(items: Sequence[Item]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    first: dict[tuple[str, str, frozenset[str]], Item] = {}
    repeated: list[str] = []
    contradictory: list[str] = []
    for item in items:
        before = first.setdefault((item.image, item.question, frozenset(item.options)), item)
        if before is not item:
            (repeated if before.answer == item.answer else contradictory).append(item.id)
    return tuple(repeated[:LISTED]), tuple(contradictory[:LISTED])


def _count_drawn(items: Iterable[Item]) -> dict[str, int]:
    """Folder -> images that the build made."""
    drawn = {item.image: folder for item in items if (folder := _name_folder(item.image)) != item.source}
    return dict(sorted(Counter(drawn.values()).items()))


def _name_folder(image: str) -> str:
    """`images/flir/7.png` -> `flir`; the whole of a name that no build gives."""
    parts = image.split("/")
    return parts[1] if len(parts) > 1 else image


def _remark(tasks: Mapping[str, TaskAudit], names: Sequence[str], alike: Sequence[object] | None) -> Iterable[str]:
    for task, entry in tasks.items():
        if entry.is_guessable:
            name, best = find_best(entry.cheap)
            yield (
                f"{task}: {name} gets {best.right:.2f} right, chance is {best.chance:.2f}: it can be answered without "
                "the image"
            )
        if entry.alone:
            yield (
                f"{task}: {entry.alone} of {entry.train + entry.test} questions stand outside of balanced blocks; "
                "their answers may be guessed from the options"
            )
        if not (entry.train and entry.test) and find_foreign(task) is None:
            yield f"{task}: no {'train' if not entry.train else 'test'} split; there are too few groups to part them"
    for name in dict.fromkeys(names):
        if load_task(name).remark:
            yield f"{name}: {load_task(name).remark}"
    if alike is None:
        yield "the images were not hashed: near-duplicates across the split were not looked for"
