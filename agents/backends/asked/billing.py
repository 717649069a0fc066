"""Bills every reply of questions that are asked one by one."""

import secrets
from contextlib import AbstractContextManager
from pathlib import Path

from agents.backends.asked.ledger import Charge, Ledger, make_charge
from agents.backends.usage import Usage
from tools.endpoint.prices import Prices


class Billing:
    """Puts replies on the bill of a run, whose file is made with the first of them.

    Args:
        run: the run folder.
        prices: the table in force.
    """

    def __init__(self, run: Path, prices: Prices) -> None:
        self._run = run
        self._prices = prices.narrow("chat")
        self._ledger: Ledger | None = None

    def add(self, key: str, role: str, image_id: str, usage: Usage) -> None:
        """One more reply. A question whose reply was lost in a kill is paid for again, and billed again.

        The name begins with the image, so that what an image costs stands together in the file.
        """
        self.put(f"{image_id}-{key}-{secrets.token_hex(4)}", make_charge(image_id, role, usage, self._prices, "chat"))

    def together(self) -> AbstractContextManager[object]:
        """What is added inside is written at once."""
        return self._open().write_together()

    def put(self, name: str, charge: Charge) -> None:
        """Write one line of the bill."""
        self._open().charge(name, charge)

    def _open(self) -> Ledger:
        if self._ledger is None:
            self._ledger = Ledger(self._run)
        return self._ledger

    def close(self) -> None:
        """Give the file back."""
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None
