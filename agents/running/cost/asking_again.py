"""What asking again about an image may cost, and whether the next one still fits into a budget.

An image costs what filtering those of its captions costs that break a rule of the final book, and nothing else: the
backend's own forecast of an image with these captions alone.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from agents.backends.asked.ledger import REQUESTS, Ledger
from agents.config import RunConfig
from agents.conversation.protocol import Job
from agents.conversation.refilter import find_text, list_broken
from agents.conversation.results import Result
from agents.conversation.rules import RuleBook
from agents.running.cost.charges import Charges
from agents.running.cost.forecast import Forecast, Forecaster
from agents.running.cost.spending import Budget, list_models, make_forecaster
from tools.endpoint.prices import load_prices
from tools.errors import UsageError
from tools.prompts.lexicon import Lexicon
from tools.records import Photo


class AgainCost:
    """Says what filtering an image again asks, and what that may cost.

    Args:
        config: how it is asked.
        book: the final rules.
    """

    def __init__(self, config: RunConfig, book: RuleBook, lexicon: Lexicon) -> None:
        self._book = book
        self._lexicon = lexicon
        self._config = config
        self.forecaster = _make_forecaster(config, lexicon)

    def forecast(self, job: Job) -> Forecast:
        """What that may cost; nothing where the backend cannot say."""
        if self.forecaster is None:
            return Forecast({}, {}, {})
        tokens = self.forecaster.count_rules(self._book.rules)
        return self.forecaster.forecast(job, tokens, tokens)

    def make_job(self, result: Result) -> Job | None:
        """What is asked about an image, as a job; None where nothing is."""
        texts = tuple(find_text(pair) for pair in list_broken(result, self._book, self._lexicon))
        if not texts:
            return None
        photo = Photo(
            image_id=result.image_id, file_name=result.photo, width=1, height=1, captions=texts, boxes=()
        )  # the size of no picture counts: none is sent
        return Job(index=result.index, block=0, seed=self._config.seed, photo=photo, photo_path="", kinds=())


def _make_forecaster(config: RunConfig, lexicon: Lexicon) -> Forecaster | None:
    """Captions alone: no debate on them, and none is spared."""
    changes: dict[str, object] = {"debate": "instructions"}
    if config.skip_clean_captions is not None:
        changes["skip_clean_captions"] = False
    return make_forecaster(config.model_copy(update=changes), lexicon)


def make_again_budget(config: RunConfig, cost: AgainCost, done: Iterable[str]) -> Budget | None:
    """The budget of filtering again, which the run's own cost is no part of; None where there is none.

    Args:
        config: its folder is that of the new run, whose bill holds what was asked again.
        done: images that are final there.

    Raises:
        UsageError: the backend cannot say what a reply may cost, or a model has no price.
    """
    if config.budget is None:
        return None
    if cost.forecaster is None:
        raise UsageError(f"--budget needs a backend that can say what a reply may cost; `{config.backend}` cannot")
    prices = load_prices(config.prices)
    prices.require(list_models(config), "--budget")
    return Budget(config.budget, sum_billed(config.out, done), Charges(config.out, prices), prices, cost.forecaster)


def sum_billed(out: Path, image_ids: Iterable[str]) -> float:
    """What asking again about images has cost, by the new run's bill; a reply that is read back costs nothing."""
    if not (out / REQUESTS).is_file():
        return 0.0
    with Ledger(out) as ledger:
        return sum(charge.usd or 0.0 for image_id in image_ids for charge in ledger.charges_of(image_id))


class AgainQueue:
    """The images of a run that are not final in the new one, a few at once: as many as fit into the budget.

    Args:
        results: of the run, in their order.
    """

    def __init__(self, results: Iterator[Result], cost: AgainCost, book: RuleBook, budget: Budget | None) -> None:
        self._results = results
        self._next: Result | None = next(results, None)
        self._cost = cost
        self._book = book
        self._budget = budget

    def take(self, count: int) -> list[Result]:
        """The next images, `count` at the most; none when all were taken.

        Raises:
            BudgetReached: the next one does not fit, and none is under way.
        """
        taken: list[Result] = []
        while self._next is not None and len(taken) < count:
            if not self._reserve(self._next):
                if not taken and self._budget is not None:
                    raise self._budget.explain()
                break
            taken.append(self._next)
            self._next = next(self._results, None)
        return taken

    def _reserve(self, result: Result) -> bool:
        job = None if self._budget is None else self._cost.make_job(result)
        return self._budget is None or job is None or self._budget.reserve(job, self._book)
