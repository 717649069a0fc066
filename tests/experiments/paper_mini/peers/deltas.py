"""Deltas of peers that were never trained: their published files' names and shapes, as their authors began."""

from pathlib import Path
from typing import Any

RANKS = {"pandagpt": 32, "imagebind-llm": 16}
WIDER = 4
"""The bind network is so much wider inside than the language model, as the published one."""
ATTENTION, FEED = ("wq", "wk", "wv", "wo"), ("w1", "w2", "w3")


def write_delta(peer: str, llm: Path, trunk: Path, seed: int, out: Path) -> None:
    """Write a delta for a language model of Llama's kind.

    Args:
        llm: its folder; trunk: folder of the trunk, for the width of its embedding.
    """
    import torch
    from transformers import LlamaForCausalLM

    from paper_mini.peers.trunk import FILE, PART

    embedding = torch.load(trunk / FILE, weights_only=True)[f"{PART.format('heads')}2.weight"].shape[0]
    torch.manual_seed(seed)
    model = LlamaForCausalLM.from_pretrained(str(llm))
    held, heads = model.state_dict(), int(model.config.num_attention_heads)
    is_pandagpt = peer == "pandagpt"
    made = _begin_pandagpt(held, embedding) if is_pandagpt else {"model": _begin_imagebind_llm(held, embedding, heads)}
    torch.save(made, out)


def _begin_pandagpt(held: Any, embedding: int) -> dict[str, Any]:
    from torch import nn

    width = held["model.norm.weight"].shape[0]
    projection = nn.Linear(embedding, width)
    made = {"llama_proj.weight": projection.weight.detach(), "llama_proj.bias": projection.bias.detach()}
    for layer in range(_count(held)):
        for name in "qkvo":
            stem = f"llama_model.base_model.model.model.layers.{layer}.self_attn.{name}_proj.lora_"
            low, high = _begin_addition(held[f"model.layers.{layer}.self_attn.{name}_proj.weight"], RANKS["pandagpt"])
            made |= {f"{stem}A.default.weight": low, f"{stem}B.default.weight": high}
    return made


def _begin_imagebind_llm(held: Any, embedding: int, heads: int) -> dict[str, Any]:
    import torch
    from torch import nn

    width, depth = held["model.norm.weight"].shape[0], _count(held)
    projection = nn.Linear(embedding, width)
    made = {"image_bind_proj.weight": projection.weight.detach(), "image_bind_proj.bias": projection.bias.detach()}
    for block in (1, 2, 3):
        made[f"image_bind_norm_{block}.weight"] = torch.ones(width)
        for role in (1, 2, 3):
            sizes = (WIDER * width, width) if role == 2 else (width, WIDER * width)
            made[f"image_bind_f{role}_{block}.weight"] = nn.Linear(*sizes, bias=False).weight.detach()
    made |= {"prefix_query.weight": torch.randn(depth, width), "llama.norm.weight": held["model.norm.weight"]}
    for layer in range(depth):
        made |= _begin_layer(held, layer, heads)
    return made


def _begin_layer(held: Any, layer: int, heads: int) -> dict[str, Any]:
    """Norms as they are, gates, biases and low-rank parts that do nothing yet."""
    import torch

    old, new = f"model.layers.{layer}.", f"llama.layers.{layer}."
    made = {f"{new}attention.gate": torch.zeros(1, heads, 1, 1)}
    for name, norm in (("attention_norm", "input_layernorm"), ("ffn_norm", "post_attention_layernorm")):
        made[f"{new}{name}.weight"] = held[f"{old}{norm}.weight"]
    names = dict(zip(ATTENTION, ("q_proj", "k_proj", "v_proj", "o_proj"), strict=True))
    names |= dict(zip(FEED, ("gate_proj", "down_proj", "up_proj"), strict=True))
    for name, layer_name in names.items():
        part, inner = ("attention", "self_attn") if name in ATTENTION else ("feed_forward", "mlp")
        weight = held[f"{old}{inner}.{layer_name}.weight"]
        low, high = _begin_addition(weight, RANKS["imagebind-llm"])
        made |= {f"{new}{part}.lora_{name}_l1.weight": low, f"{new}{part}.lora_{name}_l2.weight": high}
        if name not in ("wk", "wv"):
            made[f"{new}{part}.{name}.bias"] = torch.zeros(weight.shape[0])
    return made


def _begin_addition(weight: Any, rank: int) -> tuple[Any, Any]:
    import torch
    from torch import nn

    return nn.Linear(weight.shape[1], rank, bias=False).weight.detach(), torch.zeros(weight.shape[0], rank)


def _count(held: Any) -> int:
    return len({name.split(".")[2] for name in held if name.startswith("model.layers.")})
