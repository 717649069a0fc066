"""BLIP-2's align layer, the Q-Former: learned queries look at the patches, and each becomes one token.

The paper does not say what it starts from; here at random, for BLIP-2's weights were trained on visible images.
"""

from typing import Any, cast

import torch
from torch import nn
from transformers import Blip2QFormerConfig, Blip2QFormerModel

from tools.errors import UsageError
from trainer.model.align_layers import Fields
from trainer.model.align_layers.settings import QUERIES, QFormerSettings

SIZES = {
    "vocab_size": 8,
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "cross_attention_frequency": 2,
}
"""BLIP-2's sizes; its vocabulary is not used here."""


class QFormerProjector(nn.Module):
    """The Q-Former and a linear layer behind it: (B, P, Dv) -> (B, queries, Dt)."""

    def __init__(self, sizes: dict[str, Any], vision_width: int, text_width: int, queries: int = QUERIES) -> None:
        super().__init__()
        config = Blip2QFormerConfig(**{**sizes, "encoder_hidden_size": vision_width})
        self.queries = nn.Parameter(torch.randn(1, queries, config.hidden_size) * config.initializer_range)
        self.qformer = Blip2QFormerModel(config)
        self.linear = nn.Linear(config.hidden_size, text_width)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Let the queries look, then project them. The Q-Former computes in float32, as BLIP-2's does."""
        queries = self.queries.float().expand(features.shape[0], -1, -1)
        seen = self.qformer(query_embeds=queries, encoder_hidden_states=features.float()).last_hidden_state
        return cast("torch.Tensor", self.linear(seen.to(self.linear.weight.dtype)))


class QFormer:
    """The `qformer` of the paper's Table 5."""

    is_llava = False

    def list_fields(self, vision: Any, settings: QFormerSettings) -> dict[str, Any]:
        """Its sizes, and the number of queries where it is not BLIP-2's."""
        other = {} if settings.queries == QUERIES else {"queries": settings.queries}
        return {**size_qformer(vision), **other}

    def build(self, fields: Fields, vision_width: int, text_width: int) -> nn.Module:
        """(B, P, Dv) -> (B, queries, Dt)."""
        sizes = {name: value for name, value in fields.items() if name != "queries"}
        return QFormerProjector(sizes or dict(SIZES), vision_width, text_width, fields.get("queries", QUERIES))

    def count_tokens(self, fields: Fields, patches: int) -> int:
        """One a query."""
        return int(fields.get("queries", QUERIES))

    def write_mlp(self, layer: nn.Module) -> dict[str, torch.Tensor]:
        """Never."""
        raise UsageError(
            "the align layer `qformer` is no mlp and no linear layer, so no plain LLaVA can hold it; use --format hf, "
            "which needs the module of its model type to be imported before it is loaded"
        )


def size_qformer(vision: Any) -> dict[str, Any]:
    """BLIP-2's sizes; for a tower narrower than its Q-Former, the tower's own width and depth."""
    if vision.hidden_size >= SIZES["hidden_size"]:
        return dict(SIZES)
    own = {
        "hidden_size": vision.hidden_size,
        "num_hidden_layers": vision.num_hidden_layers,
        "num_attention_heads": vision.num_attention_heads,
        "intermediate_size": 4 * vision.hidden_size,
    }
    return {**SIZES, **own}


LAYER = QFormer()
