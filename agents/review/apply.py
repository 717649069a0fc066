"""A run's images as people left them: what an export of reviewed texts is made of."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from agents.conversation.results import Result
from agents.review.book import Decision, ReviewBook
from agents.review.record import Review
from agents.review.texts import Body, Key, hash_body
from tools.records import Debate, DebateRound, Message, Pair, Verdict

ReviewedMode = Literal["only", "prefer"]
"""`only`: texts that people accepted or edited; `prefer`: those, and whatever nobody reviewed as the debate left it."""


@dataclass
class ReviewTally:
    """What became of a run's texts.

    Attributes:
        counts: `accepted` and `edited` by people, and `objected_accepted`: those among them that the debate agent had
            objected to; `rejected` by people; `unreviewed`: accepted in the debate, and no person saw them.
        conflicts: rows about which people differ, which are left out.
        met: texts of the run that were reviewed.
    """

    counts: Counter[str] = field(default_factory=Counter)
    conflicts: list[str] = field(default_factory=list)
    met: set[Key] = field(default_factory=set)

    def describe(self, mode: ReviewedMode, book: ReviewBook) -> dict[str, Any]:
        """As the export keeps it; `stale`: reviews of texts that are not in the run any more, or never were."""
        names = ("accepted", "edited", "objected_accepted", "rejected", "unreviewed")
        return {
            "reviewed": mode,
            **{name: self.counts[name] for name in names},
            "conflicts": self.conflicts,
            "stale": sum(key not in self.met for key in book.list_keys()),
            "torn_lines": book.torn,
        }


class _Said(NamedTuple):
    """What people decided about a text, and what it says now."""

    decision: Decision | None
    body: Body


def apply_reviews(result: Result, book: ReviewBook, mode: ReviewedMode, tally: ReviewTally) -> Result:
    """The image with its captions and instructions as people left them, and what they reject, or differ about, gone.

    A text that the debate agent objected to and people accept, or edit, is there as if it had been accepted.
    """
    pairs = [pair for pair in (_settle_pair(pair, book, mode, tally) for pair in result.pairs) if pair is not None]
    pairs += _rescue_pairs(result, book, tally)
    pairs.sort(key=lambda pair: int(pair.id.rpartition("-")[2]))
    debates = (_settle_debate(debate, book, mode, tally) for debate in result.debates)
    kept = tuple(debate for debate in debates if debate is not None)
    return result.model_copy(update={"pairs": tuple(pairs), "debates": kept})


def _settle(id: str, body: Body, book: ReviewBook, tally: ReviewTally) -> _Said:
    key = Key(id, hash_body(body))
    opinions = book.find(key)
    decision = book.decide(key)
    if decision is not None:
        tally.met.add(key)
    edit: Review | None = next(iter(opinions.values())) if decision == "edit" else None
    return _Said(decision, body if edit is None or edit.edited is None else edit.edited)


def _count(said: _Said, id: str, mode: ReviewedMode, tally: ReviewTally) -> bool:
    """Whether a text that the debate left accepted goes into the export."""
    if said.decision is None:
        tally.counts["unreviewed"] += 1
        return mode == "prefer"
    if said.decision == "conflict":
        tally.conflicts.append(id)
        return False
    tally.counts[{"accept": "accepted", "edit": "edited", "reject": "rejected"}[said.decision]] += 1
    return said.decision != "reject"


def _settle_pair(pair: Pair, book: ReviewBook, mode: ReviewedMode, tally: ReviewTally) -> Pair | None:
    said = _settle(pair.id, pair.caption, book, tally)
    return pair.model_copy(update={"caption": said.body}) if _count(said, pair.id, mode, tally) else None


def _settle_debate(debate: Debate, book: ReviewBook, mode: ReviewedMode, tally: ReviewTally) -> Debate | None:
    saids = [_settle(debate.id, attempt.messages, book, tally) for attempt in debate.rounds]
    if debate.is_accepted:
        kept = _count(saids[-1], debate.id, mode, tally)
        return _end_with(debate, len(saids) - 1, saids[-1].body) if kept else None
    place = _find_rescued(saids, debate.id, tally)
    return None if place is None else _end_with(debate, place, saids[place].body)


def _find_rescued(saids: list[_Said], id: str, tally: ReviewTally) -> int | None:
    """The last of a row's attempts that people accept or edit, where the debate accepted none."""
    if any(said.decision == "conflict" for said in saids):
        tally.conflicts.append(id)
        return None
    places = [place for place, said in enumerate(saids) if said.decision in ("accept", "edit")]
    if not places:
        tally.counts["rejected"] += any(said.decision == "reject" for said in saids)
        return None
    tally.counts["accepted" if saids[places[-1]].decision == "accept" else "edited"] += 1
    tally.counts["objected_accepted"] += 1
    return places[-1]


def _end_with(debate: Debate, place: int, messages: Body) -> Debate:
    """The debate up to an attempt, which is accepted with these messages."""
    last: DebateRound = debate.rounds[place]
    if isinstance(messages, str) or (last.verdict.is_accepted and messages == last.messages):
        return debate
    return _replace_last(debate, place, messages)


def _replace_last(debate: Debate, place: int, messages: tuple[Message, ...]) -> Debate:
    accepted = debate.rounds[place].model_copy(update={"messages": messages, "verdict": Verdict(is_accepted=True)})
    return debate.model_copy(update={"rounds": (*debate.rounds[:place], accepted)})


def _rescue_pairs(result: Result, book: ReviewBook, tally: ReviewTally) -> Iterator[Pair]:
    """Captions that the debate refused, and that people accept or edit."""
    attempts: dict[str, list[Pair]] = {}
    there = {pair.id for pair in result.pairs}
    for made in result.caption_rounds:
        for item in made.objected:
            attempts.setdefault(item.pair.id, []).append(item.pair)
    for id, pairs in attempts.items():
        saids = [_settle(id, pair.caption, book, tally) for pair in pairs]
        place = None if id in there else _find_rescued(saids, id, tally)
        if place is not None:
            yield pairs[place].model_copy(update={"caption": saids[place].body})
