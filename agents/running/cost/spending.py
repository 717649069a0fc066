"""The money of a run: what it may cost (`plan`), what it has cost, and whether the next image may still start.

What a backend asks is its own affair: the models stand in its settings (`list_models`), the forecast is the trait
`forecaster` of its entry. A backend without them asks no model that is paid for.
"""

from typing import Any, NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agents.backends.usage import Usage
from agents.config import RunConfig
from agents.conversation.protocol import Job
from agents.conversation.results import Result
from agents.conversation.rules import RuleBook
from agents.running.cost.charges import Charges
from agents.running.cost.forecast import (
    MINED_RULE_TOKENS,
    OBJECTED_EVERY,
    Forecast,
    Forecaster,
    Workload,
    Workloads,
    add_workloads,
)
from agents.running.listener import Listener
from agents.running.source import load_seeds
from agents.store.run_store import RunStore
from tools.endpoint.prices import Prices, load_prices
from tools.errors import BudgetReached
from tools.prompts.lexicon import Lexicon, load_lexicon
from tools.registry import BACKENDS

BOUNDS = ("least", "likely", "most")


def list_models(config: RunConfig) -> tuple[str, ...]:
    """The models that a run asks."""
    found = getattr(config.choose("backend").read(), "list_models", None)
    return tuple(found()) if found else ()


def judges_itself(config: RunConfig) -> bool | None:
    """Whether one model writes and judges; None where no model does."""
    found: bool | None = getattr(config.choose("backend").read(), "judges_itself", None)
    return found


def make_forecaster(config: RunConfig, lexicon: Lexicon) -> Forecaster | None:
    """Says what an image of this run may cost; None where the backend cannot say."""
    make = BACKENDS.load_trait(config.backend, "forecaster")
    if make is None:
        return None
    settings = config.choose("backend").read()
    found: Forecaster = make(settings, config.pack, lexicon, config.candidates, config.max_rounds)
    expect = getattr(found, "expect_evidence", None)
    if config.measures and expect is not None:
        expect()
    debate = getattr(found, "expect_caption_debate", None)
    if config.debates_captions and debate is not None:
        debate()
    return found


def describe_prices(config: RunConfig) -> dict[str, Any]:
    """The price of each model of the run as the manifest has it, None where the table has none.

    It is that of questions that are asked one by one, whatever the transport: a run's files do not hang on it. What
    was paid is in the bill.
    """
    prices, models = load_prices(config.prices), list_models(config)
    found = {model: prices.find(model) for model in models}
    return {
        "date": prices.date.isoformat() if models else None,
        "models": {model: price.model_dump(exclude={"batch"}) if price else None for model, price in found.items()},
    }


def price_workloads(workloads: Workloads, prices: Prices) -> float | None:
    """Cost of a forecast, in US dollars; None when a model has no price."""
    return prices.sum_usd(
        Usage(model=model, prompt_tokens=workload[1], completion_tokens=workload[2])
        for model, workload in workloads.items()
    )


class BillColumn(NamedTuple):
    """Images of one sort and what they ask.

    Attributes:
        least_usd, likely_usd, most_usd: None where a model has no price.
    """

    name: str
    images: int
    least: Workload
    likely: Workload
    most: Workload
    least_usd: float | None
    likely_usd: float | None
    most_usd: float | None


class Bill(NamedTuple):
    """What an endpoint will be asked.

    Attributes:
        columns: caption-only images, debated images, and all.
        counted: how tokens were counted.
        prices: where the prices come from.
        least_hours, likely_hours, most_hours: from the rate limits, None without any.
    """

    columns: tuple[BillColumn, ...]
    counted: str
    prices: str
    least_hours: float | None
    likely_hours: float | None
    most_hours: float | None


class CostEstimator:
    """Adds up forecasts of a run's images.

    At the least the book stays with its seed rules, at the most it is full from the start.
    """

    def __init__(self, config: RunConfig, forecaster: Forecaster) -> None:
        self._limits = config.choose("backend").read()
        self._forecaster = forecaster
        self._prices = load_prices(config.prices).narrow(config.way)
        self._seeds = self._forecaster.count_rules(load_seeds(config))
        self._full = self._seeds + (0 if config.freeze else config.rule_cap * MINED_RULE_TOKENS)
        self._of_batches = ", of batches" if config.way == "batch" else ""
        self._images = [0, 0]
        self._found = (Forecast({}, {}, {}), Forecast({}, {}, {}))

    def add(self, job: Job) -> None:
        """Add one image."""
        found = self._forecaster.forecast(job, self._seeds, self._full)
        sort = int(bool(job.kinds))
        self._images[sort] += 1
        for mine, more in zip(self._found[sort], found, strict=True):
            add_workloads(mine, more)

    def close(self) -> Bill:
        """The bill."""
        whole = Forecast({}, {}, {})
        for part in self._found:
            for mine, more in zip(whole, part, strict=True):
                add_workloads(mine, more)
        columns = (
            self._make_column("caption-only images", self._images[0], self._found[0]),
            self._make_column("debated images", self._images[1], self._found[1]),
            self._make_column("all images", sum(self._images), whole),
        )
        return Bill(
            columns=columns,
            counted=self._forecaster.counted,
            prices=f"table of {self._prices.date}{self._of_batches}, check it before you rely on it",
            least_hours=self._count_hours(columns[-1].least),
            likely_hours=self._count_hours(columns[-1].likely),
            most_hours=self._count_hours(columns[-1].most),
        )

    def _make_column(self, name: str, images: int, found: Forecast) -> BillColumn:
        least, likely, most = (sum_workloads(part) for part in found)
        least_usd, likely_usd, most_usd = (price_workloads(part, self._prices) for part in found)
        return BillColumn(name, images, least, likely, most, least_usd, likely_usd, most_usd)

    def _count_hours(self, workload: Workload) -> float | None:
        minutes = []
        if requests := getattr(self._limits, "requests_per_minute", None):
            minutes.append(workload.requests / requests)
        if tokens := getattr(self._limits, "tokens_per_minute", None):
            minutes.append((workload.prompt_tokens + workload.completion_tokens) / tokens)
        return max(minutes) / 60 if minutes else None


