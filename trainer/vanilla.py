"""A linear align layer written as LLaVA's mlp, exactly, so that programs which know only LLaVA can load the model.

gelu(x) - gelu(-x) = x: the first layer gives x and -x, the second subtracts what the gelu makes of them. This needs a
text width of at least twice the vision width.
"""

from typing import Any

import torch
from transformers import LlavaConfig, LlavaForConditionalGeneration

from tools.errors import UsageError
from trainer.connectors import InfraredLlava

LAYER = "model.multi_modal_projector."


def make_vanilla(model: Any) -> Any:
    """The model as a plain `LlavaForConditionalGeneration`; itself when it is one.

    Raises:
        UsageError: its align layer cannot be written as an mlp.
    """
    if not isinstance(model, InfraredLlava):
        return model
    layer = model.model.multi_modal_projector
    if model.config.align_layer != "linear":
        raise UsageError(
            f"the align layer `{model.config.align_layer}` is no mlp and no linear layer, so no plain LLaVA can hold "
            "it; use --format hf, which needs `import trainer.model` to be loaded"
        )
    fields = model.config.to_dict()
    for name in ("model_type", "align_layer", "qformer_config", "architectures", "transformers_version"):
        fields.pop(name, None)
    make: Any = LlavaForConditionalGeneration
    plain = make(LlavaConfig(**fields)).to(model.dtype)
    state = {name: value for name, value in model.state_dict().items() if not name.startswith(LAYER)}
    plain.load_state_dict({**state, **unfold_linear(layer.linear.weight.detach(), layer.linear.bias.detach())})
    plain.generation_config = model.generation_config
    return torch.nn.Module.train(plain, False)


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
        f"{LAYER}linear_1.weight": first,
        f"{LAYER}linear_1.bias": weight.new_zeros(text_width),
        f"{LAYER}linear_2.weight": second,
        f"{LAYER}linear_2.bias": bias.clone(),
    }
