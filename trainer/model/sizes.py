"""How large a model is, from its configuration, and how much memory a step on it needs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.registry import ALIGN_LAYERS
from trainer.recipe import SftPart, StagePart

GB = 2**30
BYTES = {"fp32": 4, "bf16": 2}
QUANTISED_BYTES = 0.56  # NF4: 4 bits a weight, and scales of 64 weights each, quantised once more
SAVED_PER_LAYER = 34  # values of 1 byte that a decoder block keeps a token and a channel in 16 bits (Korthikanti 2022)


@dataclass(frozen=True)
class Sizes:
    """Parameters by part, and the widths that activations depend on."""

    tower: int
    align_layer: int
    llm: int
    width: int
    layers: int
    vocabulary: int
    image_tokens: int


@dataclass(frozen=True)
class Memory:
    """GB of one device, an estimate; sharding (FSDP) divides the first three by the number of devices."""

    weights_gb: float
    gradients_gb: float
    optimizer_gb: float
    activations_gb: float

    @property
    def total_gb(self) -> float:
        """All of it."""
        return sum(gigabytes for _, gigabytes in self.list_parts())

    def list_parts(self) -> list[tuple[str, float]]:
        """Names and sizes."""
        return [
            ("weights", self.weights_gb),
            ("gradients", self.gradients_gb),
            ("optimizer", self.optimizer_gb),
            ("activations", self.activations_gb),
        ]


def count_sizes(
    model: Path, tower: Path | None, align_layer: str, settings: Mapping[str, Any] | None = None
) -> Sizes | None:
    """Sizes of a model folder of LLaVA's shape, or (with `tower`) of a language model and a tower to be joined.

    None when the configurations cannot be read.
    """
    from transformers import AutoConfig

    from trainer.model.align_layers import count_parameters, load_layer

    load: Any = AutoConfig.from_pretrained
    try:
        config = load(str(model))
        text = config.get_text_config()
        vision = config.vision_config if tower is None else _read_vision(load(str(tower)))
    except (OSError, ValueError, KeyError, AttributeError, json.JSONDecodeError):
        return None
    llm, seen = _count(text, is_text=True), _count(vision, is_text=False)
    patches = (vision.image_size // vision.patch_size) ** 2
    width, inner = text.hidden_size, vision.hidden_size
    made = load_layer(align_layer)
    fields = made.list_fields(vision, ALIGN_LAYERS.read_settings(align_layer, settings or {}))
    layer = count_parameters(align_layer, fields, inner, width)
    tokens = made.count_tokens(fields, patches)
    return Sizes(seen, layer, llm, width, text.num_hidden_layers, text.vocab_size, tokens)


def _read_vision(config: Any) -> Any:
    return getattr(config, "vision_config", config)


def _count(config: Any, is_text: bool) -> int:
    """Parameters of a model that is never allocated."""
    import torch
    from transformers import AutoModel, AutoModelForCausalLM

    make: Any = AutoModelForCausalLM.from_config if is_text else AutoModel.from_config
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in make(config).parameters())


def estimate_memory(sizes: Sizes, part: StagePart, batch: int, tokens: float, text_tokens: float) -> Memory:
    """Memory of one step.

    Args:
        tokens: mean tokens a sample, the image included; text_tokens: without it, all of them taken as supervised.
    """
    trained, adapters = _count_trained(sizes, part)
    is_quantised = isinstance(part, SftPart) and part.method == "qlora"
    frozen = sizes.tower + sizes.align_layer + sizes.llm - trained
    frozen_bytes: float = frozen * BYTES[part.frozen_precision]
    if is_quantised:
        frozen_bytes += sizes.llm * (QUANTISED_BYTES - BYTES[part.frozen_precision])
    learning = trained + adapters
    is_16_bit = part.precision == "bf16" or (part.frozen_precision == "bf16" and trained < sizes.llm)
    scale = 1 if is_16_bit else 2
    per_token = sizes.width * (2 * scale if part.gradient_checkpointing else SAVED_PER_LAYER * scale) * sizes.layers
    if part.gradient_checkpointing:
        per_token += sizes.width * SAVED_PER_LAYER * scale
    logits = text_tokens * sizes.vocabulary * 4 * 3
    return Memory(
        (frozen_bytes + learning * 4) / GB,
        learning * 4 / GB,
        learning * 8 / GB,
        batch * (tokens * per_token + logits) / GB,
    )


def _count_trained(sizes: Sizes, part: StagePart) -> tuple[int, int]:
    """Parameters that are trained in full, and those of adapters (7 linear layers a block, about 17 x width x rank)."""
    if not isinstance(part, SftPart):
        return sizes.align_layer, 0
    layer = sizes.align_layer if part.train in {"align_layer", "both"} else 0
    if part.method != "full":
        return layer, 24 * sizes.width * part.lora.rank * sizes.layers
    return layer + (sizes.llm if part.train in {"llm", "both"} else 0), 0
