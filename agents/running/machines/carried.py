"""Replies and bills of an actor, which has no disk of the run: they travel to the driver as they come."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import NamedTuple

from agents.backends.asked.billing import Billing
from agents.backends.asked.ledger import Charge
from tools.endpoint.prices import Prices


class NewReply(NamedTuple):
    """A reply that the driver is to keep."""

    key: str
    reply: str
    image_id: str


class NewCharge(NamedTuple):
    """A line of the bill that the driver is to write."""

    name: str
    charge: Charge


class CarriedReplies:
    """The replies of the images under way: those that came with a job, and those that were asked for since.

    Attributes:
        path: for messages.

    Args:
        tell: takes each new reply to the driver.
        others: replies of which nobody knows the image.
    """

    def __init__(self, path: Path, tell: Callable[[NewReply], None], others: Iterable[tuple[str, str]]) -> None:
        self.path = path
        self._tell = tell
        self._others = dict(others)
        self._images: dict[str, set[str]] = {}
        self._replies: dict[str, str] = {}

    def find(self, key: str) -> str | None:
        """The reply, if it is here."""
        return self._replies.get(key) or self._others.get(key)

    def keep(self, key: str, reply: str, image_id: str) -> str:
        """Keep a reply and send it on, unless one is there already; the one that is there now."""
        found = self.find(key)
        if found is not None:
            return found
        self.lay(image_id, [(key, reply)])
        self._tell(NewReply(key, reply, image_id))
        return reply

    def together(self) -> AbstractContextManager[object]:
        """Each reply travels by itself."""
        return nullcontext()

    def lay(self, image_id: str, replies: Iterable[tuple[str, str]]) -> None:
        """Keep replies that the driver has."""
        for key, reply in replies:
            self._images.setdefault(image_id, set()).add(key)
            self._replies[key] = reply

    def drop(self, image_id: str) -> None:
        """Forget the replies of an image that is done."""
        for key in self._images.pop(image_id, ()):
            self._replies.pop(key, None)


class CarriedBilling(Billing):
    """A bill that the driver writes."""

    def __init__(self, run: Path, prices: Prices, tell: Callable[[NewCharge], None]) -> None:
        super().__init__(run, prices)
        self._tell = tell

    def together(self) -> AbstractContextManager[object]:
        """Each line travels by itself."""
        return nullcontext()

    def put(self, name: str, charge: Charge) -> None:
        """Send one line on."""
        self._tell(NewCharge(name, charge))
