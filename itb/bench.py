"""A benchmark folder, read and proved."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from itb.bench_files import read_manifest
from itb.records import Item, Split, TaskName
from tools.errors import MissingError, UsageError
from tools.manifest import hash_bytes
from tools.records import find_fault

MOST_COUNTED = "max_count"
"""Fact of a count's item: the largest count that the task asks for."""


@dataclass(frozen=True)
class Bench:
    """A benchmark that is there.

    Attributes:
        folder: where it is.
        name: of the manifest, else the folder's.
        digest: hash of `items.jsonl`, 16 hex digits; what a question asks hangs on nothing else but the images.
        items: in the order of the file.
        count_ranges: task -> least and largest count that it asks for, as `manifest.json` states them.
        roots: source -> folder of its original files, for images that were not copied.
    """

    folder: Path
    name: str
    digest: str
    items: tuple[Item, ...]
    count_ranges: Mapping[str, tuple[int, int]]
    roots: Mapping[str, Path]

    def choose(self, split: Split | None = None, tasks: tuple[TaskName, ...] = ()) -> list[Item]:
        """The items of a split and of some tasks; None and nothing named stand for all."""
        return [item for item in self.items if split in (None, item.split) and (not tasks or item.task in tasks)]

    def find_count_range(self, item: Item) -> tuple[int, int] | None:
        """Least and largest count that can be the answer, where item or manifest state it."""
        most = item.facts.get(MOST_COUNTED)
        return (0, int(most)) if most is not None else self.count_ranges.get(item.task)


def load_bench(folder: Path, roots: Mapping[str, Path] | None = None) -> Bench:
    """Read a benchmark.

    Raises:
        MissingError: no benchmark there.
        UsageError: a line is no item, an id stands twice, or an answer is none that can be given.
    """
    path = folder / "items.jsonl"
    if not path.is_file():
        raise MissingError(f"{folder}: no benchmark there (items.jsonl is missing); `python -m itb build` makes one")
    content = path.read_bytes()
    items = tuple(_read_item(path, number, line) for number, line in enumerate(content.splitlines(), 1) if line.strip())
    if not items:
        raise UsageError(f"{path}: holds no item; build the benchmark again")
    _refuse_doubles(path, items)
    manifest = read_manifest(folder)
    return Bench(
        folder=folder,
        name=str(manifest.get("name") or folder.resolve().name),
        digest=hash_bytes(content),
        items=items,
        count_ranges=_read_ranges(folder, manifest.get("count_ranges", {})),
        roots=dict(roots or {}),
    )


def _read_item(path: Path, number: int, line: bytes) -> Item:
    try:
        item = Item.model_validate_json(line)
    except ValidationError as error:
        where, why = find_fault(error)
        raise UsageError(
            f"{path}:{number}: no item of a benchmark: {where + ': ' if where else ''}{why}; build it again"
        ) from error
    trouble = _find_trouble(item)
    if trouble:
        raise UsageError(f"{path}:{number}: item {item.id}: {trouble}; correct the item or build it again")
    return item


def _find_trouble(item: Item) -> str:
    """Why no reply could be judged by this item; empty when one can."""
    answer = repr(item.answer)
    match item.form:
        case "option" if len(set(item.options)) < max(2, len(item.options)):
            return f"needs two or more different options, has {list(item.options)}"
        case "option" if item.answer not in item.options:
            return f"the answer {answer} is none of {list(item.options)}"
        case "yes_no" if item.answer not in ("yes", "no"):
            return f"the answer {answer} is neither yes nor no"
        case "number" if not (item.answer.isascii() and item.answer.isdecimal()):
            return f"the answer {answer} is no whole number"
        case "measure" if item.tolerance is None or not _is_number(item.answer):
            return f"the answer {answer} with tolerance {item.tolerance} cannot be compared with a value"
    return ""


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _refuse_doubles(path: Path, items: tuple[Item, ...]) -> None:
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise UsageError(f"{path}: the id {item.id} stands twice; build the benchmark again")
        seen.add(item.id)


def _read_ranges(folder: Path, ranges: Any) -> dict[str, tuple[int, int]]:
    try:
        return {str(task): (int(least), int(most)) for task, (least, most) in ranges.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise UsageError(
            f"{folder / 'manifest.json'}: count_ranges must be task -> [least, largest], found {ranges!r}"
        ) from error
