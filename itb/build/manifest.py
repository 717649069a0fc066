"""What a benchmark says about itself: where it comes from, what was taken and what not, and why."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from itb.build.average import describe_average
from itb.build.choose import Chosen
from itb.build.gather import Gathered, takes
from itb.build.guessing import list_guessable
from itb.build.plan import SPLITS
from itb.build.split import Sides
from itb.records import Item, TaskName
from itb.tasks import load_task
from itb.tasks.base.wordings import FOLDER, Wordings
from tools.datasets import open_dataset
from tools.manifest import hash_files, list_versions
from tools.registry import DATASETS, TASKS, describe_plugins

if TYPE_CHECKING:
    from itb.build.build import BuildSettings

NOT_PAPERS = "the paper does not ask it (--paper)"
RENDERED = frozenset(entry.name for entry in DATASETS.entries() if entry.traits.get("is_rendered"))
"""Nobody has to be told that these were not given."""


def describe_settings(settings: "BuildSettings", digest: str) -> dict[str, Any]:
    """What decides the items; a folder built with other ones is not overwritten."""
    return {
        "sources": sorted(settings.sources),
        "count": settings.count,
        "seed": settings.seed,
        "wordings": digest,
        "near_duplicates": settings.is_hashed,
        "protocol": "paper" if settings.is_paper else "own",
        "allow_guessable": settings.allow_guessable,
        "min_evidence_pixels": settings.min_evidence_pixels,
        "task_settings": {name: dict(given) for name, given in sorted(settings.task_settings.items())},
        "plugins": describe_plugins(),
    }


def describe_build(
    settings: "BuildSettings",
    stated: Mapping[str, Any],
    roots: Mapping[str, Path],
    gathered: Gathered,
    sides: Sides,
    chosen: Chosen,
    wordings: Wordings,
    count_ranges: Mapping[TaskName, tuple[int, int]],
) -> dict[str, Any]:
    """The manifest."""
    plan, refused = chosen.plan, chosen.refused
    return {
        "name": wordings.pack.cards.benchmark_title,
        "pack": {
            "name": wordings.pack.name,
            "bands": {id: band.title for id, band in wordings.pack.bands.items()},
        },
        "settings": dict(stated),
        "tasks": {task: _describe_task(task, gathered, chosen, wordings, settings.is_paper) for task in TASKS.names()},
        "refused": {refusal.kind: refusal.model_dump(mode="json", exclude={"kind", "task"}) for refusal in refused},
        "itb_avg": describe_average(chosen.items, list_guessable(chosen.audit, refused), settings.is_paper),
        "count_ranges": {task: list(bounds) for task, bounds in count_ranges.items()},
        "plan": [
            {
                "task": line.task,
                "source": line.source,
                "wanted": line.wanted,
                "available": line.available,
                "taken": line.taken,
                "is_beyond_paper": line.is_beyond_paper,
                "is_stand_in": line.is_stand_in,
            }
            for line in plan.lines
        ],
        "short": dict(plan.short),
        "sources": {name: _describe_source(name, root, gathered) for name, root in roots.items()},
        "joined_groups": [list(groups) for groups in sides.joined],
        "undecided_cuts": dict(sides.undecided),
        "in_test_alone": [f"{kind.task} of {kind.source}" for kind in sides.lonely],
        "wordings": hash_files(settings.pack / FOLDER, wordings.folder.glob("*.yaml")),
        "versions": list_versions(),
    }


def _describe_source(name: str, root: Path, gathered: Gathered) -> dict[str, Any]:
    opened = open_dataset(name, root)
    facts = opened.dataset.facts
    return {
        "title": facts.title,
        "licence": facts.licence,
        "citation": facts.citation,
        "band": facts.band,
        "polarity": facts.polarity,
        "layout": opened.layout,
        "frames": gathered.frames[name],
        "rejects": {
            code: {"count": count, "first": gathered.examples[name][code]}
            for code, count in sorted(gathered.rejects[name].items())
        },
        **({"unread": _describe_unread(name, gathered)} if gathered.doubtful[name] else {}),
    }


def _describe_unread(name: str, gathered: Gathered) -> dict[str, Any]:
    """Images with objects that could not be read, and how often each of these is there."""
    found = sorted(gathered.unread[name].items())
    objects = [{"code": code, "name": written, "count": count} for (code, written), count in found]
    return {"frames": gathered.doubtful[name], "objects": objects}


def _describe_task(
    task: TaskName, gathered: Gathered, chosen: Chosen, wordings: Wordings, is_paper: bool
) -> dict[str, Any]:
    is_left = is_paper and load_task(task).paper is None
    told = [refusal.describe() for refusal in chosen.refused if refusal.task == task]
    mine = [item for item in chosen.items if item.task == task]
    counts = Counter((item.source, item.split) for item in mine)
    described: dict[str, Any] = {"items": len(mine)}
    if mine:
        described |= {split: sum(item.split == split for item in mine) for split in SPLITS}
        described["sources"] = {
            source: {split: counts[source, split] for split in SPLITS} for source in sorted({key[0] for key in counts})
        }
        if load_task(task).paper:
            described["share_percent"] = chosen.plan.describe_share(task)
        described["in_balanced_blocks"] = sum("block" in item.facts for item in mine)
    else:
        described["absent_because"] = (
            NOT_PAPERS
            if is_left
            else wordings.left_out.get(task) or "; ".join(told or _explain_absence(task, gathered))
        )
    described["passed_over"] = {
        source: dict(sorted(codes.items())) for source, codes in sorted(gathered.skips[task].items()) if codes
    }
    return described


def _explain_absence(task: TaskName, gathered: Gathered) -> Iterator[str]:
    asked = load_task(task)
    brought = [source for source in gathered.frames if source not in asked.sources and takes(asked, source)]
    for source in (*asked.sources, *brought):
        if source not in gathered.frames:
            if source not in RENDERED:
                yield f"{source} was not given"
            continue
        passed, rejected = _list_codes(gathered.skips[task][source]), _list_codes(gathered.rejects[source])
        found = gathered.count_candidates(task, source)
        reasons = [f"passed over: {passed}"] * bool(passed) + [f"rejected: {rejected}"] * bool(rejected)
        if found or not passed:
            reasons.insert(0, f"no question could be formed from {found} candidates")
        yield f"{source}: {gathered.frames[source]} frames, {', '.join(reasons)}"


def _list_codes(codes: Mapping[str, int]) -> str:
    return ", ".join(f"{code} ({count})" for code, count in sorted(codes.items()))


def describe_splits(items: Sequence[Item]) -> dict[str, list[str]]:
    """Groups of the items by split."""
    return {split: sorted({item.group for item in items if item.split == split}) for split in SPLITS}
