"""How large a model is, by part, from its configuration alone: nothing of it is allocated."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.registry import ALIGN_LAYERS
from trainer.model.pretrained import read_model_config, read_vision_config

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Language:
    """A language model.

    Attributes:
        parameters: all of them; ends: those of the embedding and the head, which 4 bits leave as they are.
        width: of the residual stream; inner: of the feed-forward part; queries, keys: of all heads together.
        linear_in, linear_out: widths of the linear layers of a block, summed: what adapters sit on.
    """

    parameters: int
    ends: int
    width: int
    inner: int
    queries: int
    keys: int
    layers: int
    linear_in: int
    linear_out: int
    linears: int
    vocabulary: int


@dataclass(frozen=True)
class Sizes:
    """Parameters by part, and the widths that activations depend on.

    Attributes:
        tower, align_layer: parameters.
        image_tokens: that an image fills.
        image_bytes: what the align layer keeps of an image for its gradients.
    """

    tower: int
    align_layer: int
    language: Language
    image_tokens: int
    image_bytes: int


def count_sizes(model: Path, tower: Path | None, align_layer: str, settings: Fields | None = None) -> Sizes:
    """Sizes of a model folder of LLaVA's shape, or (with `tower`) of a language model and a tower to be joined.

    Raises:
        MissingError, UsageError: a configuration is not there, or cannot be used.
    """
    config = read_model_config(model)
    vision = read_vision_config(model if tower is None else tower)
    return measure_sizes(config.get_text_config(), vision, align_layer, settings)


def measure_sizes(text: Any, vision: Any, align_layer: str, settings: Fields | None = None) -> Sizes:
    """Sizes of a model of these two configurations."""
    from trainer.model.align_layers import count_parameters, load_layer, measure_kept

    patches = (vision.image_size // vision.patch_size) ** 2
    made = load_layer(align_layer)
    fields = made.list_fields(vision, ALIGN_LAYERS.read_settings(align_layer, settings or {}))
    widths = (vision.hidden_size, text.hidden_size)
    return Sizes(
        count_tower(vision),
        count_parameters(align_layer, fields, *widths),
        measure_language(text),
        made.count_tokens(fields, patches),
        measure_kept(align_layer, fields, *widths, patches),
    )


def measure_language(config: Any) -> Language:
    """The sizes of a causal language model."""
    import torch
    from transformers import AutoModelForCausalLM

    make: Any = AutoModelForCausalLM.from_config
    with torch.device("meta"):
        model = make(config)
    linears = [each for each in model.model.layers[0].modules() if isinstance(each, torch.nn.Linear)]
    ends = {id(each): each.numel() for each in (model.get_input_embeddings().weight, model.lm_head.weight)}
    heads = config.num_attention_heads
    side = getattr(config, "head_dim", None) or config.hidden_size // heads
    return Language(
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        ends=sum(ends.values()),
        width=config.hidden_size,
        inner=config.intermediate_size,
        queries=heads * side,
        keys=(getattr(config, "num_key_value_heads", None) or heads) * side,
        layers=config.num_hidden_layers,
        linear_in=sum(each.in_features for each in linears),
        linear_out=sum(each.out_features for each in linears),
        linears=len(linears),
        vocabulary=config.vocab_size,
    )


def count_tower(config: Any) -> int:
    """Parameters of a vision tower."""
    import torch
    from transformers import AutoModel

    make: Any = AutoModel.from_config
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in make(config).parameters())
