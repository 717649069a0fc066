"""ImageBind-LLM as a model type of transformers: an image acts inside the attention, no token stands for it.

In each of the last N blocks a vector of the image, the same at every position, is added to the joined heads before
the output projection. So it has to go with every pass, also of a generation that goes on from a cache: it travels with
the cache (`ImageCache`).
"""

from typing import Any, cast

import torch
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForImageTextToText,
    DynamicCache,
    GenerationMixin,
    PretrainedConfig,
    PreTrainedModel,
)
from transformers.modeling_utils import slice_logits_to_keep
from transformers.models.llava.modeling_llava import LlavaCausalLMOutputWithPast

from trainer.model.baselines.adapted import (
    ATTENTION,
    FEED_FORWARD,
    AdaptedLinear,
    Addition,
    InjectedLinear,
    adapt,
)
from trainer.model.baselines.bind_network import BindNetwork, Retrieval, mix
from trainer.model.baselines.imagebind import ImageBindConfig

RANK = 16
BIASED = ("q_proj", "o_proj", *FEED_FORWARD)
"""Layers with a bias in the fine-tuned model; keys and values have none."""


class ImageBindLlmConfig(PretrainedConfig):  # type: ignore[no-untyped-call]
    """What an ImageBind-LLM is made of.

    Attributes:
        adapted_layers: how many blocks of the language model, the last ones, the image acts on.
        bind_hidden: hidden width of the bind network.
        lora_rank: 0 where there is none; then the value matrices have their low-rank part all the same if
            `value_rank` says so: what the image gives them is computed without it.
        is_tuned: whether the layers have the biases of the fine-tuned model.
        cache: `on`, or `off` for an embedding as ImageBind gives it.
        cache_count: stored features; cache_neighbours, cache_sharpness, cache_share: see `Retrieval`.
    """

    model_type = "imagebind_llm"
    sub_configs = {"vision_config": AutoConfig, "text_config": AutoConfig}  # noqa: RUF012 - as transformers has it

    def __init__(  # noqa: PLR0913, PLR0917 - fields of config.json
        self,
        vision_config: Any = None,
        text_config: Any = None,
        adapted_layers: int = 32,
        bind_hidden: int = 16384,
        lora_rank: int = RANK,
        value_rank: int = RANK,
        is_tuned: bool = True,
        cache: str = "off",
        cache_count: int = 0,
        cache_neighbours: int = 10,
        cache_sharpness: float = 20.0,
        cache_share: float = 0.5,
        image_token_id: int = 32000,
        **kwargs: Any,
    ) -> None:
        self.vision_config = _make_config(vision_config, ImageBindConfig.model_type)
        self.text_config = _make_config(text_config, "llama")
        self.adapted_layers = adapted_layers
        self.bind_hidden = bind_hidden
        self.lora_rank, self.value_rank, self.is_tuned = lora_rank, value_rank, is_tuned
        if cache not in ("on", "off") or (cache == "on" and not cache_count):
            raise ValueError(f"cache: {cache!r} with {cache_count} stored features; on (with some) or off was expected")
        self.cache, self.cache_count = cache, cache_count
        self.cache_neighbours = cache_neighbours
        self.cache_sharpness, self.cache_share = cache_sharpness, cache_share
        self.image_token_id = image_token_id
        self.image_seq_length = 0
        self.vision_feature_layer = -1
        super().__init__(**kwargs)


def _make_config(given: Any, kind: str) -> Any:
    if isinstance(given, PretrainedConfig):
        return given
    fields = dict(given or {})
    make: Any = AutoConfig.for_model
    return make(fields.pop("model_type", kind), **fields)


class ImageCache(DynamicCache):
    """Keys and values of the text, and what each row's image acts with.

    Attributes:
        bound: (B, D) of the bind network; None without an image.
    """

    bound: torch.Tensor | None = None

    def batch_select_indices(self, indices: torch.Tensor) -> None:
        """Keep these rows."""
        super().batch_select_indices(indices)
        if self.bound is not None:
            self.bound = self.bound[indices]

    def batch_repeat_interleave(self, repeats: int) -> None:
        """Each row as often."""
        super().batch_repeat_interleave(repeats)
        if self.bound is not None:
            self.bound = self.bound.repeat_interleave(repeats, dim=0)

    def reorder_cache(self, beam_idx: torch.Tensor) -> None:
        """The rows of other beams."""
        super().reorder_cache(cast("Any", beam_idx))
        if self.bound is not None:
            self.bound = self.bound[beam_idx]


class ImageBindLlmBase(PreTrainedModel):
    """What both classes below share."""

    config_class = ImageBindLlmConfig
    base_model_prefix = "model"
    input_modalities = ["image", "text"]  # noqa: RUF012 - as transformers has it
    main_input_name = "input_ids"
    supports_gradient_checkpointing = True
    _skip_keys_device_placement = ["past_key_values"]  # noqa: RUF012 - as transformers has it
    _keep_in_fp32_modules_strict = ["retrieval"]  # noqa: RUF012 - as transformers has it
    _supports_sdpa = True
    _supports_flash_attn = True

    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)  # type: ignore[no-untyped-call]
        if isinstance(module, AdaptedLinear):
            module.reset_addition()
        elif isinstance(module, BindNetwork):
            nn.init.normal_(module.prefix_query)
            nn.init.zeros_(module.gates)


