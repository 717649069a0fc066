"""LLaVA-1.5's align layer: two linear layers with a GELU between; transformers' own."""

from typing import Any

import torch
from torch import nn
from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig
from transformers.models.llava.modeling_llava import LlavaMultiModalProjector

from trainer.model.align_layers import Fields


class Mlp:
    """The `mlp` of the paper's Table 5."""

    is_llava = True

    def list_fields(self, vision: Any, settings: Any) -> dict[str, Any]:
        """Nothing beyond what LLaVA's configuration says."""
        return {}

    def build(self, fields: Fields, vision_width: int, text_width: int) -> nn.Module:
        """(B, P, Dv) -> (B, P, Dt)."""
        make: Any = LlavaConfig
        vision = CLIPVisionConfig(hidden_size=vision_width, num_attention_heads=1)
        text = LlamaConfig(hidden_size=text_width, num_attention_heads=1)
        return LlavaMultiModalProjector(make(vision_config=vision, text_config=text))

    def count_tokens(self, fields: Fields, patches: int) -> int:
        """One a patch."""
        return patches

    def write_mlp(self, layer: nn.Module) -> dict[str, torch.Tensor]:
        """It is one."""
        return dict(layer.state_dict())


LAYER = Mlp()
