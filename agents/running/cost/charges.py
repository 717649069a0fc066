"""What images have cost: by the bill, and by the prices in force where a reply was read back and never billed here."""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from agents.backends.asked.ledger import REQUESTS, Charge, Ledger
from agents.backends.usage import Usage
from agents.store.run_store import RunStore
from tools.endpoint.prices import Prices


class Charges:
    """Finds the cost of images.

    Args:
        run: the run folder, with or without a bill.
        prices: the table in force, of the way in which is asked now.
    """

    def __init__(self, run: Path, prices: Prices) -> None:
        self._run = run
        self._prices = prices

    def find_cost(self, image_id: str, usages: Iterable[Usage]) -> float | None:
        """What an image has cost, in US dollars; None where a price is unknown."""
        with self._open() as ledger:
            return self._find_cost(ledger, image_id, tuple(usages))

    def sum_usd(self, store: RunStore) -> float | None:
        """What the images that are final have cost; None where a price is unknown."""
        total = 0.0
        with self._open() as ledger:
            for image_id, usages in store.read_usage_by_image():
                cost = self._find_cost(ledger, image_id, usages)
                if cost is None:
                    return None
                total += cost
        return total

    def _open(self) -> AbstractContextManager[Ledger | None]:
        return Ledger(self._run) if (self._run / REQUESTS).is_file() else nullcontext()

    def _find_cost(self, ledger: Ledger | None, image_id: str, usages: tuple[Usage, ...]) -> float | None:
        return self._add_up(ledger.charges_of(image_id) if ledger and usages else (), usages)

    def _add_up(self, charges: Iterable[Charge], usages: Iterable[Usage]) -> float | None:
        total, billed = 0.0, dict[str, tuple[int, int]]()
        for charge in charges:
            if charge.usd is None:
                return None
            total += charge.usd
            prompt, completion = billed.get(charge.model, (0, 0))
            billed[charge.model] = (prompt + charge.prompt_tokens, completion + charge.completion_tokens)
        for usage in usages:
            prompt, completion = billed.get(usage.model, (0, 0))
            rest = (max(0, usage.prompt_tokens - prompt), max(0, usage.completion_tokens - completion))
            cost = self._prices.cost_usd(usage.model, *rest) if any(rest) else 0.0
            if cost is None:
                return None
            total += cost
        return total
