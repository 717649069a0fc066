"""What ImageBind's branches are made of, under the names of its own checkpoints.

Written from measured facts of the published model: pre-norm blocks with exact GELU and layer norms of eps 1e-6; the
thermal branch adds one learned key and value to every block.
"""

import math
from typing import cast

import torch
from torch import nn
from torch.nn import functional

NORM_EPS = 1e-6
STEM_EPS = 1e-5
LARGEST_SCALE = 100.0


class Attention(nn.Module):
    """Self-attention with the projections of queries, keys and values in one matrix.

    Args:
        has_learned_key: one learned key and value more, appended to those of the tokens.
    """

    def __init__(self, width: int, heads: int, has_learned_key: bool) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.bias_k = nn.Parameter(torch.zeros(1, 1, width)) if has_learned_key else None
        self.bias_v = nn.Parameter(torch.zeros(1, 1, width)) if has_learned_key else None
        self.out_proj = nn.Linear(width, width)

    def forward(self, tokens: torch.Tensor, is_causal: bool) -> torch.Tensor:
        """(B, T, D) -> (B, T, D)."""
        batch, length, width = tokens.shape
        parts = functional.linear(tokens, self.in_proj_weight, self.in_proj_bias).chunk(3, dim=-1)
        queries, keys, values = parts
        if self.bias_k is not None and self.bias_v is not None:
            keys = torch.cat([keys, self.bias_k.expand(batch, -1, -1)], dim=1)
            values = torch.cat([values, self.bias_v.expand(batch, -1, -1)], dim=1)
        queries, keys, values = (
            part.reshape(batch, part.shape[1], self.heads, -1).transpose(1, 2) for part in (queries, keys, values)
        )
        mixed = functional.scaled_dot_product_attention(queries, keys, values, is_causal=is_causal)
        return cast("torch.Tensor", self.out_proj(mixed.transpose(1, 2).reshape(batch, length, width)))


class Mlp(nn.Module):
    """Two layers, four times as wide between them."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """(B, T, D) -> (B, T, D)."""
        return cast("torch.Tensor", self.fc2(functional.gelu(self.fc1(tokens))))


class Block(nn.Module):
    """A pre-norm block."""

    def __init__(self, width: int, heads: int, has_learned_key: bool) -> None:
        super().__init__()
        self.norm_1 = nn.LayerNorm(width, eps=NORM_EPS)
        self.attn = Attention(width, heads, has_learned_key)
        self.norm_2 = nn.LayerNorm(width, eps=NORM_EPS)
        self.mlp = Mlp(width)

    def forward(self, tokens: torch.Tensor, is_causal: bool) -> torch.Tensor:
        """(B, T, D) -> (B, T, D)."""
        tokens = tokens + self.attn(self.norm_1(tokens), is_causal)
        return cast("torch.Tensor", tokens + self.mlp(self.norm_2(tokens)))


class Trunk(nn.Module):
    """The blocks of a branch.

    Args:
        has_first_norm: a norm before the first block (the vision branch).
    """

    def __init__(self, width: int, heads: int, depth: int, has_first_norm: bool, has_learned_key: bool) -> None:
        super().__init__()
        if has_first_norm:
            self.pre_transformer_layer = nn.Sequential(nn.LayerNorm(width, eps=NORM_EPS))
        self.blocks = nn.ModuleList(Block(width, heads, has_learned_key) for _ in range(depth))

    def forward(self, tokens: torch.Tensor, is_causal: bool = False) -> torch.Tensor:
        """(B, T, D) -> (B, T, D)."""
        if hasattr(self, "pre_transformer_layer"):
            tokens = self.pre_transformer_layer(tokens)
        for block in self.blocks:
            tokens = block(tokens, is_causal)
        return tokens


class FirstToken(nn.Module):
    """(B, T, D) -> (B, D): the class token."""

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        """The first token."""
        return tokens[:, 0]


class Normalise(nn.Module):
    """To length 1."""

    def forward(self, embedding: torch.Tensor) -> torch.Tensor:
        """(B, D) -> (B, D)."""
        return functional.normalize(embedding, dim=-1)


class Scale(nn.Module):
    """Times the exponential of a stored number, at most 100: why thermal embeddings have length 10."""

    log_logit_scale: torch.Tensor

    def __init__(self, value: float) -> None:
        super().__init__()
        self.register_buffer("log_logit_scale", torch.tensor(math.log(value)))

    def forward(self, embedding: torch.Tensor) -> torch.Tensor:
        """(B, D) -> (B, D)."""
        return embedding * self.log_logit_scale.exp().clamp(max=LARGEST_SCALE)
