"""`python -m itb import`: foreign benchmarks to a benchmark folder, which `eval`, `audit`, `report` and `export` take.

Nothing hangs on the clock or on this machine's paths. What is missing stays: a question whose image is not there is an
item with the reason, and counts as wrong.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from itb.benchmark.bench_files import (
    UNSTATED,
    bring_image,
    read_manifest,
    refuse_other_settings,
    write_json,
    write_records,
)
from itb.benchmark.folders import IMAGES, IMPORTED, ITEMS_FILE, MANIFEST_FILE, PLANNED_FILE, list_bench_files
from itb.benchmark.links import Link, hash_file, write_links
from itb.build.audit import AUDIT_FILE, Audit, audit_items
from itb.build.manifest import describe_splits
from itb.others.kind import Asked, ForeignBenchmark, Shown, Skipped, load_benchmark
from itb.others.places import Place, find_file, name_file, parse_places
from itb.records import Foreign, ForeignImage, Item
from tools.errors import ImageError, MissingError, UsageError
from tools.files import clear_files, explain_disk, own_folder
from tools.images import remove_unfinished, save_png
from tools.images.header import read_header
from tools.manifest import hash_bytes, list_versions
from tools.registry import FOREIGN_BENCHMARKS, describe_plugins

_NO_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class ImportSettings:
    """What an import is told.

    Attributes:
        benchmarks: name -> folder.
        images: mappings of image paths, as `parse_places` takes them.
        is_copied: images are copied, not linked.
        changes: name -> setting -> value, where it is not the usual one.
    """

    benchmarks: Mapping[str, Path]
    out: Path
    images: Sequence[str] = ()
    is_copied: bool = False
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Imported(NamedTuple):
    """What an import made; `skipped`: code -> how many rows, by benchmark."""

    items: Sequence[Item]
    skipped: Mapping[str, Counter[str]]
    audit: Audit
    manifest: Mapping[str, Any]


def import_benchmarks(settings: ImportSettings, fresh: bool = False) -> Imported:
    """Import.

    Args:
        fresh: delete first what an earlier import wrote to the folder.

    Raises:
        MissingError: a folder does not hold its benchmark.
        UsageError: no such benchmark, a malformed file, or a folder that holds something else.
        ToolkitError: another process works there, or the disk is full.
    """
    kinds = {name: load_benchmark(name) for name in settings.benchmarks}
    places = parse_places(settings.images)
    for name, root in settings.benchmarks.items():
        if not root.exists():
            raise MissingError(f"{name}={root}: there is no such folder; name the one that holds the benchmark")
    stated = describe_settings(settings)
    with own_folder(settings.out, IMPORTED):
        if fresh:
            clear_files(settings.out, list_bench_files(settings.out))
        refuse_other_settings(settings.out, stated)
        return _import(settings, kinds, places, stated)


def describe_settings(settings: ImportSettings) -> dict[str, Any]:
    """What decides the questions; a folder made with other ones is not overwritten."""
    return {
        **UNSTATED,
        "sources": sorted(settings.benchmarks),
        "count": "all",
        "seed": 0,
        "wordings": "foreign",
        "protocol": "foreign",
        "foreign_settings": {
            name: FOREIGN_BENCHMARKS.read_settings(name, settings.changes.get(name, {})).model_dump(mode="json")
            for name in sorted(settings.benchmarks)
        },
        "plugins": describe_plugins(),
    }


def _import(
    settings: ImportSettings,
    kinds: Mapping[str, ForeignBenchmark],
    places: Sequence[Place],
    stated: Mapping[str, Any],
) -> Imported:
    bringer = Bringer(settings.out, places, settings.is_copied)
    items: list[Item] = []
    skipped: dict[str, Counter[str]] = {}
    for name, kind in kinds.items():
        found, skipped[name] = read_all(kind, settings)
        if not found:
            reasons = ", ".join(f"{code} ({count})" for code, count in skipped[name].items()) or "no row was found"
            raise UsageError(f"{name}={settings.benchmarks[name]}: holds no question that can be asked: {reasons}")
        items += [bringer.make_item(kind, asked, settings.benchmarks[name]) for asked in found]
    write_records(settings.out / PLANNED_FILE, items)
    write_links(settings.out, bringer.links)
    remove_unfinished(settings.out / IMAGES)
    audit = audit_items(items, {})
    manifest = describe_import(settings, kinds, stated, items, skipped)
    with explain_disk(settings.out / ITEMS_FILE):
        (settings.out / PLANNED_FILE).replace(settings.out / ITEMS_FILE)
    write_json(settings.out / "splits.json", describe_splits(items))
    write_json(settings.out / AUDIT_FILE, audit.model_dump(mode="json"))
    write_json(settings.out / MANIFEST_FILE, manifest)
    return Imported(items, skipped, audit, read_manifest(settings.out))


def read_all(kind: ForeignBenchmark, settings: ImportSettings) -> tuple[list[Asked], Counter[str]]:
    """A benchmark's questions, and how many rows are none, by reason."""
    asked: list[Asked] = []
    skipped: Counter[str] = Counter()
    chosen = FOREIGN_BENCHMARKS.read_settings(kind.name, settings.changes.get(kind.name, {}))
    for entry in kind.read(settings.benchmarks[kind.name], chosen):
        if isinstance(entry, Skipped):
            skipped[entry.code] += 1
        else:
            asked.append(entry)
    return list(part_forms(asked)), skipped


