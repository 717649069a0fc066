"""All that a sentence claims of where things are, by whatever grammar reads it, and which of it is wrong."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agents.checks.claims.answers import answer_related, answer_what, answer_where, asks_where
from agents.checks.claims.judging import is_disarranged, is_misplaced, is_no_extreme, is_not_spread, is_unrelated
from agents.checks.evidence import Evidence
from agents.checks.places.arrangements import ArrangementClaim, find_arrangements
from agents.checks.places.extremes import ExtremeClaim, find_extremes
from agents.checks.places.placements import PlaceClaim, find_places
from agents.checks.places.relations import RelationClaim, find_relations
from agents.checks.places.sides import find_same, find_sides
from agents.checks.places.spreads import SpreadClaim, find_spreads
from agents.english.categories import Mention
from agents.english.sentences import Sentence

SENTENCES_OF_ANSWER = 2
"""So many at the head of an answer may be no whole sentences, but go on with the question."""


class Located(NamedTuple):
    """The claims of a sentence, by kind."""

    places: Sequence[PlaceClaim]
    relations: Sequence[RelationClaim]
    spreads: Sequence[SpreadClaim]
    arrangements: Sequence[ArrangementClaim]
    extremes: Sequence[ExtremeClaim]


def read_located(sentence: Sentence, antecedents: Sequence[Mention], question: Sentence | None, said: int) -> Located:
    """Read what a sentence claims of places, order and spread.

    Args:
        sentence: where to look.
        antecedents: what "it" and "they" may stand for.
        question: what was asked last, if anything.
        said: sentences since then.
    """
    places = list(find_places(sentence, antecedents))
    if not places and said < SENTENCES_OF_ANSWER:
        places = [*answer_where(sentence, question), *answer_what(sentence, question)]
    places += find_same(sentence, places)
    is_answer = said == 0 and question is not None and asks_where(question)
    relations = list(find_relations(sentence, antecedents, is_answer=is_answer))
    if not relations and said == 0:
        relations = list(answer_related(sentence, question))
    found = Located(
        places,
        relations,
        list(find_spreads(sentence)),
        list(find_arrangements(sentence)),
        list(find_extremes(sentence, antecedents)),
    )
    if any(found):
        return found
    sides = list(find_sides(sentence))
    return found._replace(
        places=[claim for claim in sides if isinstance(claim, PlaceClaim)],
        relations=[claim for claim in sides if isinstance(claim, RelationClaim)],
    )


LocatedClaim = PlaceClaim | RelationClaim | SpreadClaim | ArrangementClaim | ExtremeClaim


def list_wrong(found: Located, evidence: Evidence) -> Iterator[tuple[LocatedClaim, str]]:
    """The claims that the boxes contradict, each with what it does not agree with."""
    yield from ((claim, "where the image has it") for claim in found.places if is_misplaced(claim, evidence))
    yield from ((claim, "how the image has the two") for claim in found.relations if is_unrelated(claim, evidence))
    yield from ((claim, "the image: all are on one side") for claim in found.spreads if is_not_spread(claim, evidence))
    yield from ((claim, "how the image has them") for claim in found.arrangements if is_disarranged(claim, evidence))
    yield from ((claim, "the image: another thing is") for claim in found.extremes if is_no_extreme(claim, evidence))
