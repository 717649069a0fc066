"""ImageBind-LLM: what was trained, ImageBind, the LLaMA below it in either layout, and the retrieval cache."""

import re
from pathlib import Path
from typing import Any

import torch

from tools.errors import UsageError
from trainer.model.baselines.adapted import ATTENTION, FEED_FORWARD
from trainer.model.baselines.imagebind_llm import ImageBindLlmConfig
from trainer.model.baselines.pixels import Encoder
from trainer.model.conversion.features import read_features
from trainer.model.conversion.imagebind import read_imagebind
from trainer.model.conversion.llama import INNER, Language, permute, read_language
from trainer.model.conversion.pandagpt import fold_into
from trainer.model.conversion.parts import Parts, measure_depth, name_language, prepare_tokenizer
from trainer.model.conversion.tensors import Lazy, Tensors, open_file

WHERE = "it is 7B.pth or 7B-pretrained.pth of the hub repository Cxxs/ImageBind-LLM"
BRIDGE = "model.multi_modal_projector."
LAYERS = "model.language_model.layers."
GATE = re.compile(r"llama\.layers\.(\d+)\.attention\.gate")
LORA = re.compile(r"llama\.layers\.(\d+)\.(attention|feed_forward)\.lora_(w\w)_l([12])\.weight")
PLAIN = re.compile(r"llama\.layers\.(\d+)\.(\w+(?:\.w\w)?)\.(weight|bias)")
BLOCK = re.compile(r"image_bind_(norm|f\d)_(\d)\.weight")


def read_imagebind_llm(
    llm: Path, imagebind: Path, delta: Path, encoder: Encoder, is_folded: bool, cache: Path | None
) -> Parts:
    """All tensors of an ImageBind-LLM, not read yet.

    Args:
        cache: file of the stored features; None for off.

    Raises:
        MissingError, UsageError: a file is missing, damaged, or does not belong to the others.
    """
    held = _open_delta(delta)
    language = read_language(llm)
    _check_pair(delta, held, llm, language)
    tower, tensors = read_imagebind(imagebind, encoder, takes_points=True)
    tensors |= name_language(language.tensors)
    tensors |= _name_trained(held, int(language.config.num_attention_heads))
    rank = next((lazy.shape[0] for name, lazy in tensors.items() if name.endswith("q_proj.lora_a")), 0)
    if is_folded:
        _fold(tensors)
    stored = None if cache is None else read_features(cache, tower.out_width)
    if stored is not None:
        tensors["model.retrieval.keys"] = stored
    tokenizer, image = prepare_tokenizer(language.tokenizer, "unk_token")
    config = ImageBindLlmConfig(
        vision_config=tower,
        text_config=language.config,
        adapted_layers=held["prefix_query.weight"].shape[0],
        bind_hidden=held["image_bind_f1_1.weight"].shape[0],
        lora_rank=0 if is_folded else rank,
        value_rank=rank,
        is_tuned=any(name.endswith(".bias") and name.startswith("llama.") for name in held),
        cache="off" if stored is None else "on",
        cache_count=0 if stored is None else stored.shape[0],
        image_token_id=image,
        tie_word_embeddings=False,
    )
    return Parts(config, tensors, tokenizer, [int(tokenizer.eos_token_id)])


def _open_delta(path: Path) -> Tensors:
    held = open_file(path, "checkpoint of ImageBind-LLM", WHERE, inside="model")
    found = {re.sub(r"^llma\.", "llama.", name): lazy for name, lazy in held.items()}
    if "image_bind_norm_1.bias" in found:
        raise UsageError(f"--delta {path}: of June 2023 (its bind network has biases), no longer offered; {WHERE}")
    absent = [name for name in ("prefix_query.weight", "image_bind_f1_1.weight") if name not in found]
    if absent:
        raise UsageError(f"--delta {path}: no checkpoint of ImageBind-LLM, it has no `{absent[0]}`; {WHERE}")
    return found


def _check_pair(delta: Path, held: Tensors, llm: Path, language: Language) -> None:
    width, depth = held["prefix_query.weight"].shape[1], measure_depth(held, GATE)
    own = (int(language.config.hidden_size), int(language.config.num_hidden_layers))
    if (width, depth) != own:
        raise UsageError(
            f"--delta {delta}: of a language model {width} wide with {depth} layers, but --llm {llm} is {own[0]} wide "
            f"with {own[1]}; the published one is 4096 wide with 32"
        )


def _name_trained(held: Tensors, heads: int) -> Tensors:
    """Everything in the file under our names; what we do not know keeps its own, to be refused."""
    gates = {int(match[1]): lazy for name, lazy in held.items() if (match := GATE.fullmatch(name))}
    count = held["prefix_query.weight"].shape[0]
    last = [gates[number] for number in sorted(gates)][-count:]
    found: Tensors = {BRIDGE + "gates": Lazy((count, heads), lambda: _stack_gates(last))}
    for name, lazy in held.items():
        if GATE.fullmatch(name) is None:
            found[_rename(name)] = _reorder(name, lazy, heads)
    return found


def _stack_gates(gates: list[Lazy]) -> torch.Tensor:
    return torch.stack([gate.read().reshape(-1) for gate in gates]).float()


def _rename(name: str) -> str:
    if match := BLOCK.fullmatch(name):
        return f"{BRIDGE}blocks.{int(match[2]) - 1}.{match[1]}.weight"
    if name.startswith("image_bind_proj."):
        return f"{BRIDGE}proj.{name.rpartition('.')[2]}"
    if match := LORA.fullmatch(name):
        return f"{LAYERS}{match[1]}.{INNER[f'{match[2]}.{match[3]}']}.lora_{'ab'[int(match[4]) - 1]}"
    if (match := PLAIN.fullmatch(name)) and match[2] in INNER:
        return f"{LAYERS}{match[1]}.{INNER[match[2]]}.{match[3]}"
    others = {"prefix_query.weight": f"{BRIDGE}prefix_query", "llama.norm.weight": "model.language_model.norm.weight"}
    return others.get(name, name)


def _reorder(name: str, lazy: Lazy, heads: int) -> Lazy:
    """What is added to queries and keys, in the order of transformers; the base of a folder of theirs is so already."""
    rotates = name.endswith(("wq.bias", "lora_wq_l2.weight", "lora_wk_l2.weight"))
    return lazy.map(lambda tensor: permute(tensor, heads)) if rotates else lazy


def _fold(tensors: Tensors) -> None:
    """All low-rank parts but the values': what the image gives the values is computed without it."""
    names: Any = {*ATTENTION, *FEED_FORWARD} - {"v_proj"}
    for name in [name for name in tensors if name.endswith(".lora_a") and name.split(".")[-2] in names]:
        fold_into(tensors, name.removesuffix("lora_a"), 1.0)
