"""What the requests to an endpoint came to, as counters."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Stats:
    """Counters of one endpoint, over all its servers.

    Attributes:
        requests: attempts that were sent.
        retries: those of them that repeated a failed one.
        waited_seconds: between attempts and for the rate limits, summed over all requests.
        statuses: how attempts ended: an HTTP status, or `timeout`, `connection`, `bad_response`.
        notes: what was found out about how the models have to be asked.
    """

    requests: int = 0
    retries: int = 0
    waited_seconds: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
