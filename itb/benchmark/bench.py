"""A benchmark folder, read and proved."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from itb.benchmark.bench_files import read_manifest, read_ranges
from itb.benchmark.links import check_link, read_links
from itb.records import UNKNOWN_NAME, Item, Split, TaskName, find_foreign
from tools.errors import MissingError, UsageError
from tools.files.inside import real_path
from tools.files.text import split_lines
from tools.manifest import hash_bytes
from tools.records import find_fault
from tools.registry import REPLY_READERS

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
        pack: name of the modality pack it was built with, as `manifest.json` states it; `""` where it states none.
        bands: id -> title, as `manifest.json` states them.
        links: image -> hash of the file that the build linked it to.
        average_tasks: over which ITB Avg is taken, as `manifest.json` states them; empty where it states none.
        is_paper: built by the paper's protocol: nothing balanced, nothing refused, split by question.
    """

    folder: Path
    name: str
    digest: str
    items: tuple[Item, ...]
    count_ranges: Mapping[str, tuple[int, int]]
    roots: Mapping[str, Path]
    pack: str
    bands: Mapping[str, str]
    links: Mapping[str, str]
    average_tasks: tuple[TaskName, ...] = ()
    is_paper: bool = False

    def choose(self, split: Split | None = None, tasks: tuple[TaskName, ...] = ()) -> list[Item]:
        """The items of a split and of some tasks; None and nothing named stand for all."""
        return [item for item in self.items if split in (None, item.split) and (not tasks or item.task in tasks)]

    def find_count_range(self, item: Item) -> tuple[int, int] | None:
        """Least and largest count that can be the answer, where item or manifest state it."""
        return find_item_range(item, self.count_ranges.get(item.task))

    @property
    def foreign(self) -> tuple[str, ...]:
        """The foreign benchmarks whose questions it holds, in their order."""
        return tuple(dict.fromkeys(name for item in self.items if (name := find_foreign(item.task))))

    @property
    def is_foreign(self) -> bool:
        """Whether it holds nothing else."""
        return all(item.foreign for item in self.items)


def find_item_range(item: Item, usual: tuple[int, int] | None) -> tuple[int, int] | None:
    """Least and largest count that can be the answer: the item's own where it states one, else its task's usual one."""
    most = item.facts.get(MOST_COUNTED)
    return (0, int(most)) if most is not None else usual


class ItemImage(NamedTuple):
    """An item's image file: which folder it has to stay in, and the links that may lead out of it.

    Attributes:
        folder: the benchmark's, or its source's.
        links: as of `Bench`; none in a source's folder.
    """

    path: Path
    folder: Path
    links: Mapping[str, str]

    def check(self) -> None:
        """Whether it may be read.

        Raises:
            ImageError: a link leads out of its folder.
        """
        check_link(self.folder, self.path, self.links)


def find_image(item: Item, bench: Bench) -> ItemImage:
    """The item's image: below the benchmark's folder, else below its source's folder."""
    inside = bench.folder / item.image
    if inside.exists() or item.source not in bench.roots:
        return ItemImage(inside, bench.folder, bench.links)
    root = bench.roots[item.source]
    return ItemImage(root / item.image, root, {})


def list_images(item: Item, bench: Bench) -> tuple[ItemImage, ...]:
    """All images of an item, in their order; but for a foreign one that is the only one."""
    names = [image.image for image in item.foreign.images] if item.foreign else [item.image]
    return tuple(find_image(item.model_copy(update={"image": name}), bench) for name in names)


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
    items = tuple(parse_item(path, number, line) for number, line in split_lines(content))
    if not items:
        raise UsageError(f"{path}: holds no item; build the benchmark again")
    _refuse_doubles(path, items)
    manifest = read_manifest(folder)
    return Bench(
        folder=folder,
        name=str(manifest.get("name") or real_path(folder).name),
        digest=hash_bytes(content),
        items=items,
        count_ranges=read_ranges(folder),
        roots=dict(roots or {}),
        links=read_links(folder),
        **_read_pack(manifest),
        **_read_average(manifest),
    )


def parse_item(path: Path, number: int, line: bytes) -> Item:
    """An item from a line of `items.jsonl`.

    Raises:
        UsageError: it is none, of a task or a form that nothing here knows, or has an answer that cannot be given.
    """
    try:
        item = Item.model_validate_json(line)
    except ValidationError as error:
        where, why = find_fault(error)
        hint = "" if error.errors()[0]["type"] == UNKNOWN_NAME else "; build it again"
        raise UsageError(
            f"{path}:{number}: no item of a benchmark: {where + ': ' if where else ''}{why}{hint}"
        ) from error
    trouble = _find_fact_trouble(item) or REPLY_READERS.load(item.form).find_trouble(item)
    if trouble:
        raise UsageError(f"{path}:{number}: item {item.id}: {trouble}; correct the item or build it again")
    return item


def _find_fact_trouble(item: Item) -> str | None:
    most = item.facts.get(MOST_COUNTED, 0)
    is_count = isinstance(most, int | float) and 0 <= most < 1e9
    return None if is_count else f"its fact `{MOST_COUNTED}` is {str(most)[:40]!r}, not a count"


def _read_pack(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The pack's name, and the titles of the bands; benchmarks of before packs state neither."""
    match manifest.get("pack"):
        case {"bands": {**titles}, **others}:
            return {"pack": str(others.get("name", "")), "bands": {str(id): str(title) for id, title in titles.items()}}
    return {"pack": "", "bands": {}}


def _read_average(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Tasks of ITB Avg; benchmarks of before, and those where it is undefined, state none."""
    match manifest.get("itb_avg"):
        case {"tasks": [*tasks], **others}:
            return {"average_tasks": tuple(map(str, tasks)), "is_paper": others.get("protocol") == "paper"}
    return {}


def _refuse_doubles(path: Path, items: tuple[Item, ...]) -> None:
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise UsageError(f"{path}: the id {item.id} stands twice; build the benchmark again")
        seen.add(item.id)
