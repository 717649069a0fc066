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


class Meter:
    """Adds up usage by model."""

    def __init__(self) -> None:
        self._models: dict[str, tuple[int, int, int, int]] = {}

    def add(self, usage: Usage) -> None:
        """Count one more."""
        requests, prompt, completion, estimated = self._models.get(usage.model, (0, 0, 0, 0))
        self._models[usage.model] = (
            requests + usage.requests,
            prompt + usage.prompt_tokens,
            completion + usage.completion_tokens,
            estimated + usage.estimated,
        )

    def add_all(self, usages: Iterable[Usage]) -> None:
        """Count several."""
        for usage in usages:
            self.add(usage)

    def read(self) -> tuple[Usage, ...]:
        """The sums, by name of the model."""
        return tuple(
            Usage(
                model=name,
                requests=requests,
                prompt_tokens=prompt,
                completion_tokens=completion,
                estimated=estimated,
            )
            for name, (requests, prompt, completion, estimated) in sorted(self._models.items())
        )


_METER: Opened[Meter] = Opened("meter")


def open_meter() -> AbstractContextManager[Meter]:
    """A meter for everything that is asked inside, in the tasks that are started there too."""
    return _METER.open(Meter())


def count(usage: Usage) -> None:
    """Add to the meter that is open, if one is."""
    meter = _METER.find()
    if meter is not None:
        meter.add(usage)
