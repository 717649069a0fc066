"""A model with another align layer written as a plain LLaVA, so that programs which know only LLaVA can load it."""

from typing import Any

import torch
from transformers import LlavaConfig, LlavaForConditionalGeneration

from trainer.model.align_layers import load_layer
from trainer.model.connectors import InfraredLlava

LAYER = "model.multi_modal_projector."


def make_vanilla(model: Any) -> Any:
    """The model as a plain `LlavaForConditionalGeneration`; itself when it is one.

    Raises:
        UsageError: its align layer cannot be written as an mlp.
    """
    if not isinstance(model, InfraredLlava):
        return model
    layer = load_layer(model.config.align_layer)
    fields = model.config.to_dict()
    for name in ("model_type", "align_layer", "align_fields", "architectures", "transformers_version"):
        fields.pop(name, None)
    make: Any = LlavaForConditionalGeneration
    plain = make(LlavaConfig(**fields)).to(model.dtype)
    state = {name: value for name, value in model.state_dict().items() if not name.startswith(LAYER)}
    mlp = layer.write_mlp(model.model.multi_modal_projector)
    plain.load_state_dict({**state, **{LAYER + name: value for name, value in mlp.items()}})
    plain.generation_config = model.generation_config
    return torch.nn.Module.train(plain, False)
