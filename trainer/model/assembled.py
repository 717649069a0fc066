"""Infrared-LLaVA (paper 5): vision tower -> align layer -> language model, put together, saved and loaded.

assembled = assemble(Path("vicuna-7b-v1.5"), Path("LanguageBind_Thermal"))
save_assembled(assembled, Path("model"))          # a standard Hugging Face folder
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    LlavaConfig,
    LlavaForConditionalGeneration,
)

from tools.errors import UsageError
from tools.files import Claim, fill_folder
from tools.registry import ALIGN_LAYERS
from trainer.folders import EXPORTED
from trainer.model.align_layers import load_layer
from trainer.model.chat_templates import choose_template, find_family
from trainer.model.connectors import InfraredLlava, InfraredLlavaConfig
from trainer.model.pretrained import check_weights, explain_loading, read_fields, read_model_config
from trainer.model.processing import Framing, load_processor, load_tokenizer, make_processor, save_processor
from trainer.model.towers import Tower, load_tower

FEATURE_LAYER = -2
"""LLaVA-1.5 and Video-LLaVA take the last but one layer's output."""
TYPES = ("llava", InfraredLlavaConfig.model_type)


class Assembled(NamedTuple):
    """A model and what turns images and text into its inputs.

    Attributes:
        model: `LlavaForConditionalGeneration`, or its subclass for align layers that LLaVA does not know.
        processor: `LlavaProcessor`, its tokenizer padding on the left, as generation in batches needs it.
    """

    model: Any
    processor: Any


def assemble(
    llm: Path,
    tower: Path,
    align_layer: str = "mlp",
    framing: Framing = "letterbox",
    template: str = "auto",
    dtype: torch.dtype = torch.float32,
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
) -> Assembled:
    """A new model: tower and language model as they are, the align layer at random.

    Args:
        llm: folder of any Hugging Face causal language model.
        tower: folder of a vision tower, see `trainer.model.towers`.
        align_layer: name in the registry; `settings` are its own.
        seed: of the align layer, and of the embeddings of new tokens.

    Raises:
        MissingError, UsageError: a folder does not hold what it should.
    """
    text_config, eye = read_model_config(llm), load_tower(tower, dtype)
    tokenizer = load_tokenizer(llm)
    language = _load_language(llm, dtype)
    torch.manual_seed(seed)
    if len(tokenizer) > language.get_input_embeddings().weight.shape[0]:
        language.resize_token_embeddings(len(tokenizer), pad_to_multiple_of=64)
        text_config = language.config
    layer = load_layer(align_layer)
    fields = layer.list_fields(eye.model.config, ALIGN_LAYERS.read_settings(align_layer, settings or {}))
    common = _list_common(eye, text_config, tokenizer)
    if layer.is_llava:
        config = LlavaConfig(**common)
    else:
        config = InfraredLlavaConfig(align_layer=align_layer, align_fields=fields, **common)
    model = _make_empty(config, dtype)
    model.model.vision_tower.load_state_dict(eye.model.state_dict())
    model.model.language_model.load_state_dict(language.model.state_dict())
    model.lm_head.load_state_dict(language.lm_head.state_dict())
    _set_generation(model, language, choose_template(template, tokenizer), tokenizer)
    processor = make_processor(tokenizer, eye, layer.count_tokens(fields, eye.patches), framing, template)
    processor.tokenizer.padding_side = "left"
    return Assembled(torch.nn.Module.train(model, False), processor)


def _load_language(folder: Path, dtype: torch.dtype) -> Any:
    check_weights(folder)
    with explain_loading(folder, "the language model"):
        model: Any = AutoModelForCausalLM.from_pretrained(str(folder), dtype=dtype)
    if not hasattr(model, "model") or not hasattr(model, "lm_head"):
        raise UsageError(f"{folder}: {type(model).__name__} is not built as `model` and `lm_head`, as LLaVA needs it")
    return model