def part_forms(asked: Sequence[Asked]) -> Iterator[Asked]:
    """Questions of one kind with answers of several forms, each form as a kind of its own: no figure mixes them."""
    forms: defaultdict[str, set[str]] = defaultdict(set)
    for entry in asked:
        forms[entry.kind].add(entry.form)
    for entry in asked:
        if len(forms[entry.kind]) == 1:
            yield entry
        else:
            kind = f"{entry.kind} ({entry.form.replace('_', ' ')})"
            yield replace(entry, kind=kind, task=f"{entry.task or name_task(entry.kind)}_{entry.form}")


class Bringer:
    """Makes items of questions, and brings their images into the benchmark's folder, each once."""

    def __init__(self, out: Path, places: Sequence[Place], is_copied: bool) -> None:
        self._out = out
        self._places = places
        self._is_copied = is_copied
        self._brought: dict[str, tuple[str, tuple[int, int]]] = {}
        self._ids: set[str] = set()
        self.links: list[Link] = []

    def make_item(self, kind: ForeignBenchmark, asked: Asked, root: Path) -> Item:
        """The item of a question.

        Raises:
            UsageError: two questions have the same id, or an image path cannot stand in a file.
        """
        task = asked.task or name_task(asked.kind)
        id = f"{task}-{kind.name}-{asked.key}"
        if id in self._ids:
            raise UsageError(f"{root}: two questions would be called {id}; a row stands twice in the benchmark's file")
        self._ids.add(id)
        images = tuple(self._bring(shown, kind.name, root) for shown in asked.shown)
        width, height = self._brought[images[0].image][1]
        return Item(
            id=id, task=f"{kind.name}/{task}", source=kind.name, band=asked.band, polarity=asked.polarity,
            image=images[0].image, crop_xyxy=asked.crop_xyxy, width=width, height=height, question=asked.question,
            options=asked.options, answer=asked.answer, form=asked.form, tolerance=asked.tolerance, unit=asked.unit,
            wording=f"{kind.name}/{task}/0", group=asked.group or asked.shown[0].name, split="test",
            evidence=asked.evidence, facts=asked.checks,
            foreign=Foreign(
                prompt=asked.prompt, images=images, is_text_first=asked.is_text_first,
                max_new_tokens=asked.max_new_tokens, references=asked.references, declared=asked.declared,
                kind=asked.kind, label=asked.label or asked.answer, variant_of=asked.variant_of or asked.key,
                facts=asked.facts,
            ),
        )  # fmt: skip

    def _bring(self, shown: Shown, source: str, root: Path) -> ForeignImage:
        name = name_image(shown, source)
        if name not in self._brought:
            self._brought[name] = self._put(shown, name, root)
        return ForeignImage(role=shown.role, image=name, original=shown.name, missing=self._brought[name][0])

    def _put(self, shown: Shown, name: str, root: Path) -> tuple[str, tuple[int, int]]:
        """Why the image is missing, empty where it is not; and its width and height."""
        found = find_file(shown.name, shown.root or root, self._places)
        if isinstance(found, str):
            return found, (0, 0)
        target = self._out / name
        try:
            if shown.drawing:
                picture = shown.drawing.draw(found)
                with explain_disk(target):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    save_png(picture, target)
                return "", picture.size
            size = read_header(found).upright
        except ImageError as error:
            return f"{shown.name}: cannot be read ({error.code})", (0, 0)
        bring_image(found, target, self._is_copied)
        if not self._is_copied:
            self.links.append(Link(image=name, sha256=hash_file(target)))
        return "", size


def name_task(kind: str) -> str:
    """`Thermal Feature Reasoning` -> `thermal_feature_reasoning`."""
    return _NO_NAME.sub("_", kind.lower()).strip("_") or "questions"


def name_image(shown: Shown, source: str) -> str:
    """Where an image goes, relative to the benchmark's folder; the file's stem is the original's."""
    name = name_file(shown.name)
    if shown.drawing is None:
        return f"{IMAGES}/{source}/{name}"
    return f"{IMAGES}/{shown.drawing.label}/{source}/{Path(name).with_suffix('').as_posix()}{shown.drawing.suffix}.png"


def describe_import(
    settings: ImportSettings,
    kinds: Mapping[str, ForeignBenchmark],
    stated: Mapping[str, Any],
    items: Sequence[Item],
    skipped: Mapping[str, Counter[str]],
) -> dict[str, Any]:
    """The manifest."""
    return {
        "name": " + ".join(kind.title for kind in kinds.values()),
        "settings": dict(stated),
        "count_ranges": {},
        "itb_avg": {"is_defined": False, "because": "these are other people's questions"},
        "sources": {
            name: describe_source(kind, [item for item in items if item.source == name], skipped[name])
            for name, kind in kinds.items()
        },
        "items_digest": hash_bytes((settings.out / PLANNED_FILE).read_bytes()),
        "versions": list_versions(),
    }


def describe_source(kind: ForeignBenchmark, items: Sequence[Item], skipped: Mapping[str, int]) -> dict[str, Any]:
    """What is known of one benchmark, how many questions it has, and what of them is missing or ours."""
    facts = kind.facts
    foreign = [item.foreign for item in items if item.foreign]
    missing = Counter(found.missing for found in foreign if found.missing)
    declared = Counter(found.declared for found in foreign if found.declared)
    return {
        "title": kind.title,
        "licence": facts.licence,
        "citation": facts.citation,
        "origin": facts.origin,
        "declared": facts.declared,
        "questions": len(items),
        "tasks": dict(Counter(item.task for item in items)),
        "without_image": missing.total(),
        "missing": dict(missing.most_common(5)),
        "declared_questions": dict(declared),
        "skipped": dict(skipped),
    }
