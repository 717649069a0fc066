"""`python -m itb build`: from datasets in their original layout to a benchmark folder.

gather (what can be asked) -> hash the images -> split the groups -> compose balanced questions within each split ->
plan -> write. Nothing hangs on the order of files, the clock or the place: two builds of the same data give the same
bytes. What takes long, hashing the images, is kept in `hashes.jsonl`, so a build that was stopped goes on quickly.
"""

import gc
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from itb.benchmark.bench_files import bring_image, refuse_other_settings, write_json, write_records
from itb.benchmark.duplicates import Fingerprint, fingerprint, read_fingerprints
from itb.benchmark.folders import BENCHMARK, HASHES_FILE, ITEMS_FILE, MANIFEST_FILE, PLANNED_FILE, list_bench_files
from itb.benchmark.links import Link, hash_file, write_links
from itb.benchmark.pictures import make_picture, name_picture
from itb.build.audit import AUDIT_FILE, Audit
from itb.build.choose import choose, find_ranges
from itb.build.compose import (
    Placed,
    compose_all,
    keep_large,
)
from itb.build.follows import find_follows
from itb.build.gather import Gathered, check_source, gather, keep_papers, open_sources
from itb.build.guessing import Refusal
from itb.build.manifest import describe_build, describe_settings, describe_splits
from itb.build.plan import Plan, parse_count
from itb.build.sides import part
from itb.records import Item
from itb.tasks import read_task_settings
from itb.tasks.base.wordings import Wordings, load_wordings
from tools.datasets import AnnotatedImage
from tools.errors import ImageError, UsageError
from tools.files import check_folder, clear_files, explain_disk, own_folder
from tools.images import remove_unfinished
from tools.prompts import DEFAULT_PACK

THREADS = 4
SAVED_EVERY = 2000


@dataclass(frozen=True)
class BuildSettings:
    """What a build is told.

    Attributes:
        sources: name -> folder of the dataset.
        out: the benchmark's folder.
        count: `all`, `plan` or a number of questions for each task.
        seed: of all draws.
        pack: modality pack with the wordings.
        is_copied: images are copied, not linked.
        is_hashed: images are hashed to find near-duplicates.
        task_settings: task -> setting -> value, where it is not the usual one.
        is_paper: the paper's protocol: its tasks, sources and counts, split by question, nothing balanced or refused.
        allow_guessable: questions that can be answered without the image stay, outside ITB Avg.
        min_evidence_pixels: nothing is asked whose answer rests on a smaller box, as `Item.evidence_pixels`.
    """

    sources: Mapping[str, Path]
    out: Path
    count: str = "all"
    seed: int = 0
    pack: Path = DEFAULT_PACK
    is_copied: bool = False
    is_hashed: bool = True
    task_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_paper: bool = False
    allow_guessable: bool = False
    min_evidence_pixels: float = 0.0


@dataclass(frozen=True)
class Built:
    """What a build made; `refused`: kinds of questions that can be guessed, and were left out."""

    items: Sequence[Item]
    audit: Audit
    plan: Plan
    gathered: Gathered
    manifest: Mapping[str, object]
    refused: Sequence[Refusal] = ()


class Progress(Protocol):
    """Hears how a build goes on."""

    def read(self, source: str, frames: int) -> None:
        """So many frames of a source were read."""

    def step(self, name: str, done: int, total: int) -> None:
        """Of a step over images, so many are done."""


class Silence:
    """Shows nothing."""

    def read(self, source: str, frames: int) -> None:
        """Nothing."""

    def step(self, name: str, done: int, total: int) -> None:
        """Nothing."""


