"""An align layer in one file: the mean of each pair of neighbouring patches, then a linear layer."""

import torch
from pydantic import BaseModel, ConfigDict
from torch import nn

from tools.errors import UsageError
from tools.registry import Entry, register


class PoolSettings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    pool: int = 2


class PoolProjector(nn.Module):
    def __init__(self, pool, vision_width, text_width):
        super().__init__()
        self.pool = pool
        self.linear = nn.Linear(vision_width, text_width)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        batch, patches, width = features.shape
        pooled = features.reshape(batch, patches // self.pool, self.pool, width).mean(2)
        return self.linear(pooled)


class Pool:
    is_llava = False

    def list_fields(self, vision, settings):
        return {"pool": settings.pool}

    def build(self, fields, vision_width, text_width):
        return PoolProjector(fields["pool"], vision_width, text_width)

    def count_tokens(self, fields, patches):
        return patches // fields["pool"]

    def write_mlp(self, layer):
        raise UsageError("the align layer `pool` is no mlp; use --format hf")


register("align layer", Entry("pool", "mean of neighbours", load=Pool(), settings=PoolSettings, extra="train"))
