"""What a try-out will cost, before it is begun: what is there costs nothing, the rest is forecast as by `plan`."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from agents.running.cost.spending import BillColumn, CostEstimator, make_forecaster
from agents.studio.trial.base import TrialBase
from agents.studio.trial.run import Trial, list_wants
from tools.endpoint.tokens import make_counter
from tools.prompts.lexicon import load_lexicon
from tools.registry import BACKENDS


class Estimate(NamedTuple):
    """What will be asked.

    Attributes:
        images: how many have something that was never asked; None where no model is asked.
        requests, prompt_tokens: what is asked first of all, counted.
        bill: of those images as a whole: requests, tokens and dollars, likely and at the most.
    """

    images: int | None = None
    requests: int = 0
    prompt_tokens: int = 0
    bill: BillColumn | None = None

    @property
    def is_free(self) -> bool:
        """Whether nothing will be paid."""
        return not self.images


def estimate(base: TrialBase, trials: Iterable[Trial], folder: Path) -> Estimate:
    """Look what is missing; nobody is asked and nothing is kept."""
    found = Estimate()
    for trial in trials:
        if not BACKENDS.get_trait(trial.backend, "gathers"):
            continue
        found = _add(found, _estimate(base, trial, folder))
    return found


def _estimate(base: TrialBase, trial: Trial, folder: Path) -> Estimate:
    wanted = list_wants(base, trial, folder)
    requests = [want.request for wants in wanted.values() for want in wants]
    tokens = sum(
        make_counter(request.model).count(str(message.get("content", "")))
        for request in requests
        for message in request.messages
    )
    config = base.make_config(trial.pack, trial.backend)
    forecaster = make_forecaster(config, load_lexicon(config.pack))
    if not wanted or forecaster is None:
        return Estimate(len(wanted), len(requests), tokens)
    estimator = CostEstimator(config, forecaster)
    for image_id in wanted:
        estimator.add(base.make_job(image_id))
    return Estimate(len(wanted), len(requests), tokens, estimator.close().columns[-1])


def _add(one: Estimate, other: Estimate) -> Estimate:
    """Both together: the two sides of a try-out on a backend that is not the run's."""
    if one.images is None:
        return other
    bill = other.bill
    if one.bill is not None and bill is not None:
        bill = BillColumn(
            bill.name,
            one.bill.images + bill.images,
            one.bill.least.plus(bill.least),
            one.bill.likely.plus(bill.likely),
            one.bill.most.plus(bill.most),
            _sum(one.bill.least_usd, bill.least_usd),
            _sum(one.bill.likely_usd, bill.likely_usd),
            _sum(one.bill.most_usd, bill.most_usd),
        )
    return Estimate(
        one.images + (other.images or 0),
        one.requests + other.requests,
        one.prompt_tokens + other.prompt_tokens,
        bill or one.bill,
    )


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
