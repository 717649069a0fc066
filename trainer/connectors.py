"""The align layers of the paper's Table 5 as Hugging Face models: mlp is LLaVA's own, linear and Q-Former are added.

A checkpoint with the mlp is a plain LLaVA. The other two are of the model type `infrared_llava`, which transformers
knows once this module was imported; linear can also be written as a plain LLaVA (see `trainer.vanilla`).
"""

from typing import Any, Literal, cast

import torch
from torch import nn
from transformers import (
    AutoConfig,
    AutoModelForImageTextToText,
    Blip2QFormerConfig,
    Blip2QFormerModel,
    LlavaConfig,
    LlavaForConditionalGeneration,
)

AlignLayer = Literal["mlp", "linear", "qformer"]
QUERIES = 32
"""BLIP-2's; each becomes one token of the language model."""
QFORMER = {
    "vocab_size": 8,
    "hidden_size": 768,
    "num_hidden_layers": 12,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "cross_attention_frequency": 2,
}
"""BLIP-2's sizes; its vocabulary is not used here."""


class InfraredLlavaConfig(LlavaConfig):  # type: ignore[no-untyped-call]
    """LLaVA's configuration with the align layer's kind and, for the Q-Former, its sizes."""

    model_type = "infrared_llava"

    def __init__(
        self, align_layer: AlignLayer = "linear", qformer_config: dict[str, Any] | None = None, **kwargs: Any
    ) -> None:
        self.align_layer = align_layer
        self.qformer_config = qformer_config
        super().__init__(**kwargs)


class LinearProjector(nn.Module):
    """One linear layer (MiniGPT-4): (B, P, Dv) -> (B, P, Dt)."""

    def __init__(self, vision_width: int, text_width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(vision_width, text_width)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Project every patch."""
        return cast("torch.Tensor", self.linear(features))


class QFormerProjector(nn.Module):
    """BLIP-2's Q-Former: 32 learned queries look at the patches; (B, P, Dv) -> (B, 32, Dt).

    The paper does not say what it starts from; here at random, for BLIP-2's weights were trained on visible images.
    """

    def __init__(self, sizes: dict[str, Any], vision_width: int, text_width: int) -> None:
        super().__init__()
        config = Blip2QFormerConfig(**{**sizes, "encoder_hidden_size": vision_width})
        self.queries = nn.Parameter(torch.randn(1, QUERIES, config.hidden_size) * config.initializer_range)
        self.qformer = Blip2QFormerModel(config)
        self.linear = nn.Linear(config.hidden_size, text_width)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Let the queries look, then project them. The Q-Former computes in float32, as BLIP-2's does."""
        queries = self.queries.float().expand(features.shape[0], -1, -1)
        seen = self.qformer(query_embeds=queries, encoder_hidden_states=features.float()).last_hidden_state
        return cast("torch.Tensor", self.linear(seen.to(self.linear.weight.dtype)))


class InfraredLlava(LlavaForConditionalGeneration):  # type: ignore[no-untyped-call]
    """LLaVA with another align layer in place of its mlp."""

    config_class = InfraredLlavaConfig

    def __init__(self, config: InfraredLlavaConfig) -> None:
        super().__init__(config)
        self.model.multi_modal_projector = make_projector(config)
        self.post_init()  # type: ignore[no-untyped-call]


def size_qformer(vision: Any) -> dict[str, Any]:
    """BLIP-2's sizes; for a tower narrower than its Q-Former, the tower's own width and depth."""
    if vision.hidden_size >= QFORMER["hidden_size"]:
        return dict(QFORMER)
    own = {
        "hidden_size": vision.hidden_size,
        "num_hidden_layers": vision.num_hidden_layers,
        "num_attention_heads": vision.num_attention_heads,
        "intermediate_size": 4 * vision.hidden_size,
    }
    return {**QFORMER, **own}


def make_projector(config: InfraredLlavaConfig) -> nn.Module:
    """The align layer that a configuration asks for."""
    parts: tuple[Any, Any] = (config.vision_config, config.text_config)
    vision_width, text_width = (int(part.hidden_size) for part in parts)
    if config.align_layer == "linear":
        return LinearProjector(vision_width, text_width)
    return QFormerProjector(config.qformer_config or size_qformer(parts[0]), vision_width, text_width)


AutoConfig.register(InfraredLlavaConfig.model_type, InfraredLlavaConfig, exist_ok=True)
AutoModelForImageTextToText.register(InfraredLlavaConfig, InfraredLlava, exist_ok=True)