def build_bench(settings: BuildSettings, progress: Progress | None = None, fresh: bool = False) -> Built:
    """Build a benchmark.

    Args:
        fresh: delete first what an earlier build wrote to the folder.

    Raises:
        MissingError: a folder does not hold its dataset, or the pack has no wordings.
        UsageError: a setting that cannot be used, or a folder that holds another benchmark or something else.
        ToolkitError: another process builds there, or the disk is full.
    """
    progress = progress or Silence()
    check_folder(settings.out, BENCHMARK)
    parse_count(settings.count)
    wordings = load_wordings(settings.pack)
    roots = check_sources(settings.sources)
    for name in settings.task_settings:
        read_task_settings(name, settings.task_settings)
    stated = describe_settings(settings, wordings.digest)
    with own_folder(settings.out, BENCHMARK), without_collector():
        if fresh:
            clear_files(settings.out, list_bench_files(settings.out))
        refuse_other_settings(settings.out, stated)
        return _build(settings, roots, wordings, stated, progress)


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep Python's garbage collector off: hundreds of thousands of records are made and none is in a cycle.

    Its searches through all of them doubled the time of a build.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _build(
    settings: BuildSettings,
    roots: Mapping[str, Path],
    wordings: Wordings,
    stated: Mapping[str, object],
    progress: Progress,
) -> Built:
    gathered = gather(open_sources(roots), roots, wordings, settings.task_settings, progress.read)
    if settings.is_paper:
        keep_papers(gathered)
    if settings.min_evidence_pixels:
        keep_large(gathered, settings.min_evidence_pixels)
    prints = hash_images(gathered, roots, settings.out / HASHES_FILE, progress) if settings.is_hashed else {}
    follows = find_follows(gathered.list_frames(), roots, partial(progress.step, "comparing groups")) if prints else []
    sides = part(gathered, prints, settings.seed, follows)
    fills_up = settings.count != "all" or settings.is_paper
    drafts = compose_all(gathered, sides, wordings, settings.seed, fills_up, settings.task_settings, settings.is_paper)
    chosen = choose(drafts, gathered, prints, settings)
    write_records(settings.out / PLANNED_FILE, chosen.items)  # before the images, so that these are known after a kill
    write_links(settings.out, write_images(chosen.placed, chosen.items, roots, settings, progress))
    manifest = describe_build(settings, stated, roots, gathered, sides, chosen, wordings, find_ranges(settings))
    with explain_disk(settings.out / ITEMS_FILE):
        (settings.out / PLANNED_FILE).replace(settings.out / ITEMS_FILE)
    write_json(settings.out / "splits.json", describe_splits(chosen.items))
    write_json(settings.out / AUDIT_FILE, chosen.audit.model_dump(mode="json"))
    write_json(settings.out / MANIFEST_FILE, manifest)
    return Built(chosen.items, chosen.audit, chosen.plan, gathered, manifest, chosen.refused)


def check_sources(sources: Mapping[str, Path]) -> dict[str, Path]:
    """The folders by name, sorted.

    Raises:
        UsageError: no source, or one whose name is unknown.
    """
    if not sources:
        raise UsageError("no dataset: name one or more, e.g. --source flir=data/FLIR_ADAS_1_3")
    for name in sources:
        check_source(name)
    return dict(sorted(sources.items()))


def hash_images(
    gathered: Gathered, roots: Mapping[str, Path], cache: Path, progress: Progress
) -> dict[tuple[str, str], Fingerprint]:
    """Fingerprints of all frames that could be asked about; frames whose file cannot be read are taken out."""
    known = read_fingerprints(cache)
    frames = gathered.list_frames()
    found: dict[tuple[str, str], Fingerprint] = {}
    unreadable: set[tuple[str, str]] = set()
    with ThreadPoolExecutor(THREADS) as pool:
        jobs = pool.map(lambda frame: _hash_image(frame, roots[frame.source], known), frames.values())
        for number, (key, outcome) in enumerate(zip(frames, jobs, strict=True), 1):
            if isinstance(outcome, ImageError):
                unreadable.add(key)
                gathered.rejects[key[0]][outcome.code] += 1
                gathered.examples[key[0]].setdefault(outcome.code, str(outcome))
            else:
                found[key] = outcome
            if number % SAVED_EVERY == 0:
                write_records(cache, found.values())
            progress.step("hashing images", number, len(frames))
    write_records(cache, found.values())
    for items in gathered.candidates.values():
        items[:] = [item for item in items if (item.frame.source, item.frame.image) not in unreadable]
    return found


def _hash_image(
    frame: AnnotatedImage, root: Path, known: Mapping[tuple[str, str], Fingerprint]
) -> Fingerprint | ImageError:
    path = root / frame.image
    before = known.get((frame.source, frame.image))
    try:
        if before and path.is_file() and before.size == path.stat().st_size:
            return before
        return fingerprint(frame.source, frame.image, path, frame.crop_xyxy)
    except ImageError as error:
        return error


def write_images(
    placed: Sequence[Placed],
    items: Sequence[Item],
    roots: Mapping[str, Path],
    settings: BuildSettings,
    progress: Progress,
) -> list[Link]:
    """Bring every item's image into the benchmark, or make it; gives those that were linked.

    Raises:
        UsageError: an image cannot be put there.
        ImageError: a file that the build draws from cannot be read.
    """
    jobs = {item.image: entry.draft for entry, item in zip(placed, items, strict=True)}
    links = []
    ordered = sorted(jobs.items(), key=lambda job: (job[1].frame.source, job[1].frame.image, job[0]))
    for number, (image, draft) in enumerate(ordered, 1):
        root, target = roots[draft.frame.source], settings.out / image
        if draft.picture is None:
            bring_image(root / draft.frame.image, target, settings.is_copied)
            if not settings.is_copied:
                links.append(Link(image=image, sha256=hash_file(target)))
        elif not target.is_file():
            make_picture(draft.frame, draft.picture, root, settings.out / name_picture(draft.frame, draft.picture))
        progress.step("writing images", number, len(jobs))
    remove_unfinished(settings.out / "images")
    return links
