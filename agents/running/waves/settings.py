"""The settings of the transport `batch`; nothing heavy is imported here."""

from typing import Literal

from pydantic import Field

from tools.records import Record

MOST_REQUESTS = 50_000
MOST_BYTES = 200 * 1000 * 1000
"""What OpenAI's Batch API takes in one file."""


class BatchSettings(Record):
    """How waves travel."""

    carrier: Literal["api", "files"] = Field(
        "api",
        description="What carries a wave: `api`, the endpoint's Batch API, or `files`, which `agents batch write` and "
        "`read` hand to any engine.",
    )
    poll: float = Field(30.0, gt=0, description="Seconds between two looks at a batch.")
    most_requests: int = Field(MOST_REQUESTS, ge=1, description="Requests in one batch file; an API has its limit.")
    most_bytes: int = Field(MOST_BYTES, ge=1, description="Bytes of one batch file; an API has its limit.")
