"""What a run writes beside its store: pairs, instructions, rejects and rules as JSONL, and the manifest.

Everything is written from the store, so that it can be written again at any time. Nothing here depends on the clock, on
an absolute path or on how the run was cut into pieces.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from agents.backends.arms import UNMINED, UNREAD
from agents.backends.usage import Meter
from agents.checks.evidence_rows import EVIDENCE_FILE, write_evidence
from agents.config import LATER, Arm
from agents.conversation.book.reverted import RevertedRule
from agents.conversation.results import STATUSES, Result
from agents.conversation.rules import Mined, fold_rules, list_reverted
from agents.output.ledger import LedgerTally, OriginalsTally
from agents.output.measured import MeasuredTally
from agents.output.people import PeopleTally
from agents.output.variety import VarietyTally
from agents.paper import describe_paper
from agents.store.folders import FORMAT, HELD_OUT_FILE, ROW_FILES, ROW_FORMAT
from agents.store.retries import read_history
from agents.store.run_store import RunStore
from tools.endpoint.prices import Prices
from tools.files import replace_file
from tools.files.inside import real_path
from tools.records import Debate, Rule
from tools.registry import BACKENDS

Row = dict[str, Any]


HELD_OUT_FIELDS = ("id", "image", "photo", "group", "boxes", "captions")


@dataclass
class Leaks:
    """How often texts name one category, and for captions whether a rule about it was in force."""

    captions_before: int = 0
    captions_after: int = 0
    assistant: int = 0
    captions_after_with_rule: int = 0
    captions_after_without_rule: int = 0


@dataclass
class Summary:
    """What the manifest says about all results, added up one result at a time.

    Attributes:
        arm: of the run, which tells what its captions were asked about.
    """

    arm: Arm = "full"
    refiltered: int = 0
    flagged: int = 0
    captions_judged: int = 0
    caption_requests: int = 0
    captions_edited: int = 0
    captions_refused: int = 0
    caption_objections: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    rounds: Counter[str] = field(default_factory=Counter)
    objections: Counter[str] = field(default_factory=Counter)
    used: Counter[str] = field(default_factory=Counter)
    rejects: Counter[str] = field(default_factory=Counter)
    leaks: dict[str, Leaks] = field(default_factory=dict)
    captions: int = 0
    captions_with_rule: Counter[str] = field(default_factory=Counter)
    debated: int = 0
    assistant_turns: int = 0
    rules_over_time: list[list[int]] = field(default_factory=list)
    usage: Meter = field(default_factory=Meter)
    usage_of_debated: Meter = field(default_factory=Meter)
    clean: Counter[str] = field(default_factory=Counter)
    measured: MeasuredTally = field(default_factory=MeasuredTally)
    variety: VarietyTally = field(default_factory=VarietyTally)
    people: PeopleTally = field(default_factory=PeopleTally)
    ledger: LedgerTally = field(default_factory=LedgerTally)
    originals: OriginalsTally = field(default_factory=OriginalsTally)

    def add(self, result: Result) -> None:
        """Count one result."""
        self.statuses[result.status] += 1
        self.captions += len(result.pairs)
        for category in result.categories:
            self.captions_with_rule[category] += len(result.pairs)
        for pair in result.pairs:
            self.used.update(pair.applied)
        self.rejects.update(refused.code for refused in result.refused)
        if result.reject is not None:
            self.rejects[result.reject.code] += 1
        self._add_caption_debate(result)
        self.refiltered += len(result.refiltered or ())
        self.flagged += sum(debate.is_accepted for debate in result.debates) if result.refiltered else 0
        for debate in result.debates:
            self._add_debate(debate)
        self.usage.add_all(result.usage)
        if result.debates:
            self.usage_of_debated.add_all(result.usage)
        if result.clean is not None:
            self.clean.update(result.clean.model_dump())
        self._add_leaks(result)
        self.measured.add(result)
        self.variety.add(result)
        self.people.add(result)
        self.ledger.add(result)
        self.originals.add(result)
        if result.rules and (not self.rules_over_time or self.rules_over_time[-1][1] != len(result.rules)):
            self.rules_over_time.append([sum(self.statuses.values()), len(result.rules)])

    def _add_caption_debate(self, result: Result) -> None:
        objected = {item.pair.id for made in result.caption_rounds[:1] for item in made.objected}
        self.captions_judged += sum(made.judged for made in result.caption_rounds[:1])
        self.captions_edited += sum(pair.id in objected for pair in result.pairs)
        self.captions_refused += sum(refused.id in objected for refused in result.refused)
        for made in result.caption_rounds:
            edits = len(made.objected) if made.round == 1 else 0
            is_mined = bool(made.objected) and self.arm not in UNMINED
            self.caption_requests += (self.arm not in UNREAD) + is_mined + edits
            for item in made.objected:
                self.caption_objections.update(objection.category for objection in item.objections)

    def _add_debate(self, debate: Debate) -> None:
        self.debated += 1
        self.rounds[str(len(debate.rounds)) if debate.is_accepted else "failed"] += 1
        for attempt in debate.rounds:
            self.objections.update(objection.category for objection in attempt.verdict.objections)
        if debate.is_accepted:
            self.kinds[debate.kind] += 1
            self.assistant_turns += sum(message.role == "assistant" for message in debate.rounds[-1].messages)

    def _add_leaks(self, result: Result) -> None:
        for tally in result.leaks:
            leaks = self.leaks.setdefault(tally.category, Leaks())
            leaks.captions_before += tally.before
            leaks.captions_after += tally.after
            leaks.assistant += tally.assistant
            if tally.category in result.categories:
                leaks.captions_after_with_rule += tally.after
            else:
                leaks.captions_after_without_rule += tally.after

    def describe(self) -> Row:
        """The manifest's part about results."""
        leaks = sorted(self.leaks.items())
        return {
            "counts": {
                "images": sum(self.statuses.values()),
                **{status: self.statuses[status] for status in STATUSES},
                "pairs": self.captions,
                "debates": self.debated,
                "instructions": sum(self.kinds.values()),
                "instructions_by_kind": dict(sorted(self.kinds.items())),
                "rejects_by_code": dict(sorted(self.rejects.items())),
            },
            "acceptance_by_round": dict(sorted(self.rounds.items())),
            "objections": dict(sorted(self.objections.items())),
            **self._describe_caption_debate(),
            "rules_over_time": self.rules_over_time,
            "leaks": {
                "captions": self.captions,
                "assistant_turns_total": self.assistant_turns,
                "captions_before": {name: item.captions_before for name, item in leaks},
                "captions_after": {name: item.captions_after for name, item in leaks},
                "assistant_turns": {name: item.assistant for name, item in leaks},
                "captions_after_with_rule": {name: item.captions_after_with_rule for name, item in leaks},
                "captions_after_without_rule": {name: item.captions_after_without_rule for name, item in leaks},
                "captions_with_rule": dict(sorted(self.captions_with_rule.items())),
            },
        }

    def _describe_caption_debate(self) -> Row:
        """Nothing where captions were not debated."""
        if not self.captions_judged:
            return {}
        return {
            "captions_debated": {
                "judged": self.captions_judged,
                "requests": self.caption_requests,
                "edited": self.captions_edited,
                "refused": self.captions_refused,
                "objections": dict(sorted(self.caption_objections.items())),
            }
        }


