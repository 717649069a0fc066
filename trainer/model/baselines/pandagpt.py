"""PandaGPT as a model type of transformers: ImageBind's embedding, one linear layer, one token of a Vicuna with LoRA.

It is of LLaVA's shape, with a tower whose only feature is the embedding. The image's token stands behind the
vocabulary, so neither the language model's embeddings nor its logits grow.
"""

from typing import Any, cast

import torch
from torch import nn
from transformers import AutoConfig, AutoModelForImageTextToText, LlavaConfig, LlavaForConditionalGeneration
from transformers.models.llava.modeling_llava import LlavaModel

from trainer.model.baselines.adapted import ATTENTION, AdaptedLinear, Addition, adapt

RANK, ALPHA, DROPOUT = 32, 32, 0.1


class PandaGptConfig(LlavaConfig):  # type: ignore[no-untyped-call]
    """LLaVA's configuration, with the low-rank part of the language model.

    Attributes:
        lora_rank: 0 where it is folded into the weights.
        answer_ending: tokens that end an answer in training, the line break and what follows it.
    """

    model_type = "pandagpt"

    def __init__(
        self,
        lora_rank: int = RANK,
        lora_alpha: int = ALPHA,
        lora_dropout: float = DROPOUT,
        answer_ending: list[int] | None = None,
        **kwargs: Any,
    ) -> None:
        self.lora_rank = lora_rank
        self.lora_alpha = lora_alpha
        self.lora_dropout = lora_dropout
        self.answer_ending = answer_ending or []
        fixed = {"vision_feature_layer": -1, "vision_feature_select_strategy": "full", "image_seq_length": 1}
        super().__init__(**{**kwargs, **fixed})


class PandaGptModel(LlavaModel):
    """LLaVA's body around one linear layer and an adapted Llama."""

    def __init__(self, config: PandaGptConfig) -> None:
        super().__init__(config)
        vision, text = cast("Any", config.vision_config), cast("Any", config.text_config)
        self.multi_modal_projector: nn.Module = nn.Linear(vision.out_width, text.hidden_size)  # type: ignore[assignment]
        if config.lora_rank:
            addition = Addition(config.lora_rank, config.lora_alpha / config.lora_rank, config.lora_dropout)
            adapt(self.language_model, dict.fromkeys(ATTENTION, addition))
        self.post_init()  # type: ignore[no-untyped-call]

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        pixel_values: torch.Tensor | None = None,
        inputs_embeds: torch.Tensor | None = None,
        mm_encoder_outputs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """As LLaVA's; the image's token, which the vocabulary does not hold, is looked up as any other first."""
        if input_ids is not None:
            marks = input_ids == self.config.image_token_id
            inputs_embeds = self.get_input_embeddings()(input_ids.masked_fill(marks, 0))
            found = (mm_encoder_outputs or {}).get("image")
            if found is None and pixel_values is not None:
                found = self.get_image_features(pixel_values=pixel_values, return_dict=True)
            if found is not None:
                features = torch.cat(list(found.pooler_output), dim=0)
                if int(marks.sum()) != len(features):
                    raise ValueError(f"{int(marks.sum())} image tokens for {len(features)} images")
                inputs_embeds = inputs_embeds.masked_scatter(marks[..., None], features.to(inputs_embeds))
        return super().forward(inputs_embeds=inputs_embeds, **kwargs)


class PandaGpt(LlavaForConditionalGeneration):  # type: ignore[no-untyped-call]
    """PandaGPT."""

    config_class = PandaGptConfig

    def __init__(self, config: PandaGptConfig) -> None:
        super(LlavaForConditionalGeneration, self).__init__(config)
        text = cast("Any", config.text_config)
        self.model = PandaGptModel(config)
        self.lm_head = nn.Linear(text.hidden_size, text.vocab_size, bias=False)
        self.loss_type = "ForCausalLM"
        self.post_init()  # type: ignore[no-untyped-call]

    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)  # type: ignore[no-untyped-call]
        if isinstance(module, AdaptedLinear):
            module.reset_addition()


AutoConfig.register(PandaGptConfig.model_type, PandaGptConfig, exist_ok=True)
AutoModelForImageTextToText.register(PandaGptConfig, PandaGpt, exist_ok=True)
