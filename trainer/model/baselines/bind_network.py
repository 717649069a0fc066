"""ImageBind-LLM's bind network and retrieval cache: from an embedding to what each block of the language model gets.

Written from measured facts of the published model; none of its code was read.
"""

from typing import cast

import torch
from torch import nn
from torch.nn import functional

BLOCKS = 3
NORM_EPS = 1e-6
MIX_EPS = 1e-6


class BindNorm(nn.Module):
    """Root mean square norm."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """(..., D) -> (..., D), computed in float32."""
        wide = states.float()
        scaled = wide * torch.rsqrt(wide.pow(2).mean(-1, keepdim=True) + NORM_EPS)
        return scaled.to(states.dtype) * self.weight


class BindBlock(nn.Module):
    """x + f2(silu(f1 n) * f3 n) with n = norm(x)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.norm = BindNorm(width)
        self.f1 = nn.Linear(width, hidden, bias=False)
        self.f2 = nn.Linear(hidden, width, bias=False)
        self.f3 = nn.Linear(width, hidden, bias=False)

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """(..., D) -> (..., D)."""
        normed = self.norm(states)
        return cast("torch.Tensor", states + self.f2(functional.silu(self.f1(normed)) * self.f3(normed)))


class BindNetwork(nn.Module):
    """Projection, three blocks, and for each adapted block of the language model a learned vector and gates.

    Attributes:
        prefix_query: (N, D), added to the result for the last N blocks of the language model.
        gates: (N, heads), their hyperbolic tangent weighs what each head gets.
    """

    def __init__(self, inputs: int, width: int, hidden: int, layers: int, heads: int) -> None:
        super().__init__()
        self.proj = nn.Linear(inputs, width)
        self.blocks = nn.ModuleList(BindBlock(width, hidden) for _ in range(BLOCKS))
        self.prefix_query = nn.Parameter(torch.randn(layers, width))
        self.gates = nn.Parameter(torch.zeros(layers, heads))

    def forward(self, feature: torch.Tensor) -> torch.Tensor:
        """(B, inputs) -> (B, D)."""
        states = self.proj(feature)
        for block in self.blocks:
            states = block(states)
        return cast("torch.Tensor", states)

    def inject(self, bound: torch.Tensor, place: int, value_weight: torch.Tensor) -> torch.Tensor:
        """What the `place`-th adapted block gets of an image: (B, heads x head width).

        Args:
            bound: (B, D) of `forward`.
            value_weight: the block's value matrix as it was before LoRA.
        """
        values = functional.linear((bound + self.prefix_query[place]).to(value_weight), value_weight)
        gates = self.gates[place].tanh().to(values)
        return values * gates.repeat_interleave(values.shape[-1] // len(gates))


class Retrieval(nn.Module):
    """Mixes a feature with those of the cache that are nearest to it.

    Attributes:
        keys: (count, width) of the cache.

    Args:
        count, width: of the stored features.
        neighbours: how many are mixed; sharpness: of their weights; share: of the result that is theirs.
    """

    keys: torch.Tensor

    def __init__(self, count: int, width: int, neighbours: int, sharpness: float, share: float) -> None:
        super().__init__()
        self.register_buffer("keys", torch.zeros(count, width))
        self.neighbours = neighbours
        self.sharpness = sharpness
        self.share = share

    def find(self, feature: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Similarities and places of the nearest: (B, K) each, by inner product."""
        return (feature.to(self.keys.dtype) @ self.keys.T).topk(min(self.neighbours, len(self.keys)), dim=-1)

    def forward(self, feature: torch.Tensor) -> torch.Tensor:
        """(B, width) -> (B, width), of length 1, each image for itself."""
        similarities, places = self.find(feature)
        weights = (self.sharpness * similarities).softmax(dim=-1)
        found = functional.normalize((weights[..., None] * self.keys[places]).sum(dim=1), dim=-1)
        mixed = (1 - self.share) * feature + self.share * found.to(feature.dtype)
        return functional.normalize(mixed, dim=-1)


def mix(embeddings: dict[str, tuple[torch.Tensor, float]]) -> torch.Tensor:
    """One feature of one or several embeddings of ImageBind: (B, D); each is brought to length 1, the sum is not.

    Args:
        embeddings: modality -> (B, D), and its weight.
    """
    total = sum(weight for _, weight in embeddings.values()) + MIX_EPS
    parts = [functional.normalize(each, dim=-1) * (weight / total) for each, weight in embeddings.values()]
    return torch.stack(parts).sum(dim=0)
