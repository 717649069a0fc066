"""The ledger of a run: what each agent removed, let through, brought in and dropped of what the modality cannot show.

Captions go from the dataset through the caption agent's first choice and the debate about them; answers from the first
attempts of the task agent through the debate. What the last agent of each leaves is what the manifest's `leaks` counts.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agents.output.measured import share

if TYPE_CHECKING:
    from agents.conversation.results import LedgerRow, Result

Row = dict[str, Any]
STEPS: Final = {
    ("captions", "caption"): "caption agent: the first choice",
    ("captions", "debate"): "debate on captions: edits and refusals",
    ("captions", "refilter"): "filtered again under the final rules",
    ("answers", "task"): "task agent: first attempts",
    ("answers", "debate"): "debate on instructions: later attempts and failures",
}
BEFORE: Final = ("removed", "survived", "dropped")
AFTER: Final = ("survived", "introduced")
OUTCOMES: Final = ("removed", "introduced", "survived", "dropped")


@dataclass
class LedgerTally:
    """Added up one result at a time; results from before ledgers were kept are counted as unknown."""

    images: int = 0
    unknown: int = 0
    counts: dict[tuple[str, str], dict[str | None, Counter[str]]] = field(default_factory=dict)

    def add(self, result: "Result") -> None:
        """Count one result."""
        self.images += 1
        if result.ledger is None:
            self.unknown += 1
            return
        for row in result.ledger:
            step = self.counts.setdefault((row.texts, row.agent), {})
            step.setdefault(row.category, Counter()).update(_count(row))

    def describe(self) -> Row:
        """The manifest's part `ledger`: by kind of text and agent, in total and by category."""
        found: Row = {"images": self.images - self.unknown, "images_unknown": self.unknown}
        if self.unknown == self.images:
            return found
        for texts, agent in STEPS:
            if agent == "refilter" and (texts, agent) not in self.counts:
                continue
            step = self.counts.get((texts, agent), {})
            found.setdefault(texts, {})[agent] = {
                "total": _describe(step.get(None, Counter())),
                "categories": {name: _describe(step[name]) for name in sorted(filter(None, step))},
            }
        return found


@dataclass
class OriginalsTally:
    """Captions that stayed as the dataset has them, added up one result at a time."""

    captions: int = 0
    unchanged: int = 0
    won: int = 0
    won_under_rules: int = 0

    def add(self, result: "Result") -> None:
        """Count one result."""
        for pair in result.pairs:
            if not pair.original:
                continue
            self.captions += 1
            if pair.caption == pair.original:
                self.unchanged += 1
                has_won = all(candidate.text != pair.original for candidate in pair.candidates[:-1])
                self.won += has_won
                self.won_under_rules += has_won and bool(result.rules)

    def describe(self) -> Row:
        """The manifest's part `originals`: captions, and those whose original won against edits that all differ."""
        return {
            "captions": self.captions,
            "unchanged": self.unchanged,
            "won": self.won,
            "won_under_rules": self.won_under_rules,
            "share_won": share(self.won, self.captions),
        }


class LedgerLine(NamedTuple):
    """A line of the report's table."""

    texts: str
    step: str
    category: str
    counts: Mapping[str, int]


def list_lines(ledger: Mapping[str, Any] | None) -> Iterator[LedgerLine]:
    """The lines of a manifest's ledger: each agent in total, then what it was by category."""
    for (texts, agent), title in STEPS.items():
        step = ((ledger or {}).get(texts) or {}).get(agent)
        if step is not None:
            yield LedgerLine(texts, title, "", step["total"])
            yield from (LedgerLine(texts, title, name, counts) for name, counts in step["categories"].items())


def _count(row: "LedgerRow") -> dict[str, int]:
    return {name: getattr(row, name) for name in OUTCOMES}


def _describe(counts: Mapping[str, int]) -> dict[str, int]:
    before, after = (sum(counts.get(name, 0) for name in names) for names in (BEFORE, AFTER))
    return {"before": before, **{name: counts.get(name, 0) for name in OUTCOMES}, "after": after}
