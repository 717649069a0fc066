"""MiniGPT-4's align layer: one linear layer; it can be written as LLaVA's mlp, exactly.

gelu(x) - gelu(-x) = x: the mlp's first layer gives x and -x, the second subtracts what the gelu makes of them. This
needs a text width of at least twice the vision width.
"""

from typing import Any, cast

import torch
from torch import nn

from tools.errors import UsageError
from trainer.model.align_layers import Fields


class LinearProjector(nn.Module):
    """One linear layer: (B, P, Dv) -> (B, P, Dt)."""

    def __init__(self, vision_width: int, text_width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(vision_width, text_width)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Project every patch."""
        return cast("torch.Tensor", self.linear(features))


class Linear:
    """The `linear` of the paper's Table 5."""

    is_llava = False

    def list_fields(self, vision: Any, settings: Any) -> dict[str, Any]:
        """Nothing beyond what LLaVA's configuration says."""
        return {}

    def build(self, fields: Fields, vision_width: int, text_width: int) -> nn.Module:
        """(B, P, Dv) -> (B, P, Dt)."""
        return LinearProjector(vision_width, text_width)

    def count_tokens(self, fields: Fields, patches: int) -> int:
        """One a patch."""
        return patches

    def write_mlp(self, layer: nn.Module) -> dict[str, torch.Tensor]:
        """The layer unfolded."""
        inner = cast("LinearProjector", layer).linear
        return unfold_linear(inner.weight.detach(), inner.bias.detach())


def unfold_linear(weight: torch.Tensor, bias: torch.Tensor) -> dict[str, torch.Tensor]:
    """The mlp's tensors, by name, for a linear layer of (Dt, Dv) and (Dt,).

    Raises:
        UsageError: the text width is less than twice the vision width.
    """
    text_width, vision_width = weight.shape
    if text_width < 2 * vision_width:
        raise UsageError(
            f"a linear align layer from {vision_width} to {text_width} does not fit into LLaVA's mlp, which would need "
            f"a text width of {2 * vision_width}; use --format hf"
        )
    first = weight.new_zeros(text_width, vision_width)
    first[:vision_width] = torch.eye(vision_width, dtype=weight.dtype)
    first[vision_width : 2 * vision_width] = -torch.eye(vision_width, dtype=weight.dtype)
    second = weight.new_zeros(text_width, text_width)
    second[:, :vision_width], second[:, vision_width : 2 * vision_width] = weight, -weight
    return {
        "linear_1.weight": first,
        "linear_1.bias": weight.new_zeros(text_width),
        "linear_2.weight": second,
        "linear_2.bias": bias.clone(),
    }


LAYER = Linear()
