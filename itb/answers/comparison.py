"""Comparisons of temperature: which of the options is warmer, whichever of them a sentence begins with."""

import re
from collections.abc import Iterator, Sequence

from itb.answers.reading import AMBIGUOUS, Reading

_MORE = r"warmer|hotter|brighter|higher|more|greater|lighter|warmest|hottest|brightest|highest|larger"
_LESS = r"cooler|colder|darker|lower|less|fewer|coolest|coldest|darkest|lowest|smaller"
_WORD = re.compile(
    rf"(?P<not>(?:\bnot|n't|\bnever)\s+(?:any\s+|necessarily\s+)?)?(?:\b(?:(?P<more>{_MORE})|(?P<less>{_LESS}))\b|(?P<sign>[<>]))"
    r"|(?P<short>(?:\bnot|n't)\s+(?:as|so)\s+(?:warm|hot|bright|high)\s+as\b)",
    re.IGNORECASE,
)
_THAN = re.compile(r"\b(?:than|compared\s+(?:to|with)|versus|vs)\b", re.IGNORECASE)
_IDENTIFIES = re.compile(r"[^.;,\n]{0,40}?\b(?:is|at|would\s+be)\b|\s*:", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.;\n]+")
_ASKS_LESS = re.compile(rf"\b(?:{_LESS})\b", re.IGNORECASE)


def compare_options(text: str, named: re.Pattern[str], options: Sequence[str], question: str) -> Reading | None:
    """The option of two that the text's comparisons prefer, in the direction that the question asks for.

    Args:
        named: finds an option in a text; its last group says which, as `o<place>`.
    """
    if len(options) != 2 or not _WORD.search(text):
        return None
    wins = {win for sentence in _SENTENCE.findall(text) for win in _find_winners(sentence, named)}
    if not wins:
        return None
    if len(wins) > 1 or None in wins:
        return AMBIGUOUS
    winner = wins.pop() or 0
    return Reading(options[1 - winner if _ASKS_LESS.search(question) else winner])


def _find_winners(sentence: str, named: re.Pattern[str]) -> Iterator[int | None]:
    """The place of the warmer option by each comparison of a sentence; None where a denial leaves it open."""
    spans = [(match.start(), int(str(match.lastgroup)[1:])) for match in named.finditer(sentence)]
    start = 0
    for match in _WORD.finditer(sentence):
        subject = _find_subject(sentence, match, spans, start)
        start = match.end()
        if subject is None:
            continue
        is_less = match["less"] or match["short"] or match["sign"] == "<"
        yield None if match["not"] else 1 - subject if is_less else subject


def _find_subject(sentence: str, match: re.Match[str], spans: Sequence[tuple[int, int]], start: int) -> int | None:
    """Who is compared: the other one than stands behind "than", whom "is" identifies, or who stands before."""
    behind = [(place, option) for place, option in spans if place >= match.end()]
    than = _THAN.search(sentence, match.end())
    if match["sign"] or match["short"]:
        than = re.compile("").search(sentence, match.end())
    if than:
        other = next((option for place, option in behind if place >= than.start()), None)
        if other is not None:
            return 1 - other
    before = [option for place, option in spans if start <= place < match.start()]
    if before:
        return before[-1]
    if behind and _IDENTIFIES.match(sentence, match.end()):
        return behind[0][1]
    return None