def build_pair_rows(result: Result) -> Iterator[Row]:
    """The rows of `pairs.jsonl` of one image."""
    for pair in result.pairs:
        yield {
            "id": pair.id,
            "image_id": result.image_id,
            "image": result.image,
            "photo": result.photo,
            "caption": pair.caption,
            "original": pair.original,
            "candidates": [candidate.model_dump() for candidate in pair.candidates],
            "rules": result.rules,
            "applied": pair.applied,
            "debated": bool(result.debates),
        }


def build_instruction_rows(result: Result) -> Iterator[Row]:
    """The rows of `instructions.jsonl` of one image: accepted instructions, each with its debate."""
    for debate in result.debates:
        if debate.is_accepted:
            yield {
                "id": debate.id,
                "image_id": result.image_id,
                "image": result.image,
                "photo": result.photo,
                "kind": debate.kind,
                "messages": [message.model_dump() for message in debate.rounds[-1].messages],
                "rounds": len(debate.rounds),
                "rules": result.rules,
                "debate": [attempt.model_dump() for attempt in debate.rounds],
                **({} if result.refiltered is None else {"captions_changed": bool(result.refiltered)}),
            }


def build_reject_rows(result: Result) -> Iterator[Row]:
    """The rows of `rejected.jsonl` of one image: refused captions, the image itself, debates without acceptance."""
    base = {"image_id": result.image_id, "photo": result.photo}
    for refused in result.refused:
        yield {**refused.model_dump(), **base, "stage": "caption", "kind": None, "debate": []}
    if result.reject is not None:
        reject = result.reject.model_dump()
        yield {"id": str(result.image_id), **base, **reject, "kind": None, "debate": []}
    for debate in result.debates:
        if not debate.is_accepted:
            objections = debate.rounds[-1].verdict.objections
            yield {
                "id": debate.id,
                **base,
                "stage": "instruction",
                "code": "generation_failed" if result.reject is None else "unfinished",
                "reason": "; ".join(objection.reason for objection in objections),
                "kind": debate.kind,
                "debate": [attempt.model_dump() for attempt in debate.rounds],
            }


