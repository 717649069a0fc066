"""Loads a vision-language model of any family from a standard folder, strictly."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForImageTextToText

from tools.errors import UsageError
from tools.weights import explain_model
from trainer.model import baselines  # noqa: F401 - makes the types of the paper's peers known
from trainer.model.assembled import TYPES, Assembled, load_assembled
from trainer.model.chat_templates import AUTO, choose_template, read_template
from trainer.model.pretrained import check_weights, explain_loading, read_fields
from trainer.model.processing import load_processor


def load_vlm_processor(folder: Path, template: str = AUTO) -> Any:
    """The processor of a model folder, which pads on the left, as generation in batches needs it.

    Args:
        template: one of ours in place of the folder's own chat template; `auto` keeps that.

    Raises:
        MissingError, UsageError: there is none, or it is damaged.
    """
    processor = load_processor(folder)
    if not hasattr(processor, "image_processor") or not hasattr(processor, "tokenizer"):
        raise UsageError(f"{folder}: its {type(processor).__name__} knows no images; name a vision-language model")
    if template != AUTO:
        with explain_model(folder, "its processor names no image token"):
            processor.chat_template = read_template(
                choose_template(template, processor.tokenizer), processor.image_token
            )
    processor.tokenizer.padding_side = "left"
    return processor


def read_model_type(folder: Path) -> str:
    """What a model folder's config.json calls its kind.

    Raises:
        MissingError, UsageError: there is none.
    """
    kind = read_fields(folder).get("model_type")
    if not isinstance(kind, str):
        raise UsageError(f"{folder}: its config.json names no `model_type`; copy the folder again")
    return kind


def load_any(folder: Path) -> Assembled:
    """A model of ours, or any other vision-language model.

    Raises:
        MissingError, UsageError: see `load_assembled` and `load_vlm`.
    """
    return load_assembled(folder) if read_model_type(folder) in TYPES else load_vlm(folder)


def load_vlm(folder: Path, dtype: torch.dtype = torch.float32, template: str = AUTO) -> Assembled:
    """A vision-language model and its processor.

    Raises:
        MissingError: no model folder.
        UsageError: transformers knows no such model, or its weights are damaged or missing.
    """
    check_weights(folder)
    processor = load_vlm_processor(folder, template)
    with explain_loading(folder, "the model", "name a folder of a vision-language model"):
        load: Any = AutoModelForImageTextToText.from_pretrained
        model, report = load(str(folder), dtype=dtype, output_loading_info=True)
    missing = sorted(report["missing_keys"])
    if missing:
        text = f"{len(missing)} tensors are missing, e.g. {', '.join(missing[:3])}"
        raise UsageError(f"{folder}: {text}; copy the folder again")
    return Assembled(model, processor)
