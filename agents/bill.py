"""What an endpoint will be asked by a run, and what that costs and takes: the part of `plan` about money."""

from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agents.budget import price_loads
from agents.config import RunConfig
from agents.forecast import MINED_RULE_TOKENS, Load, Loads, add_loads
from agents.protocol import Job
from agents.run import load_seeds, make_forecaster
from tools.lexicon import load_lexicon
from tools.prices import load_prices
from tools.tokens import make_counter


class Part(NamedTuple):
    """Images of one sort and what they ask.

    Attributes:
        least_usd, most_usd: None where a model has no price.
    """

    name: str
    images: int
    least: Load
    most: Load
    least_usd: float | None
    most_usd: float | None


class Bill(NamedTuple):
    """What an endpoint will be asked.

    Attributes:
        parts: caption-only images, debated images, and all.
        counted: how tokens were counted.
        prices: where the prices come from.
        least_hours, most_hours: from the rate limits, None without any.
    """

    parts: tuple[Part, ...]
    counted: str
    prices: str
    least_hours: float | None
    most_hours: float | None


class Clerk:
    """Adds up forecasts of a run's images.

    At the least the book stays with its seed rules, at the most it is full from the start.
    """

    def __init__(self, config: RunConfig) -> None:
        self._config = config
        self._forecaster = make_forecaster(config, load_lexicon(config.prompts))
        self._prices = load_prices(config.prices)
        self._seeds = self._forecaster.count_rules(load_seeds(config))
        self._full = self._seeds + (0 if config.freeze else config.rule_cap * MINED_RULE_TOKENS)
        self._images = [0, 0]
        self._least: tuple[Loads, Loads] = ({}, {})
        self._most: tuple[Loads, Loads] = ({}, {})

    def add(self, job: Job) -> None:
        """Add one image."""
        found = self._forecaster.forecast(job, self._seeds, self._full)
        sort = int(bool(job.kinds))
        self._images[sort] += 1
        add_loads(self._least[sort], found.least)
        add_loads(self._most[sort], found.most)

    def close(self) -> Bill:
        """The bill."""
        parts = [
            self._make_part(name, self._images[sort], self._least[sort], self._most[sort])
            for sort, name in enumerate(("caption-only images", "debated images"))
        ]
        least: Loads = {}
        most: Loads = {}
        for sort in (0, 1):
            add_loads(least, self._least[sort])
            add_loads(most, self._most[sort])
        parts.append(self._make_part("all images", sum(self._images), least, most))
        return Bill(
            parts=tuple(parts),
            counted=make_counter(self._config.model or "").name,
            prices=f"table of {self._prices.date}, check it before you rely on it",
            least_hours=self._count_hours(parts[-1].least),
            most_hours=self._count_hours(parts[-1].most),
        )

    def _make_part(self, name: str, images: int, least: Loads, most: Loads) -> Part:
        return Part(
            name=name,
            images=images,
            least=sum_loads(least),
            most=sum_loads(most),
            least_usd=price_loads(least, self._prices),
            most_usd=price_loads(most, self._prices),
        )

    def _count_hours(self, load: Load) -> float | None:
        minutes = []
        if self._config.requests_per_minute:
            minutes.append(load.requests / self._config.requests_per_minute)
        if self._config.tokens_per_minute:
            minutes.append((load.prompt_tokens + load.completion_tokens) / self._config.tokens_per_minute)
        return max(minutes) / 60 if minutes else None


def sum_loads(loads: Loads) -> Load:
    """All models together."""
    total = Load()
    for load in loads.values():
        total = total.plus(load)
    return total


def show_bill(bill: Bill) -> RenderableType:
    """The bill as a table, with what it rests on below."""
    table = Table(box=None, padding=(0, 1))
    for head in ("", *(part.name for part in bill.parts)):
        table.add_column(head, justify="right" if head else "left")
    table.add_row("images", *(f"{part.images:,}" for part in bill.parts))
    for place, name in enumerate(("requests", "input tokens", "output tokens")):
        for bound in ("least", "most"):
            table.add_row(f"{name}, {bound}", *(f"{getattr(part, bound)[place]:,}" for part in bill.parts))
    table.add_row("US dollars, least", *(_format_usd(part.least_usd) for part in bill.parts))
    table.add_row("US dollars, most", *(_format_usd(part.most_usd) for part in bill.parts))
    notes = [
        f"tokens: {bill.counted}",
        f"prices: {bill.prices}",
        "at the least: short replies, every debate accepted at once, seed rules only",
        "at the most: the longest replies, every question asked again, no debate accepted early, a full rule book, an "
        "endpoint that ignores n",
        _format_hours(bill.least_hours, bill.most_hours),
    ]
    return Group(table, *(Text(note, style="dim") for note in notes))


def _format_usd(cost_usd: float | None) -> str:
    return "unknown (--prices)" if cost_usd is None else f"{cost_usd:,.2f}"


def _format_hours(least: float | None, most: float | None) -> str:
    if least is None or most is None:
        return "time: name the endpoint's limits with --requests-per-minute and --tokens-per-minute"
    return f"time: {least:,.1f} to {most:,.1f} hours at the rate limits"
