"""What carries a wave to a model and its results back: the contract of the seam `transport`."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol

from agents.store.waves import WaveStore
from tools.endpoint.connection import EndpointConfig
from tools.registry import NoSettings


class CarrierParts(NamedTuple):
    """What a carrier works with.

    Attributes:
        run: the run folder.
        store: the waves; a carrier commits each of its steps there (`set_part`) and what comes back (`record`).
        endpoint: where the model is served.
        say: tells people.
    """

    run: Path
    store: WaveStore
    endpoint: EndpointConfig
    say: Callable[[str], None]


class Carrier(Protocol):
    """Carries waves.

    Attributes:
        most_requests, most_bytes: limits of one batch file.
    """

    most_requests: int
    most_bytes: int

    async def carry(self, wave: int) -> None:
        """Bring a wave there and all of its results back; called again after a kill, it goes on.

        Raises:
            ToolkitError: that cannot be done now; the same command goes on later.
        """

    async def close(self) -> None:
        """Give back what was opened."""


def make_none(settings: NoSettings, parts: CarrierParts) -> None:
    """The transport `chat`: nothing is carried, each question is asked where it comes up."""
