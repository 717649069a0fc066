"""What the index says of one image: numbers to sort by, tags to filter by, and the words that are searched."""

from collections.abc import Iterator
from typing import NamedTuple

from agents.studio.index.slim import Slim

TAGS = ("verdict", "kind", "category", "rule", "round", "code")
"""By what images are filtered."""


class Numbers(NamedTuple):
    """What images are sorted by."""

    rounds: int
    objections: int
    leaks: int
    edits: int
    tokens: int
    score: float | None


def count(slim: Slim) -> Numbers:
    """The numbers of one image; its score is the lowest of those of its chosen captions."""
    scores = [one["score"] for pair in slim.pairs for one in pair.candidates if one.get("text") == pair.caption]
    return Numbers(
        rounds=slim.rounds,
        objections=len(slim.list_objections()),
        leaks=sum(tally.after + tally.assistant for tally in slim.leaks),
        edits=sum(pair.caption != pair.original for pair in slim.pairs),
        tokens=sum(used.prompt_tokens + used.completion_tokens for used in slim.usage),
        score=min(scores, default=None),
    )


def tag(slim: Slim) -> set[tuple[str, str]]:
    """The tags of one image."""
    return set(_tag(slim))


def _tag(slim: Slim) -> Iterator[tuple[str, str]]:
    yield from (("verdict", verdict) for verdict in slim.verdicts)
    yield from (("kind", debate.kind) for debate in slim.debates)
    yield from (("category", category) for category in slim.list_objections())
    yield from (("rule", rule) for pair in slim.pairs for rule in pair.applied)
    yield from (("rule", f"mined-{slim.image_id}-{place}") for place in range(slim.count_mined()))
    if slim.rounds:
        yield "round", str(slim.rounds)
    yield from (("code", each.code) for each in slim.refused)
    if slim.reject is not None:
        yield "code", slim.reject.code


def list_words(slim: Slim) -> str:
    """Everything of one image that a search looks in."""
    parts = [str(slim.image_id), slim.photo]
    for pair in slim.pairs:
        parts += [pair.original, pair.caption]
    for debate in slim.debates:
        parts += [message.content for message in debate.rounds[-1].messages] if debate.rounds else []
    parts += [slim.reject.reason] if slim.reject else []
    return "\n".join(parts)
