"""What stands beside predictions: what was asked of which model, what must stay the same, what came out."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from itb.benchmark.ask import Asker, Key, Question
from itb.benchmark.bench import Bench
from itb.benchmark.perturb import PERTURBATIONS, parse_perturbations
from itb.evaluate.predictions import manifest_path, read_manifest
from itb.models.adapter import Model
from itb.models.kind import ModelKind
from itb.models.settings import EvalSettings
from itb.records import Item, Missed, Prediction
from tools.errors import UsageError
from tools.manifest import REPORTED, list_versions, say
from tools.registry import describe_plugins

REASONS = 5
"""Reasons for errors that a manifest quotes; the file of errors has them all."""


def describe_frozen(
    settings: EvalSettings, bench: Bench, asker: Asker, model: Model, max_new_tokens: int
) -> dict[str, Any]:
    """What decides the replies: must not change while a predictions file grows."""
    return {
        "model": {**model.identify(), "is_baseline": model.is_baseline},
        "bench": {"name": bench.name, "items_digest": bench.digest},
        "protocol": settings.protocol,
        "max_new_tokens": max_new_tokens,
        "parsing": settings.parsing,
        "prompts": asker.describe(),
        "split": settings.split,
        "context": settings.context,
        "rotate_options": settings.rotate_options,
        "perturb": list(parse_perturbations(settings.perturb or "")),
        "plugins": describe_plugins(),
    }


def describe_asked(settings: EvalSettings, questions: Sequence[Question]) -> dict[str, Any]:
    """How much was asked: may grow. `not_asked`: tasks that a perturbation would spoil."""
    tasks = {question.item.task for question in questions}
    spoilt = {
        name: sorted(task for task in tasks if PERTURBATIONS[name].spoils(task))
        for name in parse_perturbations(settings.perturb or "")
    }
    return {
        "tasks": list(dict.fromkeys(question.item.task for question in questions)),
        "limit_per_task": settings.limit,
        "items": len({question.item.id for question in questions}),
        "questions": len(questions),
        "not_asked": {name: found for name, found in spoilt.items() if found},
    }


def list_eval_versions(kind: ModelKind) -> dict[str, str]:
    """Versions of what shapes predictions."""
    return list_versions((*REPORTED, *kind.packages))


def refuse_without_plugins(out: Path) -> None:
    """Go on only with the plugins that the predictions were begun with.

    Raises:
        UsageError: names those that are not loaded.
    """
    begun = read_manifest(out).get("frozen", {}).get("plugins", {})
    missing = [name for name in begun if name not in describe_plugins()]
    if missing:
        raise UsageError(
            f"{out}: begun with {' '.join(f'--plugin {name}' for name in missing)}, which this command lacks; give the "
            "same plugin, another --out, or --fresh to start again"
        )


def refuse_other(out: Path, frozen: Mapping[str, Any], has_rows: bool) -> None:
    """Refuse to mix predictions.

    Raises:
        UsageError: names every setting that differs.
    """
    if not has_rows:
        return
    before = read_manifest(out).get("frozen")
    if before is None:
        raise UsageError(
            f"{out}: holds predictions, and no {manifest_path(out).name} says of which model; use another --out, or "
            "--fresh to delete them"
        )
    changes = list(_list_changes({"plugins": {}, **before}, frozen))  # older ones state no plugins
    if changes:
        raise UsageError(
            f"{out}: begun with other settings: {'; '.join(changes)}. Use the same, another --out, or --fresh to "
            "start again"
        )


def _list_changes(before: Any, now: Any, path: str = "") -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for name in (*before, *(name for name in now if name not in before)):
            yield from _list_changes(before.get(name), now.get(name), f"{path}.{name}" if path else name)
    elif before != now:
        yield f"{path}: {say(before)} -> {say(now)}"


def summarise(rows: Sequence[Prediction], items: Sequence[Item]) -> dict[str, Any]:
    """Per task and variant: predictions, right ones, failures by kind."""
    tasks = {item.id: item.task for item in items}
    groups: defaultdict[Key, list[Prediction]] = defaultdict(list)
    for row in rows:
        groups[Key(tasks.get(row.item, "unknown"), row.variant)].append(row)
    found = [_summarise_group(task, variant, group) for (task, variant), group in groups.items()]
    return {"predictions": len(rows), "groups": found}


def summarise_missed(missed: Mapping[Key, Missed]) -> dict[str, Any]:
    """How many questions got no reply, and why, the commonest reason first; nothing where all did."""
    reasons = Counter(entry.error for entry in missed.values()).most_common()
    return {"errors": {"questions": len(missed), "reasons": dict(reasons[:REASONS])}} if missed else {}


def _summarise_group(task: str, variant: str, group: Sequence[Prediction]) -> dict[str, Any]:
    failures = Counter(row.failure for row in group if row.failure)
    right = sum(row.is_correct for row in group)
    return {
        "task": task,
        "variant": variant,
        "n": len(group),
        "right": right,
        "accuracy": round(right / len(group), 6),
        "failures": dict(sorted(failures.items())),
    }
