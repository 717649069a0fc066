"""What changed between two wordings, and where quoted words stand in a text."""

import difflib
import re
from collections.abc import Sequence
from typing import NamedTuple

MAX_SHOWN = 1500

WORD = re.compile(r"\s*(?:\w+(?:[-'’]\w+)*|[^\w\s])\s*")


class Segment(NamedTuple):
    """A stretch of text; `mark` is 0 for plain text, 1 for a changed word, or the number from 1 of a quote."""

    text: str
    mark: int


class WordDiff(NamedTuple):
    """Two wordings with the words that left the first and those that are new in the second marked."""

    before: tuple[Segment, ...]
    after: tuple[Segment, ...]


def _mark_words(words: Sequence[str], changed: set[int]) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    for index, word in enumerate(words):
        mark = int(index in changed)
        if segments and segments[-1].mark == mark:
            segments[-1] = Segment(segments[-1].text + word, mark)
        else:
            segments.append(Segment(word, mark))
    return tuple(part for segment in segments for part in _free_space(segment))


def _free_space(segment: Segment) -> tuple[Segment, ...]:
    body = segment.text.rstrip()
    if not segment.mark or body == segment.text:
        return (segment,)
    return Segment(body, segment.mark), Segment(segment.text[len(body) :], 0)


def _count_equal(left: Sequence[str], right: Sequence[str]) -> int:
    return next(
        (index for index, (one, other) in enumerate(zip(left, right, strict=False)) if one != other),
        min(len(left), len(right)),
    )


def diff_words(before: str, after: str) -> WordDiff:
    """Mark the words that differ, upper and lower case being equal; the segments of each side join to its text.

    Common ends are set aside first: a long text of repeated words would take minutes otherwise.
    """
    old, new = WORD.findall(before) or [before], WORD.findall(after) or [after]
    old_keys, new_keys = [word.strip().casefold() for word in old], [word.strip().casefold() for word in new]
    start = _count_equal(old_keys, new_keys)
    end = _count_equal(old_keys[start:][::-1], new_keys[start:][::-1])
    old_middle, new_middle = old_keys[start : len(old) - end], new_keys[start : len(new) - end]
    gone, come = set(range(start, len(old) - end)), set(range(start, len(new) - end))
    for block in difflib.SequenceMatcher(None, old_middle, new_middle).get_matching_blocks():
        gone -= set(range(start + block.a, start + block.a + block.size))
        come -= set(range(start + block.b, start + block.b + block.size))
    return WordDiff(_mark_words(old, gone), _mark_words(new, come))


def _find_spans(text: str, quote: str) -> list[tuple[int, int]]:
    """Where a quote stands as whole words; where it does not, as any stretch of text."""
    if not quote.strip():
        return []
    exact = re.escape(quote)
    whole = rf"(?<!\w){exact}(?!\w)"
    return [found.span() for found in re.finditer(whole, text)] or [found.span() for found in re.finditer(exact, text)]


def mark_quotes(text: str, quotes: Sequence[str]) -> tuple[Segment, ...]:
    """Mark every place of every quote with the quote's number; of overlapping places the first and longest stands."""
    spans = sorted(
        (start, -end, number) for number, quote in enumerate(quotes, start=1) for start, end in _find_spans(text, quote)
    )
    segments, position = [], 0
    for start, negative_end, number in spans:
        if start < position:
            continue
        segments += [Segment(text[position:start], 0), Segment(text[start:-negative_end], number)]
        position = -negative_end
    segments.append(Segment(text[position:], 0))
    return tuple(segment for segment in segments if segment.text)


def clip(segments: Sequence[Segment], limit: int = MAX_SHOWN) -> tuple[Segment, ...]:
    """The first `limit` characters, and a note of how many were left out."""
    shown, left = [], limit
    for segment in segments:
        if left > 0:
            shown.append(Segment(segment.text[:left], segment.mark))
        left -= len(segment.text)
    if left < 0:
        shown.append(Segment(f" … ({-left:,} more characters)", 0))
    return tuple(shown)


def clip_text(text: str, limit: int = MAX_SHOWN) -> str:
    """`clip` for plain text."""
    return "".join(segment.text for segment in clip([Segment(text, 0)], limit))
