"""ImageBind's thermal, image and text branches as one model of transformers, of the type `imagebind`.

A folder holds the branches that are needed, under the names of ImageBind's own checkpoint. `forward` runs the one that
`encoder` names, so that the model can stand as the vision tower of a vision-language model: its only "hidden state" is
the embedding, (B, 1, D).
"""

from typing import Any, Literal, NamedTuple, cast

import torch
from torch import nn
from torch.nn import functional
from transformers import AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutputWithPooling

from trainer.model.baselines.imagebind_blocks import NORM_EPS as EPS
from trainer.model.baselines.imagebind_blocks import STEM_EPS, FirstToken, Normalise, Scale, Trunk

Branch = Literal["thermal", "vision", "text"]
SIDE = 224
PATCH: dict[str, int] = {"thermal": 16, "vision": 14}
TEXT_LENGTH = 77


class Size(NamedTuple):
    """Width, blocks and heads of a branch."""

    width: int
    depth: int
    heads: int


HUGE: dict[str, tuple[int, int, int]] = {"thermal": (768, 12, 12), "vision": (1280, 32, 16), "text": (1024, 24, 16)}
"""Sizes of the published model."""


class ImageBindConfig(PretrainedConfig):  # type: ignore[no-untyped-call]
    """Sizes of the branches.

    Attributes:
        branches: name -> width, blocks, heads.
        encoder: the branch that `forward` runs.
        out_width: of the common embedding space.
        vocab_tokens: of the text branch.
        side: of the square that the image branches see, in pixels.
    """

    model_type = "imagebind"

    def __init__(
        self,
        branches: dict[str, tuple[int, int, int]] | None = None,
        encoder: Branch = "thermal",
        out_width: int = 1024,
        vocab_tokens: int = 49408,
        side: int = SIDE,
        **kwargs: Any,
    ) -> None:
        self.branches = {name: list(size) for name, size in (branches or {encoder: HUGE[encoder]}).items()}
        self.encoder = encoder
        self.out_width = out_width
        self.vocab_tokens = vocab_tokens
        self.side = self.image_size = side
        self.hidden_size = out_width
        super().__init__(**kwargs)

    @property
    def patch_size(self) -> int:
        """Side of a patch of the branch in use."""
        return PATCH.get(self.encoder, 1)


class Stem(nn.Module):
    """Patches of the thermal branch: one channel, and a norm behind the convolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(1, width, PATCH["thermal"], PATCH["thermal"], bias=False)
        self.norm_layer = nn.LayerNorm(width, eps=STEM_EPS)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """(B, 1, H, W) -> (B, P, D)."""
        return cast("torch.Tensor", self.norm_layer(self.proj(pixels).flatten(2).transpose(1, 2)))


class FrameStem(nn.Module):
    """Patches of the image branch, which was made for two frames: a still image is shown twice."""

    def __init__(self, width: int) -> None:
        super().__init__()
        size = PATCH["vision"]
        self.proj = nn.Sequential(nn.Identity(), nn.Conv3d(3, width, (2, size, size), (2, size, size), bias=False))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """(B, 3, H, W) -> (B, P, D); the sum over the two equal frames is taken in the weights."""
        weight = cast("torch.Tensor", self.proj[1].weight).sum(dim=2)
        return functional.conv2d(pixels, weight, stride=PATCH["vision"]).flatten(2).transpose(1, 2)


class Positions(nn.Module):
    """Learned positions."""

    def __init__(self, length: int, width: int) -> None:
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, length, width))


class Patches(nn.Module):
    """From pixels to tokens: patches, the class token before them, positions."""

    def __init__(self, branch: Branch, width: int, side: int) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.rgbt_stem = Stem(width) if branch == "thermal" else FrameStem(width)
        self.pos_embedding_helper = Positions((side // PATCH[branch]) ** 2 + 1, width)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """(B, C, side, side) -> (B, 1 + P, D)."""
        tokens = self.rgbt_stem(pixels)
        return torch.cat([self.cls_token.expand(len(tokens), -1, -1), tokens], dim=1) + (
            self.pos_embedding_helper.pos_embed
        )


class Words(nn.Module):
    """From text tokens to vectors."""

    def __init__(self, width: int, vocabulary: int) -> None:
        super().__init__()
        self.pos_embed = nn.Parameter(torch.zeros(1, TEXT_LENGTH, width))
        self.token_embedding = nn.Embedding(vocabulary, width)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """(B, T) -> (B, T, D)."""
        return cast("torch.Tensor", self.token_embedding(ids) + self.pos_embed[:, : ids.shape[1]])


class TextHead(nn.Module):
    """Norm and projection of the token at the text's end."""

    def __init__(self, width: int, out_width: int) -> None:
        super().__init__()
        self.proj = nn.Sequential(nn.LayerNorm(width, eps=EPS), nn.Linear(width, out_width, bias=False))


