"""What is counted of one image's texts: what they leak, what they state that was measured, how clean captions fared."""

from collections import Counter
from collections.abc import Iterable, Sequence

from agents.backends.clean import is_checked
from agents.checks.brightness import find_leaks
from agents.checks.trace import Statement, trace_statements
from agents.conversation.results import CleanTally, Result, Tally
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


def tally_leaks(
    pairs: Iterable[Pair], debates: Iterable[Debate], lexicon: Lexicon, *, is_measured: bool = False
) -> tuple[Tally, ...]:
    """How many captions (before, after) and assistant messages of accepted instructions name each category.

    Args:
        is_measured: words for bright and dark are of what was measured in the image, and no leak.
    """
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    assistant: Counter[str] = Counter()

    for pair in pairs:
        before.update(find_leaks(pair.original, lexicon, is_measured=is_measured).keys())
        after.update(find_leaks(pair.caption, lexicon, is_measured=is_measured).keys())
    for debate in debates:
        if debate.is_accepted:
            for message in debate.rounds[-1].messages:
                if message.role == "assistant":
                    assistant.update(find_leaks(message.content, lexicon, is_measured=is_measured).keys())
    return tuple(
        Tally(category=name, before=before[name], after=after[name], assistant=assistant[name])
        for name in sorted(before | after | assistant)
    )


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
