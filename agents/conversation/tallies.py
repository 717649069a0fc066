"""What is counted of one image's texts: what they leak and through whom, what they state, how clean captions fared."""

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from agents.backends.clean import is_checked
from agents.checks.brightness import find_leaks
from agents.checks.trace import Statement, trace_statements
from agents.conversation.protocol import (
    CaptionsFiltered,
    InstructionWritten,
    State,
    list_debates,
)
from agents.conversation.results import CleanTally, LedgerAgent, LedgerRow, Result, Tally
from tools.evidence import Evidence
from tools.prompts.lexicon import Lexicon
from tools.records import Box, Debate, Message, Pair


def list_statements(
    pairs: Sequence[Pair], debates: Iterable[Debate], evidence: Evidence, boxes: Sequence[Box], lexicon: Lexicon
) -> tuple[Statement, ...]:
    """What captions and accepted instructions say that was measured."""
    captions, words = tuple(pair.caption for pair in pairs), lexicon.pack.words
    texts: list[tuple[str, tuple[Message, ...]]] = [
        (pair.id, (Message(role="assistant", content=pair.caption),)) for pair in pairs
    ]
    texts += [(debate.id, debate.rounds[-1].messages) for debate in debates if debate.is_accepted]
    return tuple(
        statement
        for row, messages in texts
        for statement in trace_statements(row, messages, boxes, captions, evidence, words)
    )


class LeakFinder:
    """The categories that the texts of one image name, each text looked through once.

    Args:
        is_measured: words for bright and dark are of what was measured in the image, and no leak.
    """

    def __init__(self, lexicon: Lexicon, *, is_measured: bool = False) -> None:
        self._lexicon = lexicon
        self._is_measured = is_measured
        self._found: dict[str, frozenset[str]] = {}

    def find(self, text: str) -> frozenset[str]:
        """What a text names."""
        if text not in self._found:
            self._found[text] = frozenset(_find(text, self._lexicon, self._is_measured))
        return self._found[text]


def tally_leaks(pairs: Iterable[Pair], debates: Iterable[Debate], finder: LeakFinder) -> tuple[Tally, ...]:
    """How many captions (before, after) and assistant messages of accepted instructions name each category."""
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    assistant: Counter[str] = Counter()

    for pair in pairs:
        before.update(finder.find(pair.original))
        after.update(finder.find(pair.caption))
    for debate in debates:
        if debate.is_accepted:
            for message in debate.rounds[-1].messages:
                if message.role == "assistant":
                    assistant.update(finder.find(message.content))
    return tuple(
        Tally(category=name, before=before[name], after=after[name], assistant=assistant[name])
        for name in sorted(before | after | assistant)
    )


def keep_ledger(final: State, finder: LeakFinder) -> tuple[LedgerRow, ...]:
    """What each agent removed, left, brought in and dropped, in the order of the conversation.

    An answer is a message of the assistant; those of two attempts at an instruction are matched by their place.
    """
    first = next((event.pairs for event in final.events if isinstance(event, CaptionsFiltered)), ())
    originals = {f"{final.job.photo.image_id}-{place}": text for place, text in enumerate(final.job.photo.captions)}
    originals = {pair.id: pair.original for pair in first} | originals
    chosen, settled = ({pair.id: pair.caption for pair in pairs} for pairs in (first, final.standing.pairs))
    rows = count_ways("captions", "caption", ((text, chosen.get(name)) for name, text in originals.items()), finder)
    rows += count_ways("captions", "debate", ((text, settled.get(name)) for name, text in chosen.items()), finder)
    drafts, later = _pair_answers(final)
    return (
        *rows,
        *count_ways("answers", "task", (("", text) for text in drafts), finder),
        *count_ways("answers", "debate", later, finder),
    )


def _pair_answers(final: State) -> tuple[list[str], list[tuple[str, str | None]]]:
    """The answers of first attempts, and each with what stands in its place at the end, None where that failed."""
    drafts: list[str] = []
    later: list[tuple[str, str | None]] = []
    accepted = {debate.kind: debate.rounds[-1].messages for debate in list_debates(final) if debate.is_accepted}
    for event in final.events:
        if isinstance(event, InstructionWritten) and event.round == 1:
            answers = _list_answers(event.messages)
            drafts += answers
            if event.kind in accepted:
                later += itertools.zip_longest(answers, _list_answers(accepted[event.kind]), fillvalue="")
            else:
                later += [(answer, None) for answer in answers]
    return drafts, later


def _list_answers(messages: Iterable[Message]) -> list[str]:
    return [message.content for message in messages if message.role == "assistant"]


def count_ways(
    texts: Literal["captions", "answers"],
    agent: LedgerAgent,
    ways: Iterable[tuple[str, str | None]],
    finder: LeakFinder,
) -> list[LedgerRow]:
    """Rows of one agent: the one of all categories first, then by name.

    Args:
        ways: each text before and after, None where it was dropped.
    """
    counts: dict[str | None, Counter[str]] = {}
    for before, after in ways:
        named = finder.find(before)
        left = None if after is None else finder.find(after)
        both = named | (left or frozenset())
        for category in (None, *both) if both else ():
            was = bool(named) if category is None else category in named
            is_left = bool(left) if category is None else left is not None and category in left
            outcome = "introduced" if not was else "dropped" if left is None else "survived" if is_left else "removed"
            counts.setdefault(category, Counter())[outcome] += 1
    order = sorted(counts, key=lambda category: (category is not None, category or ""))
    return [LedgerRow(texts=texts, agent=agent, category=category, **counts[category]) for category in order]


def _find(text: str, lexicon: Lexicon, is_measured: bool) -> set[str]:
    return set(find_leaks(text, lexicon, is_measured=is_measured))


def tally_clean(seed: int, result: Result, lexicon: Lexicon) -> CleanTally:
    """How this image's captions fared, those that the lexicon finds something in and the others."""
    found: Counter[str] = Counter()
    for pair in result.pairs:
        sample = int(pair.id.rpartition("-")[2])
        is_flagged = bool(lexicon.find(pair.original))
        if not is_flagged and not is_checked(seed, result.image_id, sample):
            found["skipped"] += 1
            continue
        name = "flagged" if is_flagged else "checked"
        found[name] += 1
        found[f"{name}_changed"] += pair.caption != pair.original
    return CleanTally(**found)
