"""The model type `infrared_llava`: LLaVA with another align layer in place of its mlp.

A checkpoint with the mlp is a plain LLaVA. All others are of this model type, which transformers knows once this module
was imported; a linear one can also be written as a plain LLaVA (see `trainer.model.vanilla`).
"""

from typing import Any

from transformers import AutoConfig, AutoModelForImageTextToText, LlavaConfig, LlavaForConditionalGeneration

from trainer.model.align_layers import load_layer


class InfraredLlavaConfig(LlavaConfig):  # type: ignore[no-untyped-call]
    """LLaVA's configuration with the align layer's name and what it is made from.

    Attributes:
        align_layer: name in the registry; `--plugin` brings others.
        align_fields: what `AlignLayer.list_fields` gave.
    """

    model_type = "infrared_llava"

    def __init__(
        self,
        align_layer: str = "linear",
        align_fields: dict[str, Any] | None = None,
        qformer_config: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.align_layer = align_layer
        self.align_fields = align_fields or qformer_config or {}  # the latter in checkpoints of version 0.1
        super().__init__(**kwargs)


class InfraredLlava(LlavaForConditionalGeneration):  # type: ignore[no-untyped-call]
    """LLaVA with another align layer in place of its mlp."""

    config_class = InfraredLlavaConfig

    def __init__(self, config: InfraredLlavaConfig) -> None:
        super().__init__(config)
        parts: tuple[Any, Any] = (config.vision_config, config.text_config)
        widths = (int(part.hidden_size) for part in parts)
        self.model.multi_modal_projector = load_layer(config.align_layer).build(config.align_fields, *widths)
        self.post_init()  # type: ignore[no-untyped-call]


AutoConfig.register(InfraredLlavaConfig.model_type, InfraredLlavaConfig, exist_ok=True)
AutoModelForImageTextToText.register(InfraredLlavaConfig, InfraredLlava, exist_ok=True)
