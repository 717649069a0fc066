"""What parsing a reply gives."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

Failure = Literal["empty", "refusal", "ambiguous", "out_of_range", "no_answer"]
"""Why there is no answer. A question without a reply is none of these: it has no prediction at all."""


class Reading(NamedTuple):
    """An answer, or why there is none; exactly one of the two is None."""

    answer: str | None
    failure: Failure | None = None


NO_ANSWER = Reading(None, "no_answer")
AMBIGUOUS = Reading(None, "ambiguous")
OUT_OF_RANGE = Reading(None, "out_of_range")


def choose_only(found: Iterable[str]) -> Reading:
    """The answer when all that was found agrees."""
    distinct = set(found)
    if not distinct:
        return NO_ANSWER
    return Reading(distinct.pop()) if len(distinct) == 1 else AMBIGUOUS