def build_evidence_rows(result: Result) -> Iterator[Row]:
    """The row of `evidence.jsonl` of one image: every fact, with the numbers behind it, and boxes of a model's own."""
    if result.evidence is not None:
        found = write_evidence(result.evidence, result.objects, result.statements)
        yield {"image_id": result.image_id, "image": result.image, "photo": result.photo, **found}


def build_rule_rows(
    seeds: Iterable[Rule],
    mined: Iterable[tuple[int, Mined]],
    used: Counter[str],
    reverted: Sequence[RevertedRule] = (),
) -> Iterator[Row]:
    """The rows of `rules.jsonl`: every rule that was ever in a book, with its support and the captions it changed.

    Then those that were mined and are reverted in the pack, with the reason; they changed none.
    """
    items = [item for _, item in mined]
    for entry in fold_rules(tuple(seeds), items, cap=len(items), keeps_covered=True, reverted=reverted).entries:
        yield {
            **entry.rule.model_dump(),
            "support": entry.support,
            "used": used[entry.rule.id],
            "reverted": None,
        }
    for rule, support, reason in list_reverted(items, reverted):
        yield {**rule.model_dump(), "support": support, "used": 0, "reverted": reason}


def read_reverted(store: RunStore) -> tuple[RevertedRule, ...]:
    """The rules that the pack of a run took back; none of a run from before a pack could."""
    return tuple(RevertedRule.model_validate(rule) for rule in store.read_meta("reverted_rules") or ())


BUILDERS = dict(zip(ROW_FILES, (build_pair_rows, build_instruction_rows, build_reject_rows), strict=True))


def write_exports(run: Path, store: RunStore, *, tell_progress: Any = None) -> Row:
    """Write all row files and the manifest from the store; give the manifest.

    The manifest comes last, so a folder with a manifest has files that are whole.
    """
    summary = Summary(arm=store.require_meta("settings").get("arm", "full"))
    (run / "manifest.json").unlink(missing_ok=True)
    encoder = msgspec.json.Encoder()
    builders = BUILDERS | ({EVIDENCE_FILE: build_evidence_rows} if store.read_meta("measures") else {})
    with ExitStack() as stack:
        files = {name: stack.enter_context(replace_file(run / name)) for name in builders}
        for result in store.read_results():
            summary.add(result)
            for name, build in builders.items():
                for row in build(result):
                    files[name].write(encoder.encode(row) + b"\n")
    if held := store.read_meta("held_out"):
        with replace_file(run / HELD_OUT_FILE) as file:
            file.writelines(encoder.encode({name: row[name] for name in HELD_OUT_FIELDS}) + b"\n" for row in held)
    seeds = [Rule.model_validate(rule) for rule in store.require_meta("seed_rules")]
    mined = [] if store.require_meta("settings")["freeze"] else store.list_mined()
    with replace_file(run / "rules.jsonl") as file:
        for row in build_rule_rows(seeds, mined, summary.used, read_reverted(store)):
            file.write(encoder.encode(row) + b"\n")
    manifest = build_manifest(run, store, summary)
    with replace_file(run / "manifest.json") as file:
        file.write(msgspec.json.format(encoder.encode(manifest), indent=2) + b"\n")
    return manifest


