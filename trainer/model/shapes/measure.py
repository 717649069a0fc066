"""How large the parts of a vision-language model of any family are, from its configuration alone."""

from typing import Any

from tools.errors import UsageError
from trainer.model.sizes import Language, Sizes

KEPT_BYTES = 4
"""Of a number that the align layer keeps for its gradients."""


def measure_whole(config: Any, image_tokens: int) -> Sizes:
    """Sizes of a whole model: vision tower, align layer (all that is neither of the two others), language model.

    Args:
        image_tokens: that an image fills.

    Raises:
        UsageError: transformers knows no vision-language model of this kind.
    """
    import torch
    from transformers import AutoModelForImageTextToText

    from trainer.model.vlm.anatomy import find_anatomy

    make: Any = AutoModelForImageTextToText.from_config
    try:
        with torch.device("meta"):
            model = make(config)
    except ValueError as error:
        raise UsageError(f"a model of the type `{config.model_type}` is no vision-language model") from error
    anatomy = find_anatomy(model)
    counts: dict[str, int] = {}
    for name, parameter in model.named_parameters():
        part = anatomy.name_part(name)
        counts[part] = counts.get(part, 0) + parameter.numel()
    layer = [
        module
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and anatomy.name_part(f"{name}.weight") == "align layer"
    ]
    return Sizes(
        counts["vision tower"],
        counts.get("align layer", 0),
        _measure_decoder(model, counts["language model"]),
        image_tokens,
        KEPT_BYTES * image_tokens * sum(each.in_features + each.out_features for each in layer),
    )


def _measure_decoder(model: Any, parameters: int) -> Language:
    """A language model inside a whole one; of blocks of several kinds the mean."""
    import torch

    config = model.config.get_text_config()
    blocks = model.get_decoder().layers
    linears = [each for each in blocks.modules() if isinstance(each, torch.nn.Linear)]
    ends = {id(each.weight): each.weight.numel() for each in (model.get_input_embeddings(), model.lm_head)}
    heads, layers = config.num_attention_heads, len(blocks)
    side = getattr(config, "head_dim", None) or config.hidden_size // heads
    return Language(
        parameters=parameters,
        ends=sum(ends.values()),
        width=config.hidden_size,
        inner=config.intermediate_size,
        queries=heads * side,
        keys=(getattr(config, "num_key_value_heads", None) or heads) * side,
        layers=layers,
        linear_in=sum(each.in_features for each in linears) // layers,
        linear_out=sum(each.out_features for each in linears) // layers,
        linears=len(linears) // layers,
        vocabulary=config.vocab_size,
    )
