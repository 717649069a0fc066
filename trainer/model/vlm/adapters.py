"""LoRA and QLoRA on any vision-language model: adapters on its language model only, other parts in full beside them."""

import importlib.util
import os
import re
from pathlib import Path
from typing import Any

import torch

from tools.errors import MissingError, UsageError
from trainer.model.pretrained import check_weights, explain_loading
from trainer.model.vlm.anatomy import Anatomy, Part, find_anatomy
from trainer.recipe import SftPart


def add_vlm_adapters(model: Any, anatomy: Anatomy, part: SftPart, trained: frozenset[Part], seed: int) -> Any:
    """The model with adapters as `part` says, and the other trained parts in full beside them.

    Args:
        trained: parts that learn; the language model learns through its adapters.

    Raises:
        UsageError: the language model has no linear layers.
    """
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(seed)
    modules = list(anatomy.list_modules(model, trained - {"language model"}))
    config = LoraConfig(
        r=part.lora.rank,
        lora_alpha=part.lora.alpha,
        lora_dropout=part.lora.dropout,
        target_modules=find_decoder_targets(model, anatomy),
        modules_to_save=modules or None,
        task_type="CAUSAL_LM",
    )
    return get_peft_model(model, config)


def find_decoder_targets(model: Any, anatomy: Anatomy) -> str:
    """A pattern of the linear layers inside the language model, of no others.

    Raises:
        UsageError: there are none.
    """
    modules = model.get_submodule(anatomy.decoder).named_modules()
    names = {name.rpartition(".")[2] for name, module in modules if isinstance(module, torch.nn.Linear)}
    if not names:
        raise UsageError("the language model has no linear layers to adapt; use method: full")
    return rf"{re.escape(anatomy.decoder)}\..*\.({'|'.join(sorted(map(re.escape, names)))})"


def load_quantised_vlm(folder: Path) -> Any:
    """A model with its language model in 4 bits (NF4, double quantisation), the rest in bfloat16.

    Raises:
        MissingError: bitsandbytes is not installed.
    """
    if importlib.util.find_spec("bitsandbytes") is None:
        raise MissingError("method: qlora needs the package bitsandbytes: pip install bitsandbytes; or method: lora")
    from transformers import AutoConfig, AutoModelForImageTextToText
    from transformers import BitsAndBytesConfig as Quantisation

    check_weights(folder)
    make: Any = Quantisation
    with explain_loading(folder, "the model", "name a folder of a vision-language model"):
        load: Any = AutoConfig.from_pretrained
        build: Any = AutoModelForImageTextToText.from_config
        with torch.device("meta"):
            empty = build(load(str(folder)))
        quantisation = make(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
            llm_int8_skip_modules=list_kept(empty, find_anatomy(empty)),
        )
        device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if torch.cuda.is_available() else "cpu"
        return AutoModelForImageTextToText.from_pretrained(
            str(folder), quantization_config=quantisation, dtype=torch.bfloat16, device_map={"": device}
        )


def list_kept(model: Any, anatomy: Anatomy) -> list[str]:
    """Modules that stay in 16 bits: everything but the language model."""
    others: frozenset[Part] = frozenset({"vision tower", "align layer", "other encoders"})
    return [*anatomy.list_modules(model, others), anatomy.head]
