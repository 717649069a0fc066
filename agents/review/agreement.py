"""How often the debate agent agrees with people: over all texts, and by category."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

from agents.review.book import Opinions, ReviewBook
from agents.review.figures import Agreement, Pairing, estimate_share, measure, weigh
from agents.review.texts import Key, Text
from tools.intervals import Estimate


class Reviewed(NamedTuple):
    """A text that the debate agent judged, and what people said of it last."""

    text: Text
    opinions: Opinions

    @property
    def is_fault(self) -> bool | None:
        """Whether people find it faulty; None where they differ about that."""
        found = {review.is_fault for review in self.opinions.values()}
        return found.pop() if len(found) == 1 else None

    @property
    def categories(self) -> set[str]:
        """What any of them finds wrong."""
        return {name for review in self.opinions.values() for name in review.categories}


@dataclass
class ReviewedTexts:
    """What agreement is measured on.

    Attributes:
        found: texts that were judged and reviewed.
        judged: how many texts of the run the agent objected to (True), and how many it accepted (False).
        unjudged: reviewed texts that the debate agent has not read.
        met: all reviewed texts that the run still holds.
    """

    found: list[Reviewed] = field(default_factory=list)
    judged: Counter[bool] = field(default_factory=Counter)
    unjudged: int = 0
    met: set[Key] = field(default_factory=set)


def gather_reviewed(texts: Iterable[Text], book: ReviewBook, planned: Collection[Key] | None = None) -> ReviewedTexts:
    """Join the texts of a run with its reviews.

    Args:
        planned: only these texts; None: all.
    """
    made = ReviewedTexts()
    for text in texts:
        key = text.key
        made.judged[bool(text.objections)] += text.is_judged
        if key not in book:
            continue
        made.met.add(key)
        if planned is not None and key not in planned:
            continue
        if text.is_judged:
            made.found.append(Reviewed(text, book.find(key)))
        else:
            made.unjudged += 1
    return made


class AgreementReport(NamedTuple):
    """How the debate agent and people agree.

    Attributes:
        reviewed: figures of the reviewed texts as they are; run: the same, each text standing for as many of the run's
            as were judged alike, None unless texts of both kinds were reviewed.
        by_category: whether agent and people name a category, one a time; a text of which people only say that it is
            faulty names none.
        conflicts: texts of which some people say that they are faulty, and others that they are not; left out.
        people: share of pairs of people who agree about a text whether it is faulty, settled ones left out.
    """

    reviewed: Agreement
    run: Agreement | None
    by_category: dict[str, Agreement]
    judged: dict[bool, int]
    conflicts: int
    unjudged: int
    stale: int
    people: Estimate | None


def report_agreement(made: ReviewedTexts, book: ReviewBook) -> AgreementReport:
    """All figures of a run's reviews."""
    clear = [(item, fault) for item in made.found if (fault := item.is_fault) is not None]
    rows = [Pairing(item.text.image_id, bool(item.text.objections), fault) for item, fault in clear]
    is_both = {row.agent for row in rows} == {True, False}
    return AgreementReport(
        reviewed=measure(rows),
        run=measure(weigh(rows, made.judged)) if is_both else None,
        by_category=_measure_categories([item for item, _ in clear]),
        judged={said: made.judged[said] for said in (True, False)},
        conflicts=len(made.found) - len(clear),
        unjudged=made.unjudged,
        stale=sum(key not in made.met for key in book.list_keys()),
        people=_compare_people(made.found),
    )


def _measure_categories(found: list[Reviewed]) -> dict[str, Agreement]:
    named: defaultdict[str, list[Pairing]] = defaultdict(list)
    by_agent = [{objection.category for objection in item.text.objections} for item in found]
    by_people = [item.categories if item.is_fault else set() for item in found]
    for category in sorted(set().union(*by_agent, *by_people)):
        for item, agent, people in zip(found, by_agent, by_people, strict=True):
            named[category].append(Pairing(item.text.image_id, category in agent, category in people))
    return {category: measure(rows) for category, rows in named.items()}


def _compare_people(found: list[Reviewed]) -> Estimate | None:
    pairs = [
        (item.text.image_id, first.is_fault == second.is_fault, 1.0)
        for item in found
        for first, second in combinations(item.opinions.values(), 2)
    ]
    return estimate_share(pairs)