class ImageBindLlmModel(ImageBindLlmBase):
    """Tower, retrieval cache, bind network and language model, by the names that LLaVA gives such parts."""

    def __init__(self, config: ImageBindLlmConfig) -> None:
        super().__init__(config)
        vision, text = config.vision_config, config.text_config
        make: Any = AutoModel.from_config
        self.vision_tower = make(vision)
        if config.cache_count:
            mixing = (config.cache_neighbours, config.cache_sharpness, config.cache_share)
            self.retrieval = Retrieval(config.cache_count, vision.out_width, *mixing)
        self.multi_modal_projector = BindNetwork(
            vision.out_width, text.hidden_size, config.bind_hidden, config.adapted_layers, text.num_attention_heads
        )
        self.language_model = make(text)
        adapt(self.language_model, list_additions(config), injected="o_proj")
        self.post_init()  # type: ignore[no-untyped-call]

    def get_input_embeddings(self) -> nn.Module:
        """The language model's."""
        return cast("nn.Module", self.language_model.get_input_embeddings())

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the language model's."""
        self.language_model.set_input_embeddings(value)

    def bind(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """What images act with: (B, D)."""
        embedding = self.vision_tower(pixel_values, output_hidden_states=True).hidden_states[-1][:, 0]
        feature = mix({self.config.vision_config.encoder: (embedding.float(), 1.0)})
        if self.config.cache == "on":
            feature = self.retrieval(feature)
        return cast(
            "torch.Tensor", self.multi_modal_projector(feature.to(self.multi_modal_projector.proj.weight.dtype))
        )

    def forward(self, bound: torch.Tensor | None, **kwargs: Any) -> Any:
        """Run the language model under images, or without any where `bound` is None."""
        layers: Any = self.language_model.layers
        for number, layer in enumerate(layers):
            attention = layer.self_attn
            place, projection = (
                find_place(number, len(layers), self.config.adapted_layers),
                cast("InjectedLinear", attention.o_proj),
            )
            if bound is None or place is None:
                projection.injected = None
            else:
                projection.injected = self.multi_modal_projector.inject(bound, place, attention.v_proj.weight)
        return self.language_model(**kwargs)


class ImageBindLlm(ImageBindLlmBase, GenerationMixin):
    """ImageBind-LLM."""

    def __init__(self, config: ImageBindLlmConfig) -> None:
        super().__init__(config)
        self.model = ImageBindLlmModel(config)
        self.lm_head = nn.Linear(config.text_config.hidden_size, config.text_config.vocab_size, bias=False)
        self.loss_type = "ForCausalLM"
        self.post_init()  # type: ignore[no-untyped-call]

    def get_input_embeddings(self) -> nn.Module:
        """The language model's."""
        return cast("nn.Module", self.model.get_input_embeddings())

    def get_output_embeddings(self) -> nn.Module:
        """The head."""
        return cast("nn.Module", self.lm_head)

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        pixel_values: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
        past_key_values: Any = None,
        inputs_embeds: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
        logits_to_keep: int | torch.Tensor = 0,
        use_cache: bool | None = None,
        **kwargs: Any,
    ) -> LlavaCausalLMOutputWithPast:
        """Logits; the images are those of `pixel_values`, else those that the cache has seen."""
        bound = getattr(past_key_values, "bound", None) if pixel_values is None else self.model.bind(pixel_values)
        if use_cache and past_key_values is None:
            past_key_values = ImageCache(config=self.config.text_config)
        if past_key_values is not None:
            past_key_values.bound = bound
        outputs = self.model(
            bound,
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            past_key_values=past_key_values,
            inputs_embeds=inputs_embeds,
            use_cache=bool(use_cache),
            **kwargs,
        )
        states = slice_logits_to_keep(outputs.last_hidden_state, logits_to_keep)
        logits = self.lm_head(states.to(self.lm_head.weight.dtype))
        loss = None
        if labels is not None:
            loss = self.loss_function(logits=logits, labels=labels, vocab_size=self.config.text_config.vocab_size)
        return LlavaCausalLMOutputWithPast(
            loss=loss,
            logits=logits,
            past_key_values=outputs.past_key_values,
            hidden_states=outputs.hidden_states,
            attentions=outputs.attentions,
        )

    def prepare_inputs_for_generation(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The images go with the first pass, and from then on with the cache."""
        prepare: Any = GenerationMixin.prepare_inputs_for_generation
        inputs: dict[str, Any] = prepare(self, *args, **kwargs)
        if getattr(kwargs.get("past_key_values"), "bound", None) is not None:
            inputs.pop("pixel_values", None)
        return inputs


def find_place(number: int, depth: int, adapted: int) -> int | None:
    """Which of the adapted blocks a block of the language model is: only the last ones are."""
    place = number - (depth - adapted)
    return place if place >= 0 else None


def list_additions(config: ImageBindLlmConfig) -> dict[str, Addition]:
    """What each linear layer of the language model's blocks gets."""
    ranks = {name: config.value_rank if name == "v_proj" else config.lora_rank for name in (*ATTENTION, *FEED_FORWARD)}
    return {name: Addition(rank, has_bias=config.is_tuned and name in BIASED) for name, rank in ranks.items()}


AutoConfig.register(ImageBindLlmConfig.model_type, ImageBindLlmConfig, exist_ok=True)
AutoModelForImageTextToText.register(ImageBindLlmConfig, ImageBindLlm, exist_ok=True)
