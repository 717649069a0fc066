"""Align layers: what stands between the vision tower and the language model. One file each, listed in the registry."""

from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import nn

from tools.registry import ALIGN_LAYERS

Fields = Mapping[str, Any]


class AlignLayer(Protocol):
    """How an align layer is made, counted and written.

    Attributes:
        is_llava: LLaVA's own projector, which a plain checkpoint of transformers holds.
    """

    is_llava: bool

    def list_fields(self, vision: Any, settings: Any) -> dict[str, Any]:
        """What config.json keeps of it, so that the layer can be made again: JSON values only.

        Args:
            vision: the tower's configuration.
            settings: the entry's own settings.
        """

    def build(self, fields: Fields, vision_width: int, text_width: int) -> nn.Module:
        """A new layer, at random: (B, P, vision_width) -> (B, T, text_width)."""

    def count_tokens(self, fields: Fields, patches: int) -> int:
        """How many tokens of the language model (T) an image of `patches` features becomes."""

    def write_mlp(self, layer: nn.Module) -> dict[str, torch.Tensor]:
        """The layer as LLaVA's mlp, by the names `linear_1.weight`, ..., exactly.

        Raises:
            UsageError: no mlp computes what it does.
        """


def load_layer(name: str) -> AlignLayer:
    """The align layer of a name.

    Raises:
        UsageError: there is none.
    """
    layer: AlignLayer = ALIGN_LAYERS.load(name)
    return layer


def count_parameters(name: str, fields: Fields, vision_width: int, text_width: int) -> int:
    """Parameters of a layer, which is never allocated."""
    with torch.device("meta"):
        made = load_layer(name).build(fields, vision_width, text_width)
    return sum(parameter.numel() for parameter in made.parameters())


def measure_kept(name: str, fields: Fields, vision_width: int, text_width: int, patches: int) -> int:
    """Bytes that a layer in training keeps of one image for its gradients; an image without numbers goes through it."""
    kept: dict[int, torch.Tensor] = {}
    with torch.device("meta"):
        made = load_layer(name).build(fields, vision_width, text_width)
        features = torch.empty(1, patches, vision_width)
    weights = {id(parameter) for parameter in made.parameters()}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if id(tensor) not in weights and not isinstance(tensor, nn.Parameter):
            kept[id(tensor)] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        made(features)
    return sum(tensor.numel() * tensor.element_size() for tensor in kept.values())
