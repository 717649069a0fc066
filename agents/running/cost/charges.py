"""What images have cost: by the bill, and by the prices in force where a reply was read back and never billed here."""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

from agents.backends.asked.ledger import REQUESTS, Charge, Ledger
from agents.backends.usage import Usage
from agents.store.run_store import RunStore
from tools.endpoint.prices import Prices


class Charges:
    """Finds the cost of images; a context manager, as the bill stays open from the first question to the end.

    Args:
        run: the run folder, with or without a bill.
        prices: the table in force, of the way in which is asked now.
    """

    def __init__(self, run: Path, prices: Prices) -> None:
        self._run = run
        self._prices = prices
        self._ledger: Ledger | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None

    def find_cost(self, image_id: str, usages: Iterable[Usage]) -> float | None:
        """What an image has cost, in US dollars; None where a price is unknown."""
        used = tuple(usages)
        ledger = self._open() if used else None
        return self._add_up(ledger.charges_of(image_id) if ledger else (), used)

    def sum_usd(self, store: RunStore) -> float | None:
        """What the images that are final have cost; None where a price is unknown."""
        total = 0.0
        for image_id, usages in store.read_usage_by_image():
            cost = self.find_cost(image_id, usages)
            if cost is None:
                return None
            total += cost
        return total

    def _open(self) -> Ledger | None:
        """The bill, when there is one: its file is made with the first reply."""
        if self._ledger is None and (self._run / REQUESTS).is_file():
            self._ledger = Ledger(self._run)
        return self._ledger

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