def _list_common(eye: Tower, text_config: Any, tokenizer: Any) -> dict[str, Any]:
    """What the configuration says whatever the align layer."""
    return {
        "vision_config": eye.model.config.to_dict(),
        "text_config": text_config.to_dict(),
        "image_token_index": tokenizer.convert_tokens_to_ids("<image>"),
        "vision_feature_layer": FEATURE_LAYER,
        "vision_feature_select_strategy": "default" if eye.has_class_token else "full",
        "image_seq_length": eye.patches,
        "tie_word_embeddings": bool(getattr(text_config, "tie_word_embeddings", False)),
    }


def _make_empty(config: LlavaConfig, dtype: torch.dtype) -> Any:
    kind: Any = InfraredLlava if isinstance(config, InfraredLlavaConfig) else LlavaForConditionalGeneration
    return kind(config).to(dtype)


def _set_generation(model: Any, language: Any, family: str, tokenizer: Any) -> None:
    """How the language model generates, but ending where the template ends a turn."""
    model.generation_config = language.generation_config
    end = find_family(family).end_of_turn
    if end is not None:
        model.generation_config.eos_token_id = tokenizer.convert_tokens_to_ids(end)
    if model.generation_config.pad_token_id is None:
        model.generation_config.pad_token_id = tokenizer.pad_token_id


def load_assembled(folder: Path, dtype: torch.dtype = torch.float32) -> Assembled:
    """A model folder of ours, or any LLaVA folder of Hugging Face.

    Raises:
        MissingError: no model folder.
        UsageError: a model of another type, or damaged or missing weights.
    """
    kind = read_fields(folder).get("model_type")
    if kind not in TYPES:
        raise UsageError(f"{folder}: a model of the type `{kind}`, expected one of {', '.join(TYPES)}")
    check_weights(folder)
    with explain_loading(folder, "the model", "copy or export it again"):
        load: Any = AutoModelForImageTextToText.from_pretrained
        model, report = load(str(folder), dtype=dtype, output_loading_info=True)
    processor = load_processor(folder)
    missing = sorted(report["missing_keys"])
    if missing:
        shown = ", ".join(missing[:3])
        raise UsageError(f"{folder}: {len(missing)} tensors are missing, e.g. {shown}; copy or export it again")
    processor.tokenizer.padding_side = "left"
    return Assembled(model, processor)


def save_assembled(assembled: Assembled, folder: Path, claim: Claim = EXPORTED) -> None:
    """Write a standard folder: a model when it is whole, whatever interrupts it; files of someone else in it stay.

    Raises:
        UsageError: the folder holds something else than a model of ours.
    """
    with fill_folder(folder, claim) as staged:
        save_parts(assembled, staged)


def save_parts(assembled: Assembled, folder: Path) -> None:
    """Write model and processor into a folder that is there; no file of it names a place on this disk."""
    config = assembled.model.config
    for part in (config, config.get_text_config(), getattr(config, "vision_config", None)):
        if part is not None:
            part._name_or_path = ""
    assembled.model.save_pretrained(str(folder))
    save_processor(assembled.processor, folder)


def swap_tower(model: Any, tower: Path) -> None:
    """Put another tower in the place of the model's (indirect alignment): same shape, other weights.

    Raises:
        UsageError: the towers differ in shape.
    """
    eye = load_tower(tower)
    old, new = model.config.vision_config, eye.model.config
    names = ("hidden_size", "num_hidden_layers", "patch_size", "image_size", "intermediate_size")
    differing = [
        f"{name} {getattr(old, name)} and {getattr(new, name)}"
        for name in names
        if hasattr(old, name) and getattr(old, name) != getattr(new, name, None)
    ]
    if differing:
        raise UsageError(
            f"{tower}: this tower cannot take the other's place, they differ in {'; '.join(differing)}; indirect "
            "alignment needs two towers of one shape and one embedding space"
        )
    model.model.vision_tower.load_state_dict(eye.model.state_dict(), strict=True)
