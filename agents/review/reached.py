"""What the reviews of a plan prove so far."""

from typing import NamedTuple

from agents.review.book import ReviewBook
from agents.review.plan import Plan, PlanEntry, Stratum


class Reached(NamedTuple):
    """How far the sample of one stratum was reviewed, and what it proves.

    Attributes:
        reviewed: texts of the sample that people agree about; faults: those of them that they reject or edit.
        conflicts: texts about which people differ; they count as faulty in the bound, and so does what is open.
        most: so many texts of the population may be faulty at most.
    """

    stratum: Stratum
    reviewed: int
    faults: int
    conflicts: int
    most: int

    @property
    def open(self) -> int:
        """Texts of the sample that nobody reviewed yet."""
        return self.stratum.sample - self.reviewed - self.conflicts

    @property
    def share(self) -> float:
        """`most`, of the population."""
        return self.most / self.stratum.population


def assess_plan(plan: Plan, book: ReviewBook) -> tuple[Reached, ...]:
    """What the reviews prove, a stratum at a time; what is not reviewed yet is taken to be faulty."""
    return tuple(
        _assess(stratum, [entry for entry in plan.entries if entry.stratum == stratum.name], book)
        for stratum in plan.strata
    )


def _assess(stratum: Stratum, entries: list[PlanEntry], book: ReviewBook) -> Reached:
    decisions = [book.decide(entry.key) for entry in entries]
    faults = sum(decision in ("reject", "edit") for decision in decisions)
    reviewed = faults + decisions.count("accept")
    worst = faults + stratum.sample - reviewed
    return Reached(stratum, reviewed, faults, decisions.count("conflict"), stratum.bound(worst))


def list_open(plan: Plan, book: ReviewBook, person: str | None = None) -> list[PlanEntry]:
    """What of a plan is still to be reviewed, by one person or by anybody at all, in the order of the plan."""
    if person is None:
        return [entry for entry in plan.entries if entry.key not in book]
    return [entry for entry in plan.entries if person not in book.find(entry.key)]
