"""The language model below a peer: a folder of transformers, or Meta's own layout of LLaMA."""

import re
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import LlamaConfig, LlamaTokenizer, PreTrainedTokenizerFast

from tools.errors import MissingError, UsageError
from tools.files.json_text import read_object
from trainer.model.conversion.tensors import Tensors, open_file, open_folder
from trainer.model.pretrained import AGAIN, read_model_config
from trainer.model.processing import load_plain_tokenizer

META_FILE, META_SIZES = "consolidated.00.pth", "params.json"
WHERE = "LLaMA-1 comes from Meta, for non-commercial research only"
OUTER = {
    "tok_embeddings.weight": "model.embed_tokens.weight",
    "norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
INNER = {
    "attention.wq": "self_attn.q_proj",
    "attention.wk": "self_attn.k_proj",
    "attention.wv": "self_attn.v_proj",
    "attention.wo": "self_attn.o_proj",
    "feed_forward.w1": "mlp.gate_proj",
    "feed_forward.w2": "mlp.down_proj",
    "feed_forward.w3": "mlp.up_proj",
    "attention_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
"""Meta's names -> those of transformers; w2 is the way down, w3 the one beside the gate."""
LENGTH = 2048


class Language(NamedTuple):
    """A language model that is not read yet.

    Attributes:
        config: of transformers.
        tensors: by the names of `LlamaForCausalLM`.
        tokenizer: of transformers, as it was found.
    """

    config: Any
    tensors: Tensors
    tokenizer: Any


def read_language(folder: Path) -> Language:
    """The language model of a folder in either layout.

    Raises:
        MissingError, UsageError: neither, or no Llama.
    """
    if (folder / META_FILE).is_file() or (folder / META_SIZES).is_file():
        return _read_meta(folder)
    config = read_model_config(folder)
    if config.model_type != "llama":
        raise UsageError(f"--llm {folder}: a model of the type `{config.model_type}`; the peers stand on a llama")
    tensors = {name: lazy for name, lazy in open_folder(folder).items() if "rotary_emb" not in name}
    return Language(config, tensors, load_plain_tokenizer(folder))


def _read_meta(folder: Path) -> Language:
    held = open_file(folder / META_FILE, "LLaMA of Meta's layout", WHERE)
    if not (folder / META_SIZES).is_file():
        raise MissingError(f"--llm {folder}: {META_SIZES} is missing beside {META_FILE}; copy it too")
    sizes = read_object(folder / META_SIZES, AGAIN)
    tensors = {rename(name): lazy for name, lazy in held.items() if "rope" not in name}
    try:
        heads = int(sizes["n_heads"])
        config = LlamaConfig(
            vocab_size=tensors["model.embed_tokens.weight"].shape[0],
            hidden_size=int(sizes["dim"]),
            intermediate_size=tensors["model.layers.0.mlp.gate_proj.weight"].shape[0],
            num_hidden_layers=int(sizes["n_layers"]),
            num_attention_heads=heads,
            rms_norm_eps=float(sizes["norm_eps"]),
            max_position_embeddings=LENGTH,
            bos_token_id=1,
            eos_token_id=2,
            dtype=str(held["norm.weight"].read().dtype).removeprefix("torch."),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise UsageError(f"--llm {folder}: {META_FILE} or {META_SIZES} does not say {error}; {AGAIN}") from error
    for name in [name for name in tensors if name.endswith(("q_proj.weight", "k_proj.weight"))]:
        tensors[name] = tensors[name].map(lambda weight: permute(weight, heads))
    tokens = next((each for each in (folder, folder.parent) if _has_tokenizer(each)), folder.parent)
    kind = PreTrainedTokenizerFast if (tokens / "tokenizer.json").is_file() else LlamaTokenizer
    return Language(config, tensors, load_plain_tokenizer(tokens, kind))


def _has_tokenizer(folder: Path) -> bool:
    return any((folder / name).is_file() for name in ("tokenizer.json", "tokenizer.model"))


def rename(name: str) -> str:
    """Meta's name of a tensor -> that of transformers; an unknown one as it is."""
    if name in OUTER:
        return OUTER[name]
    found = re.fullmatch(r"layers\.(\d+)\.(\w+(?:\.w\w)?)\.(weight|bias)", name)
    if found is None or found[2] not in INNER:
        return name
    return f"model.layers.{found[1]}.{INNER[found[2]]}.{found[3]}"


def permute(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """Rows of queries and keys from Meta's order (pairs that rotate stand together) to that of transformers (halves).

    Args:
        weight: (heads x head width, ...), a bias too.
    """
    split = weight.reshape(heads, -1, 2, *weight.shape[1:])
    return split.transpose(1, 2).reshape(weight.shape)