def build_manifest(run: Path, store: RunStore, summary: Summary) -> Row:
    """What made the run and what came of it."""
    return {
        "format": f"{FORMAT} {ROW_FORMAT}",
        "config": describe_config(store),
        **{
            part: store.read_meta(part)
            for part in ("backend", "translator", "scorer", "pack", "prompts", "dataset", "versions")
        },
        **describe_judge(store),
        "plugins": store.read_meta("plugins") or {},
        "paper": describe_paper(fill_settings(store.require_meta("settings"))),
        "seed": store.require_meta("settings")["seed"],
        "photo_root": os.path.relpath(store.require_meta("photo_root"), real_path(run)),
        **summary.describe(),
        **read_history(store).describe(),
        **describe_costs(summary, store.read_meta("prices")),
        **describe_clean(summary.clean),
        **describe_measured(store, summary),
        **describe_refiltered(store, summary),
        "variety": summary.variety.describe(),
        "people": summary.people.describe(),
        "ledger": summary.ledger.describe(),
        "originals": summary.originals.describe(),
    }


def describe_config(store: RunStore) -> Row:
    """The settings that make the run again: the frozen ones, those that came later too, and which images it took."""
    settings: Row = store.require_meta("settings")
    shard = store.read_meta("shard")
    later = {name: value for name, value in LATER.items() if name not in settings}
    return settings | later | (store.read_meta("reach") or {}) | ({"shard": shard} if shard else {})


def fill_settings(settings: Row) -> Row:
    """Settings with what goes without saying: those that came later, and the defaults of the backend."""
    name = settings["backend"]
    fields = BACKENDS.find_settings(name).model_fields if name in BACKENDS.names() else {}
    defaults = {key: field.default for key, field in fields.items() if not field.is_required()}
    return defaults | LATER | settings


def describe_judge(store: RunStore) -> Row:
    """Whether writer and judge are the same model, of a run that asks models."""
    found = store.read_meta("judges_itself")
    return {} if found is None else {"judges_itself": found}


def describe_measured(store: RunStore, summary: Summary) -> Row:
    """What a run that measured says of it, and where the images of a run come from that are no translations."""
    source = store.read_meta("source")
    found: Row = {} if source is None else {"source": source}
    if store.read_meta("measures"):
        drawn = None if source is not None else (store.read_meta("translator") or {}).get("name")
        found["evidence"] = {"drawn_by": drawn, **summary.measured.describe()}
    return found


def describe_refiltered(store: RunStore, summary: Summary) -> Row:
    """What filtering again under the final rule book changed; nothing in a run as it was made."""
    begun = store.require_meta("settings").get("refiltered")
    found = {"captions": summary.refiltered, "instructions_with_changed_captions": summary.flagged}
    return {} if begun is None else {"refiltered": begun | found}


def describe_costs(summary: Summary, table: Row | None) -> Row:
    """What the replies cost, those that were read back included; null where a model has no price.

    Cost per instruction is that of the debated images, their captions included, over the accepted instructions.
    """
    found = {name: price for name, price in (table or {}).get("models", {}).items() if price is not None}
    prices = Prices.model_validate({"date": (table or {}).get("date") or "1970-01-01", "models": found})
    cost = prices.sum_usd(summary.usage.read())
    debated = prices.sum_usd(summary.usage_of_debated.read())
    accepted = sum(summary.kinds.values())
    return {
        "usage": [usage.model_dump() for usage in summary.usage.read()],
        "prices": table,
        "cost_usd": None if cost is None else round(cost, 6),
        "cost_usd_per_instruction": None if debated is None or not accepted else round(debated / accepted, 6),
    }


def describe_clean(clean: Counter[str]) -> Row:
    """What skipping clean captions saved, and what share of the captions a model changes the lexicon flags.

    The clean captions that were sent all the same stand for all clean ones. A model that only rewords a clean caption
    counts as a change too, so the recall is a lower bound.
    """
    if not clean:
        return {}
    total = clean["skipped"] + clean["checked"] + clean["flagged"]
    unflagged = clean["skipped"] + clean["checked"]
    missed = clean["checked_changed"] / clean["checked"] * unflagged if clean["checked"] else None
    changed = None if missed is None else clean["flagged_changed"] + missed
    return {
        "clean_captions": {
            **{name: clean[name] for name in sorted(clean)},
            "saving": round(clean["skipped"] / total, 4) if total else None,
            "recall": round(clean["flagged_changed"] / changed, 4) if changed else None,
        }
    }
