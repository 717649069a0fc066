"""What an endpoint will be asked by a run, and what that costs and takes: the part of `plan` about money."""

from typing import NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agents.config import RunConfig
from agents.conversation.protocol import Job
from agents.running.cost.budget import price_loads
from agents.running.cost.costs import make_forecaster
from agents.running.cost.forecast import MINED_RULE_TOKENS, OBJECTED_EVERY, Forecast, Forecaster, Load, Loads, add_loads
from agents.running.source import load_seeds
from tools.endpoint.prices import load_prices
from tools.prompts.lexicon import load_lexicon

BOUNDS = ("least", "likely", "most")


class Part(NamedTuple):
    """Images of one sort and what they ask.

    Attributes:
        least_usd, likely_usd, most_usd: None where a model has no price.
    """

    name: str
    images: int
    least: Load
    likely: Load
    most: Load
    least_usd: float | None
    likely_usd: float | None
    most_usd: float | None


class Bill(NamedTuple):
    """What an endpoint will be asked.

    Attributes:
        parts: caption-only images, debated images, and all.
        counted: how tokens were counted.
        prices: where the prices come from.
        least_hours, likely_hours, most_hours: from the rate limits, None without any.
    """

    parts: tuple[Part, ...]
    counted: str
    prices: str
    least_hours: float | None
    likely_hours: float | None
    most_hours: float | None


class Clerk:
    """Adds up forecasts of a run's images.

    At the least the book stays with its seed rules, at the most it is full from the start.
    """

    def __init__(self, config: RunConfig, forecaster: Forecaster) -> None:
        self._limits = config.choose("backend").read()
        self._forecaster = forecaster
        self._prices = load_prices(config.prices)
        self._seeds = self._forecaster.count_rules(load_seeds(config))
        self._full = self._seeds + (0 if config.freeze else config.rule_cap * MINED_RULE_TOKENS)
        self._images = [0, 0]
        self._found = (Forecast({}, {}, {}), Forecast({}, {}, {}))

    def add(self, job: Job) -> None:
        """Add one image."""
        found = self._forecaster.forecast(job, self._seeds, self._full)
        sort = int(bool(job.kinds))
        self._images[sort] += 1
        for mine, more in zip(self._found[sort], found, strict=True):
            add_loads(mine, more)

    def close(self) -> Bill:
        """The bill."""
        whole = Forecast({}, {}, {})
        for part in self._found:
            for mine, more in zip(whole, part, strict=True):
                add_loads(mine, more)
        parts = (
            self._make_part("caption-only images", self._images[0], self._found[0]),
            self._make_part("debated images", self._images[1], self._found[1]),
            self._make_part("all images", sum(self._images), whole),
        )
        return Bill(
            parts=parts,
            counted=self._forecaster.counted,
            prices=f"table of {self._prices.date}, check it before you rely on it",
            least_hours=self._count_hours(parts[-1].least),
            likely_hours=self._count_hours(parts[-1].likely),
            most_hours=self._count_hours(parts[-1].most),
        )

    def _make_part(self, name: str, images: int, found: Forecast) -> Part:
        least, likely, most = (sum_loads(part) for part in found)
        least_usd, likely_usd, most_usd = (price_loads(part, self._prices) for part in found)
        return Part(name, images, least, likely, most, least_usd, likely_usd, most_usd)

    def _count_hours(self, load: Load) -> float | None:
        minutes = []
        if requests := getattr(self._limits, "requests_per_minute", None):
            minutes.append(load.requests / requests)
        if tokens := getattr(self._limits, "tokens_per_minute", None):
            minutes.append((load.prompt_tokens + load.completion_tokens) / tokens)
        return max(minutes) / 60 if minutes else None


def open_clerk(config: RunConfig) -> Clerk | None:
    """A clerk for this run; None where its backend cannot say what an image may cost."""
    forecaster = make_forecaster(config, load_lexicon(config.pack))
    return None if forecaster is None else Clerk(config, forecaster)


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
        for bound in BOUNDS:
            table.add_row(f"{name}, {bound}", *(f"{getattr(part, bound)[place]:,}" for part in bill.parts))
    for bound in BOUNDS:
        table.add_row(f"US dollars, {bound}", *(_format_usd(getattr(part, f"{bound}_usd")) for part in bill.parts))
    notes = [
        f"tokens: {bill.counted}",
        f"prices: {bill.prices}",
        "least: short replies, every debate accepted at once, seed rules only",
        "likely: replies like the worked examples, one rejection and a mined rule in each debate of an instruction, "
        f"and where captions are debated an objection to one in every {OBJECTED_EVERY}th image; no bound",
        "most: the longest replies, every question asked again, no debate accepted early, a full rule book, an "
        "endpoint that ignores n",
        _format_hours(bill),
    ]
    return Group(table, *(Text(note, style="dim") for note in notes))


def _format_usd(cost_usd: float | None) -> str:
    return "unknown (--prices)" if cost_usd is None else f"{cost_usd:,.2f}"


def _format_hours(bill: Bill) -> str:
    if bill.least_hours is None or bill.likely_hours is None or bill.most_hours is None:
        return "time: name the endpoint's limits with --requests-per-minute and --tokens-per-minute"
    return (
        f"time at the rate limits: likely {bill.likely_hours:,.1f} hours, "
        f"{bill.least_hours:,.1f} at the least, {bill.most_hours:,.1f} at the most"
    )
