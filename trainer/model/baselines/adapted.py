"""Linear layers with a low-rank addition and a bias beside frozen weights, as both peers tune their language model.

The weights keep the names of the plain layer (`weight`); what is added stands beside them (`lora_a`, `lora_b`, `bias`),
so that the two can be told apart, trained apart, and folded.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

import torch
from torch import nn
from torch.nn import functional

ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
FEED_FORWARD = ("gate_proj", "up_proj", "down_proj")


class Addition(NamedTuple):
    """What a layer gets.

    Attributes:
        rank: of the low-rank part; 0 for none.
        scale: it is multiplied by.
        dropout: of its input, in training.
        has_bias: whether there is a bias.
    """

    rank: int
    scale: float = 1.0
    dropout: float = 0.0
    has_bias: bool = False


class AdaptedLinear(nn.Linear):
    """y = W x + bias + scale B A x."""

    def __init__(self, inputs: int, outputs: int, addition: Addition) -> None:
        super().__init__(inputs, outputs, bias=addition.has_bias)
        self.addition = addition
        self.lora_a = nn.Parameter(torch.empty(addition.rank, inputs)) if addition.rank else None
        self.lora_b = nn.Parameter(torch.zeros(outputs, addition.rank)) if addition.rank else None
        self.reset_addition()

    def reset_addition(self) -> None:
        """As upstream begins: the addition is nothing, since one of its matrices is zero."""
        if self.lora_a is not None and self.lora_b is not None:
            nn.init.kaiming_uniform_(self.lora_a, a=5**0.5)
            nn.init.zeros_(self.lora_b)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """(..., inputs) -> (..., outputs)."""
        states = states.to(self.weight.dtype)  # a norm in training gives float32 where the weights are half as wide
        bias = None if self.bias is None else self.bias.to(self.weight.dtype)
        plain = functional.linear(states, self.weight, bias)
        if self.lora_a is None or self.lora_b is None:
            return plain
        dropped = functional.dropout(states, self.addition.dropout, self.training)
        low = functional.linear(dropped.to(self.lora_a.dtype), self.lora_a)
        return plain + (self.addition.scale * functional.linear(low, self.lora_b)).to(plain.dtype)


class InjectedLinear(AdaptedLinear):
    """An output projection that adds, at every position, what an image says before it projects.

    Attributes:
        injected: (B, inputs) set by the model before each pass; None without an image.
    """

    injected: torch.Tensor | None = None

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """(B, T, inputs) -> (B, T, outputs)."""
        if self.injected is not None:
            states = states + self.injected[:, None].to(states)
        return super().forward(states)


def adapt(language: nn.Module, additions: Mapping[str, Addition], injected: str | None = None) -> None:
    """Replace the named linear layers of a Llama's blocks.

    Args:
        additions: name of a layer, e.g. `q_proj`, -> what it gets.
        injected: name of the layers that an image acts on.
    """
    for block in cast("Any", language).layers:
        for part in (block.self_attn, block.mlp):
            for name, addition in additions.items():
                if hasattr(part, name):
                    old = getattr(part, name)
                    kind = InjectedLinear if name == injected else AdaptedLinear
                    setattr(part, name, kind(old.in_features, old.out_features, addition).to(old.weight.dtype))


def fold(weight: torch.Tensor, lora_a: torch.Tensor, lora_b: torch.Tensor, scale: float) -> torch.Tensor:
    """W + scale B A, computed in float32, in the wider of the two formats."""
    wide = torch.promote_types(weight.dtype, lora_a.dtype)
    return (weight.float() + scale * (lora_b.float() @ lora_a.float())).to(wide)