def open_estimator(config: RunConfig) -> CostEstimator | None:
    """An estimator for this run; None where its backend cannot say what an image may cost."""
    forecaster = make_forecaster(config, load_lexicon(config.pack))
    return None if forecaster is None else CostEstimator(config, forecaster)


def sum_workloads(workloads: Workloads) -> Workload:
    """All models together."""
    total = Workload()
    for workload in workloads.values():
        total = total.plus(workload)
    return total


def show_bill(bill: Bill) -> RenderableType:
    """The bill as a table, with what it rests on below."""
    table = Table(box=None, padding=(0, 1))
    for head in ("", *(part.name for part in bill.columns)):
        table.add_column(head, justify="right" if head else "left")
    table.add_row("images", *(f"{part.images:,}" for part in bill.columns))
    for place, name in enumerate(("requests", "input tokens", "output tokens")):
        for bound in BOUNDS:
            table.add_row(f"{name}, {bound}", *(f"{getattr(part, bound)[place]:,}" for part in bill.columns))
    for bound in BOUNDS:
        table.add_row(f"US dollars, {bound}", *(_format_usd(getattr(part, f"{bound}_usd")) for part in bill.columns))
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


class Budget:
    """An image may start when what was spent, the most that those under way can cost, and the most it can cost fit.

    Args:
        limit_usd: of the whole run, replies that were stored before included.
        spent_usd: what the images that are final cost.
        charges: what was billed.
        prices: has every model of the run.
        forecaster: says what an image can cost at the most.
    """

    def __init__(
        self, limit_usd: float, spent_usd: float, charges: Charges, prices: Prices, forecaster: Forecaster
    ) -> None:
        self._limit = limit_usd
        self._charges = charges
        self._prices = prices
        self._forecaster = forecaster
        self._reserved: dict[int, float] = {}
        self._next = 0.0
        self.spent_usd = spent_usd

    def reserve(self, job: Job, book: RuleBook) -> bool:
        """Set money aside for an image; False when it does not fit now."""
        tokens = self._forecaster.count_rules(book.rules)
        self._next = price_workloads(self._forecaster.forecast(job, tokens, tokens).most, self._prices) or 0.0
        if self.spent_usd + sum(self._reserved.values()) + self._next > self._limit:
            return False
        self._reserved[job.index] = self._next
        return True

    def settle(self, result: Result) -> None:
        """Put what an image cost in the place of what was set aside."""
        self.pay(result.index, self._charges.find_cost(result.image_id, result.usage) or 0.0)

    def pay(self, index: int, usd: float) -> None:
        """The same, where its cost is known."""
        self._reserved.pop(index, None)
        self.spent_usd += usd

    def explain(self) -> BudgetReached:
        """The end of a run whose next image does not fit."""
        return BudgetReached(
            f"--budget {self._limit:g} is reached: ${self.spent_usd:.4f} are spent, and the next image may cost up to "
            f"${self._next:.4f}; what is final is exported. Raise --budget and run the same command again: it goes on"
        )


def make_charges(config: RunConfig) -> Charges:
    """What the images of a run cost, by the prices of the way in which it asks."""
    return Charges(config.out, load_prices(config.prices).narrow(config.way))


def make_budget(config: RunConfig, store: RunStore, lexicon: Lexicon, charges: Charges) -> Budget | None:
    """The budget of a run that has one.

    Raises:
        UsageError: a model has no price.
    """
    forecaster = None if config.budget is None else make_forecaster(config, lexicon)
    if config.budget is None or forecaster is None:
        return None
    prices = load_prices(config.prices).narrow(config.way)
    prices.require(list_models(config), "--budget" if config.way == "chat" else "--budget with --transport batch")
    return Budget(config.budget, charges.sum_usd(store) or 0.0, charges, prices, forecaster)


class SpendingReporter:
    """Tells a listener what became of each image and what the run has cost so far."""

    def __init__(self, charges: Charges, store: RunStore, listener: Listener) -> None:
        self._listener = listener
        self._charges = charges
        self._spent = charges.sum_usd(store)

    def tell(self, result: Result) -> None:
        """One more image is final."""
        self._listener.hear(result)
        if not result.usage:
            return
        cost = self._charges.find_cost(result.image_id, result.usage)
        if self._spent is not None and cost is not None:
            self._spent += cost
            self._listener.spend(self._spent)
