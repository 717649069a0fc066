"""Settings of align layers that have some; read without torch."""

from pydantic import BaseModel, ConfigDict, Field

QUERIES = 32
"""BLIP-2's; each becomes one token of the language model."""


class QFormerSettings(BaseModel):
    """Of the Q-Former."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    queries: int = Field(default=QUERIES, ge=1, description="Learned queries, one token each. Default: BLIP-2's 32.")
