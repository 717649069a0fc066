"""What the replies of one image use: requests and tokens by model, of fresh and of stored replies alike.

`process` opens a meter, backends add to it. Because a stored reply counts as the fresh one did, a replay writes the
same figures, and a run that was killed loses at most the requests that were under way.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager

from agents.backends.opened import Opened
from tools.records import Record


class Usage(Record):
    """What one model was asked.

    Attributes:
        requests: requests that were answered; one with n = 5 counts once unless the endpoint ignores n.
        estimated: requests whose tokens the endpoint did not count, so that they are an estimate.
    """

    model: str
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: int = 0

    def add(self, other: "Usage") -> "Usage":
        """Both together."""
        return Usage(
            model=self.model,
            requests=self.requests + other.requests,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            estimated=self.estimated + other.estimated,
        )


class Meter:
    """Adds up usage by model."""

    def __init__(self) -> None:
        self._models: dict[str, Usage] = {}

    def add(self, usage: Usage) -> None:
        """Count one more."""
        held = self._models.get(usage.model)
        self._models[usage.model] = held.add(usage) if held else usage

    def add_all(self, usages: Iterable[Usage]) -> None:
        """Count several."""
        for usage in usages:
            self.add(usage)

    def read(self) -> tuple[Usage, ...]:
        """The sums, by name of the model."""
        return tuple(self._models[name] for name in sorted(self._models))


_METER: Opened[Meter] = Opened("meter")


def open_meter() -> AbstractContextManager[Meter]:
    """A meter for everything that is asked inside, in the tasks that are started there too."""
    return _METER.open(Meter())


def count(usage: Usage) -> None:
    """Add to the meter that is open, if one is."""
    meter = _METER.find()
    if meter is not None:
        meter.add(usage)
