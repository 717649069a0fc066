"""What a run's replies may cost and do cost: its models, their prices, the forecast, the budget.

What a backend asks is its own affair: the models stand in its settings (`list_models`), the forecast is the trait
`forecaster` of its entry. A backend without them asks no model that is paid for.
"""

from typing import Any

from agents.backends.meter import price_usage
from agents.config import RunConfig
from agents.conversation.results import Result
from agents.running.cost.budget import Budget
from agents.running.cost.forecast import Forecaster
from agents.running.listener import Listener
from agents.store.run_store import RunStore
from tools.endpoint.prices import load_prices
from tools.prompts.lexicon import Lexicon
from tools.registry import BACKENDS


def list_models(config: RunConfig) -> tuple[str, ...]:
    """The models that a run asks."""
    found = getattr(config.choose("backend").read(), "list_models", None)
    return tuple(found()) if found else ()


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


def make_budget(config: RunConfig, store: RunStore, lexicon: Lexicon) -> Budget | None:
    """The budget of a run that has one.

    Raises:
        UsageError: a model has no price.
    """
    forecaster = None if config.budget is None else make_forecaster(config, lexicon)
    if config.budget is None or forecaster is None:
        return None
    prices = load_prices(config.prices)
    prices.require(list_models(config), "--budget")
    return Budget(config.budget, store.read_usage(), prices, forecaster)


def describe_prices(config: RunConfig) -> dict[str, Any]:
    """The price of each model of the run as the manifest has it, None where the table has none."""
    prices, models = load_prices(config.prices), list_models(config)
    found = {model: prices.find(model) for model in models}
    return {
        "date": prices.date.isoformat() if models else None,
        "models": {model: price.model_dump() if price else None for model, price in found.items()},
    }


class Teller:
    """Tells a listener what became of each image and what the run has cost so far."""

    def __init__(self, config: RunConfig, store: RunStore, listener: Listener) -> None:
        self._listener = listener
        self._prices = load_prices(config.prices)
        self._spent = price_usage(store.read_usage(), self._prices)

    def tell(self, result: Result) -> None:
        """One more image is final."""
        self._listener.hear(result)
        if not result.usage:
            return
        cost = price_usage(result.usage, self._prices)
        if self._spent is not None and cost is not None:
            self._spent += cost
            self._listener.spend(self._spent)
