"""What a run's manifest says of what was measured: facts by kind, texts that state some, how descriptions open."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what measures needs numpy, and whoever imports the report may not
    from agents.conversation.results import Result

Row = dict[str, Any]
OPENING_WORDS = 3


@dataclass
class MeasuredTally:
    """Added up one result at a time; a result without evidence counts for nothing but its texts."""

    images: int = 0
    with_fact: int = 0
    facts: Counter[str] = field(default_factory=Counter)
    captions: int = 0
    captions_measured: int = 0
    descriptions: int = 0
    descriptions_measured: int = 0
    openings: Counter[str] = field(default_factory=Counter)

    def add(self, result: "Result") -> None:
        """Count one result."""
        if result.evidence is not None:
            self.images += 1
            self.with_fact += bool(result.evidence.facts)
            self.facts.update(fact.kind for fact in result.evidence.facts)
        stating = {statement.row for statement in result.statements}
        self.captions += len(result.pairs)
        self.captions_measured += sum(pair.id in stating for pair in result.pairs)
        for debate in result.debates:
            if debate.kind == "description" and debate.is_accepted:
                self.descriptions += 1
                self.descriptions_measured += debate.id in stating
                answers = (turn.content for turn in debate.rounds[-1].messages if turn.role == "assistant")
                self.openings[find_opening(next(answers, ""))] += 1

    def describe(self) -> Row:
        """The manifest's part `evidence`; a share is None where there is nothing to take one of."""
        opening, count = max(self.openings.items(), key=lambda item: (item[1], item[0]), default=(None, 0))
        return {
            "images": self.images,
            "images_with_fact": self.with_fact,
            "share_with_fact": share(self.with_fact, self.images),
            "facts": dict(sorted(self.facts.items())),
            "captions_measured": self.captions_measured,
            "share_of_captions": share(self.captions_measured, self.captions),
            "descriptions_measured": self.descriptions_measured,
            "share_of_descriptions": share(self.descriptions_measured, self.descriptions),
            "commonest_opening": opening,
            "share_of_commonest_opening": share(count, self.descriptions),
        }


def share(count: int, total: int) -> float | None:
    """`count` of `total` with four digits."""
    return round(count / total, 4) if total else None


def find_opening(text: str) -> str:
    """The first three words of a text, lower case, without punctuation."""
    words = (word.strip(".,;:!?\"'“”").lower() for word in text.split())
    return " ".join([word for word in words if word][:OPENING_WORDS])
