"""One fault, one finding: of two categories at the same words the more telling one is named."""

import re
from collections.abc import Collection, Iterable

from tools.prompts.lexicon import Hit

RANKS = {
    name: rank
    for rank, name in enumerate(
        ["brand", "printed_text", "colour", "material", "texture", "lighting", "artwork", "appearance", "unseen"]
    )
}
"""The more telling category first."""
DECORATING = ("artwork", "texture", "appearance", "printed_text")
"""What is said by the way of a thing of another category: "painted" red, red "stripes", the "logo" of a maker."""
TOUCHING = re.compile(r"[ ,-]*(?:(?:in|with|a|an|the|of|and|all|deep|soft|pale)[ ,]+){0,3}")
SENTENCE_END = re.compile(r"[.!?\n]")


def keep_telling(hits: Iterable[Hit], text: str, topics: Collection[str]) -> tuple[Hit, ...]:
    """Leave out what only leads to a more telling attribute that overlaps or touches it.

    Args:
        hits: of all categories.
        text: where they stand.
        topics: words such as "colour", which say nothing more where a sentence names the colour itself.
    """
    found = sorted(hits, key=lambda hit: hit.start)
    if len(found) < 2:
        return tuple(found)
    kept = [
        hit
        for hit in found
        if not (_is_topic(hit, topics) and _is_named(hit, found, text)) and not _is_sign_of(hit, found, text)
    ]
    joined: list[Hit] = []
    for hit in kept:
        last = joined[-1] if joined else None
        if last is None or last.category == hit.category or not _touch(last, hit, text):
            joined.append(hit)
            continue
        first, second = RANKS.get(last.category), RANKS.get(hit.category)
        if first is None or second is None or not {last.category, hit.category}.intersection(DECORATING):
            joined.append(hit)
            continue
        best = last if first < second else hit
        end = max(last.end, hit.end)
        joined[-1] = best._replace(start=last.start, end=end, text=text[last.start : end])
    return tuple(_join_marks(joined, text))


MARKS = frozenset(["printed_text", "artwork", "lighting"])
"""Of these one sentence names one fault by its bearer and its kind: a "sticker" that "says 'Hello'"."""


def _join_marks(hits: Iterable[Hit], text: str) -> list[Hit]:
    """What a sentence says of the same print, or of the same light, as one."""
    joined: list[Hit] = []
    for hit in hits:
        last = joined[-1] if joined else None
        is_same = last is not None and {last.category, hit.category} <= MARKS
        is_light = last is not None and "lighting" in (last.category, hit.category)
        if (
            last is None
            or not is_same
            or (is_light and last.category != hit.category)
            or PARTED.search(text, last.end, hit.start)
        ):
            joined.append(hit)
            continue
        best = last if RANKS[last.category] <= RANKS[hit.category] else hit
        end = max(last.end, hit.end)
        joined[-1] = best._replace(start=last.start, end=end, text=text[last.start : end])
    return joined


PARTED = re.compile(r"[.!?\n;]|\b(?:and|while|but|whereas)\b")


def _touch(one: Hit, other: Hit, text: str) -> bool:
    return other.start < one.end or TOUCHING.fullmatch(text, one.end, other.start) is not None


def _is_topic(hit: Hit, topics: Collection[str]) -> bool:
    return hit.category == "colour" and hit.text.lower().split()[-1] in topics


SUGGESTING = re.compile(r"[^.!?;\n]{0,40}\b(?:suggests?|indicates?|points? to|hints? at|speaks? for)\b[^.!?;\n]{0,40}")

STATED = re.compile(r" (?:is|are|can be) ")
QUALIFIED = re.compile(r"\b(?:rough|smooth|coarse|fine|soft|grainy) $")
"""What is said of a texture itself."""


def _is_sign_of(hit: Hit, hits: Iterable[Hit], text: str) -> bool:
    """Whether a texture is only named as what suggests an attribute: "the texture suggests that it is velvet"."""
    is_stated = QUALIFIED.search(text, 0, hit.start) or STATED.match(text, hit.end)
    return (
        hit.text.lower() == "texture"
        and not is_stated
        and any(other.start > hit.end and SUGGESTING.fullmatch(text, hit.end, other.start) for other in hits)
    )


def _is_named(topic: Hit, hits: Iterable[Hit], text: str) -> bool:
    """Whether the same sentence names an attribute of the topic's category in other words."""
    for hit in hits:
        if hit is not topic and hit.category == topic.category:
            between = text[min(topic.end, hit.end) : max(topic.start, hit.start)]
            if not SENTENCE_END.search(between) and hit.text.lower().split()[0] != topic.text.lower().split()[0]:
                return True
    return False
