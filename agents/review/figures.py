"""How far the debate agent and people agree, in figures with 95 % intervals; texts of one image hang together.

What is to be found is a faulty text: one that people reject or edit. The debate agent finds it by an objection.
Precision: of what it objects to, the share that people find faulty. Recall: of what people find faulty, the share that
it objects to. Kappa (Cohen 1960): agreement beyond that of chance; 0 is chance, 1 always.

Objected and accepted texts may have been reviewed at different rates. Each text then counts for as many of the run's as
were reviewed alike (`weigh`), so that recall and kappa speak of the run and not of the choice of texts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from tools.intervals import Estimate, bound, sum_influence


class Pairing(NamedTuple):
    """What the debate agent and people say of one text: whether it is faulty.

    Attributes:
        group: its image.
        weight: for how many texts it stands.
    """

    group: str
    agent: bool
    people: bool
    weight: float = 1.0


class Agreement(NamedTuple):
    """Counts of texts, and what follows; None where there is nothing to take a share of."""

    both: int
    agent_alone: int
    people_alone: int
    neither: int
    agreement: Estimate | None
    precision: Estimate | None
    recall: Estimate | None
    kappa: Estimate | None

    @property
    def n(self) -> int:
        """All texts."""
        return self.both + self.agent_alone + self.people_alone + self.neither


def weigh(rows: Iterable[Pairing], judged: Mapping[bool, int]) -> list[Pairing]:
    """Rows that stand for all texts that the agent judged alike.

    Args:
        judged: how many texts of the run the agent objected to (True), and how many it accepted (False).
    """
    found = list(rows)
    reviewed = Counter(row.agent for row in found)
    return [row._replace(weight=judged[row.agent] / reviewed[row.agent]) for row in found]


def measure(rows: Sequence[Pairing]) -> Agreement:
    """All figures of some texts."""
    counts = Counter((row.agent, row.people) for row in rows)
    return Agreement(
        both=counts[True, True],
        agent_alone=counts[True, False],
        people_alone=counts[False, True],
        neither=counts[False, False],
        agreement=estimate_share([(row.group, row.agent == row.people, row.weight) for row in rows]),
        precision=estimate_share([(row.group, row.people, row.weight) for row in rows if row.agent]),
        recall=estimate_share([(row.group, row.agent, row.weight) for row in rows if row.people]),
        kappa=estimate_kappa(rows),
    )


def estimate_share(rows: Sequence[tuple[str, bool, float]]) -> Estimate | None:
    """A share of weighted texts (group, whether it counts, weight); None of nothing."""
    if not rows:
        return None
    total = sum(weight for _, _, weight in rows)
    share = sum(weight for _, is_so, weight in rows if is_so) / total
    influence: dict[object, float] = {}
    sizes: dict[object, float] = {}
    for group, is_so, weight in rows:
        sum_influence([(group, is_so - share)], weight / total, influence)
        sum_influence([(group, 1.0)], weight / total, sizes)
    return bound(share, influence, sizes, len(rows))


def estimate_kappa(rows: Sequence[Pairing]) -> Estimate | None:
    """Cohen's kappa, its interval by the delta method; None where agent or people say the same of all texts alike.

    Where all agree, that method gives no interval: then it is that of the agreement, less the chance.
    """
    total = sum(row.weight for row in rows)
    if not rows or not total:
        return None
    agree = sum(row.weight for row in rows if row.agent == row.people) / total
    agent, people = (sum(row.weight for row in rows if row[place]) / total for place in (1, 2))
    chance = agent * people + (1 - agent) * (1 - people)
    if chance >= 1 - 1e-12:
        return None
    kappa = (agree - chance) / (1 - chance)
    influence: dict[object, float] = {}
    sizes: dict[object, float] = {}
    for row in rows:
        pull = (row.agent - agent) * (2 * people - 1) + (row.people - people) * (2 * agent - 1)
        own = ((row.agent == row.people) - agree) * (1 - chance) - (1 - agree) * pull
        sum_influence([(row.group, own / (1 - chance) ** 2)], row.weight / total, influence)
        sum_influence([(row.group, 1.0)], row.weight / total, sizes)
    found = bound(kappa, influence, sizes, len(rows), is_share=False)
    if found.low is None or found.high is None:
        return found
    if agree >= 1 - 1e-12:
        share = estimate_share([(row.group, True, row.weight) for row in rows])
        low = None if share is None or share.low is None else (share.low - chance) / (1 - chance)
        return found._replace(low=low, high=1.0)
    return found._replace(low=max(-1.0, found.low), high=min(1.0, found.high))
