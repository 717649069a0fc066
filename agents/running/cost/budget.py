"""The money of a run: what its replies cost, and whether the next image may still start."""

from collections.abc import Iterable

from agents.backends.meter import Usage, price_usage
from agents.conversation.protocol import Job
from agents.conversation.rules import RuleBook
from agents.running.cost.forecast import Forecaster, Loads
from tools.endpoint.prices import Prices
from tools.errors import BudgetReached


def price_loads(loads: Loads, prices: Prices) -> float | None:
    """Cost of a forecast, in US dollars; None when a model has no price."""
    return price_usage(
        (Usage(model=model, prompt_tokens=load[1], completion_tokens=load[2]) for model, load in loads.items()), prices
    )


class Budget:
    """An image may start when what was spent, the most that those under way can cost, and the most it can cost fit.

    Args:
        limit_usd: of the whole run, replies that were stored before included.
        spent: what the images that are final cost.
        prices: has every model of the run.
        forecaster: says what an image can cost at the most.
    """

    def __init__(self, limit_usd: float, spent: Iterable[Usage], prices: Prices, forecaster: Forecaster) -> None:
        self._limit = limit_usd
        self._prices = prices
        self._forecaster = forecaster
        self._reserved: dict[int, float] = {}
        self._next = 0.0
        self.spent_usd = price_usage(spent, prices) or 0.0

    def reserve(self, job: Job, book: RuleBook) -> bool:
        """Set money aside for an image; False when it does not fit now."""
        tokens = self._forecaster.count_rules(book.rules)
        self._next = price_loads(self._forecaster.forecast(job, tokens, tokens).most, self._prices) or 0.0
        if self.spent_usd + sum(self._reserved.values()) + self._next > self._limit:
            return False
        self._reserved[job.index] = self._next
        return True

    def settle(self, index: int, usages: Iterable[Usage]) -> None:
        """Put what an image cost in the place of what was set aside."""
        self._reserved.pop(index, None)
        self.spent_usd += price_usage(usages, self._prices) or 0.0

    def explain(self) -> BudgetReached:
        """The end of a run whose next image does not fit."""
        return BudgetReached(
            f"--budget {self._limit:g} is reached: ${self.spent_usd:.4f} are spent, and the next image may cost up to "
            f"${self._next:.4f}; what is final is exported. Raise --budget and run the same command again: it goes on"
        )
