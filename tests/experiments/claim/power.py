"""How many seeds and questions tell two arms apart, from development scenes: asked for with `--develop`."""

import math

from claim.asking import Asking
from claim.settings import FAMILY
from claim.tables import TITLES
from paper_mini.power import SEEDS, Spread, measure_spread, pool
from paper_mini.tables import Table


def make_power(asking: Asking) -> Table:
    """The spread of every comparison, and which difference is found in 80 of 100 experiments with so many seeds."""
    spreads = {pair: measure_spread(asking.arms[pair[0]], asking.arms[pair[1]]) for pair in FAMILY}
    rows = [_describe(f"{TITLES[first]} - {TITLES[second]}", found) for (first, second), found in spreads.items()]
    rows.append(_describe("all, pooled", pool(list(spreads.values()))))
    head = ("difference", "SD of a seed", "SD of groups", "SD of the rest", *(f"{count} seeds" for count in SEEDS))
    seeds = len(next(iter(asking.arms.values())).right)
    note = (
        f"{asking.count_questions()} questions in {len(asking.asked.groups)} groups; points resolved at 80 % power. "
        + ("One seed says nothing of how seeds vary: its spread is left out." if seeds == 1 else f"{seeds} seeds.")
    )
    return Table("Power", head, rows, note)


def _describe(name: str, found: Spread) -> tuple[str, ...]:
    return (
        name, *(f"{math.sqrt(value):.2f}" for value in found), *(f"{found.resolve(count):.1f}" for count in SEEDS)
    )  # fmt: skip