class ImageBind(PreTrainedModel):
    """The branches of a configuration; weights by ImageBind's own names."""

    config_class = ImageBindConfig
    main_input_name = "pixel_values"
    _supports_sdpa = True

    def __init__(self, config: ImageBindConfig) -> None:
        super().__init__(config)
        sizes = {name: Size(*size) for name, size in config.branches.items()}
        self.modality_preprocessors = nn.ModuleDict(
            {
                name: Words(size.width, config.vocab_tokens)
                if name == "text"
                else Patches(cast("Branch", name), size.width, config.side)
                for name, size in sizes.items()
            }
        )
        self.modality_trunks = nn.ModuleDict(
            {
                name: Trunk(size.width, size.heads, size.depth, name == "vision", name == "thermal")
                for name, size in sizes.items()
            }
        )
        self.modality_heads = nn.ModuleDict(
            {name: _make_head(name, size.width, config.out_width) for name, size in sizes.items()}
        )
        self.modality_postprocessors = nn.ModuleDict({name: _make_end(name) for name in sizes})
        self.post_init()  # type: ignore[no-untyped-call]

    def _init_weights(self, module: nn.Module) -> None:
        """As transformers does, and the packed projections, which it does not know."""
        super()._init_weights(module)  # type: ignore[no-untyped-call]
        for name, parameter in module.named_parameters(recurse=False):
            if name in {"in_proj_weight", "cls_token", "pos_embed", "bias_k", "bias_v"}:
                nn.init.normal_(parameter, std=0.02)

    def forward(self, pixel_values: torch.Tensor, **_: Any) -> BaseModelOutputWithPooling:
        """Embed images with the branch in use.

        Returns:
            `pooler_output` (B, D), and the same as the one hidden state, (B, 1, D).
        """
        tokens = self.run_trunk(self.config.encoder, pixel_values)
        embedding = self.finish(self.config.encoder, tokens)
        return BaseModelOutputWithPooling(
            last_hidden_state=cast("Any", tokens),
            pooler_output=cast("Any", embedding),
            hidden_states=cast("Any", (embedding[:, None],)),
        )

    def run_trunk(self, branch: Branch, inputs: torch.Tensor) -> torch.Tensor:
        """The tokens after the last block."""
        tokens = self.modality_preprocessors[branch](inputs)
        return cast("torch.Tensor", self.modality_trunks[branch](tokens, is_causal=branch == "text"))

    def finish(self, branch: Branch, tokens: torch.Tensor) -> torch.Tensor:
        """The embedding of an image's tokens: (B, D)."""
        return cast("torch.Tensor", self.modality_postprocessors[branch](self.modality_heads[branch](tokens)))

    def embed_text(self, ids: torch.Tensor) -> torch.Tensor:
        """Embed CLIP's tokens, filled up to 77 with zeros; the end of a text is its largest id: (B, D)."""
        tokens = self.run_trunk("text", ids)
        ends = tokens[torch.arange(len(ids), device=ids.device), ids.argmax(dim=-1)]
        head = cast("TextHead", self.modality_heads["text"])
        return cast("torch.Tensor", self.modality_postprocessors["text"](head.proj(ends)))


def _make_head(branch: str, width: int, out_width: int) -> nn.Module:
    if branch == "text":
        return TextHead(width, out_width)
    return nn.Sequential(nn.LayerNorm(width, eps=EPS), FirstToken(), nn.Linear(width, out_width, bias=False))


def _make_end(branch: str) -> nn.Module:
    scales = {"thermal": 10.0, "text": 1 / 0.07}
    return nn.Sequential(Normalise(), *([Scale(scales[branch])] if branch in scales else []))


AutoConfig.register(ImageBindConfig.model_type, ImageBindConfig, exist_ok=True)
AutoModel.register(ImageBindConfig, ImageBind, exist_ok=True)
