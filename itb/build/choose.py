"""Which questions a benchmark takes: the planned ones, without kinds that can be guessed."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from itb.benchmark.duplicates import Fingerprint
from itb.build.audit import Audit, audit_items
from itb.build.compose import Drafts, Placed, count_available, make_items, take_planned
from itb.build.gather import Gathered
from itb.build.guessing import Refusal, find_refusals, leave_out
from itb.build.plan import Plan, make_plan
from itb.records import Item
from itb.tasks import find_count_range
from tools.errors import UsageError
from tools.registry import TASKS

if TYPE_CHECKING:
    from itb.build.build import BuildSettings


class Chosen(NamedTuple):
    """The questions of a benchmark, what can be said against them, and what was left out as it can be guessed."""

    plan: Plan
    placed: list[Placed]
    items: list[Item]
    audit: Audit
    refused: Sequence[Refusal] = ()


def choose(
    drafts: Drafts,
    gathered: Gathered,
    prints: Mapping[tuple[str, str], Fingerprint],
    settings: "BuildSettings",
) -> Chosen:
    """The planned questions, without kinds that can be guessed.

    Raises:
        UsageError: none is left.
    """
    chosen = _plan_and_audit(drafts, prints, settings)
    if not chosen.items:
        raise UsageError(_explain_nothing(gathered))
    refused = [] if settings.is_paper or settings.allow_guessable else find_refusals(chosen.audit, gathered)
    if refused:
        chosen = _plan_and_audit(leave_out(drafts, refused), prints, settings)
    if not chosen.items:
        raise UsageError(
            f"nothing is left to ask: {'; '.join(refusal.describe() for refusal in refused)}. Give more sources, or "
            "keep such questions with --allow-guessable"
        )
    return chosen._replace(refused=refused)


def _plan_and_audit(drafts: Drafts, prints: Mapping[tuple[str, str], Fingerprint], settings: "BuildSettings") -> Chosen:
    count = "plan" if settings.is_paper and settings.count == "all" else settings.count
    plan = make_plan(count_available(drafts), count)
    placed = take_planned(drafts, plan)
    items = make_items(placed)
    return Chosen(plan, placed, items, audit_items(items, prints, find_ranges(settings)))


def find_ranges(settings: "BuildSettings") -> dict[str, tuple[int, int]]:
    """Task -> least and largest count that it asks for, of those that ask for counts."""
    ranges = {name: find_count_range(name, settings.task_settings) for name in TASKS.names()}
    return {name: found for name, found in ranges.items() if found}


def _explain_nothing(gathered: Gathered) -> str:
    frames = ", ".join(f"{name} {count}" for name, count in sorted(gathered.frames.items())) or "none"
    codes = sorted({code for rows in gathered.skips.values() for counts in rows.values() for code in counts})
    why = f"passed over: {', '.join(codes)}" if codes else "no frame could be used"
    found = sum(map(len, gathered.candidates.values()))
    if found:
        why = f"{found} candidates, of which no balanced block can be made (docs/extend.md); {why}"
    return f"nothing can be asked: frames read: {frames}; {why}. Look at `python -m itb sources --source NAME=DIR`"
