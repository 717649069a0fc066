"""LoRA and QLoRA: adapters on the language model only, the align layer in full beside them."""

import importlib.util
import os
import re
from pathlib import Path
from typing import Any

import torch

from tools.errors import MissingError, UsageError
from tools.files import fill_folder
from trainer.folders import PART
from trainer.model.pretrained import check_weights, explain_loading
from trainer.recipe import LoraPart, SftPart

ALIGN_LAYER = "multi_modal_projector"
KEPT = (r".*vision_tower", rf".*{ALIGN_LAYER}", "lm_head")
"""What QLoRA leaves in 16 bits: transformers matches from the start of a name, so bare `vision_tower` matches none."""


def add_adapters(model: Any, part: SftPart, seed: int) -> Any:
    """The model with adapters as `part` says, everything else frozen but the align layer when `train: both`.

    `all-linear`, PEFT's shorthand, would also adapt the tower and the align layer; here a pattern names the linear
    layers of the language model.
    """
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(seed)
    settings: LoraPart = part.lora
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=find_targets(model),
        modules_to_save=[ALIGN_LAYER] if part.train == "both" else None,
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def find_targets(model: Any) -> str:
    """A pattern of the linear layers inside the language model's blocks.

    Raises:
        UsageError: there are none.
    """
    names = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and "language_model." in name
    }
    if not names:
        raise UsageError("the language model has no linear layers to adapt; use method: full")
    return rf".*language_model\..*\.({'|'.join(sorted(map(re.escape, names)))})"


def save_adapter(model: Any, folder: Path, base: Path) -> None:
    """Write the adapter in PEFT's layout; it names its base by a relative path."""
    for config in model.peft_config.values():
        config.base_model_name_or_path = os.path.relpath(base, folder)
    with fill_folder(folder, PART, last="adapter_config.json") as staged:
        model.save_pretrained(str(staged), save_embedding_layers=False)


def load_quantised(folder: Path) -> Any:
    """A LLaVA-shaped model with its language model in 4 bits (NF4, double quantisation), the rest in bfloat16.

    Raises:
        MissingError: bitsandbytes is not installed.
    """
    if importlib.util.find_spec("bitsandbytes") is None:
        raise MissingError("method: qlora needs the package bitsandbytes: pip install bitsandbytes; or method: lora")
    from transformers import AutoModelForImageTextToText
    from transformers import BitsAndBytesConfig as Quantisation

    make: Any = Quantisation
    quantisation = make(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
        llm_int8_skip_modules=list(KEPT),
    )
    device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if torch.cuda.is_available() else "cpu"
    check_weights(folder)
    with explain_loading(folder, "the model", "copy or export it again"):
        return AutoModelForImageTextToText.from_pretrained(
            str(folder), quantization_config=quantisation, dtype=torch.bfloat16, device_map={"": device}
        )
