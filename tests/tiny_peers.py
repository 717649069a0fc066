"""The published files of the paper's peers at tiny size, of random weights: what `trainer.convert` is given.

sources = write_pandagpt(tmp_path / "pandagpt")         # flags of the command, by name
sources = write_imagebind_llm(tmp_path / "bind")
"""

import json
from pathlib import Path
from typing import Any

import torch

WIDTH, DEPTH, HEADS, HIDDEN, OUT = 32, 2, 4, 48, 16
RANK = {"pandagpt": 32, "imagebind-llm": 16}
VISION, THERMAL = (16, 1, 2), (24, 1, 2)  # width, blocks, heads
BIND_HIDDEN, FEATURES = 24, 12


class Dice:
    """Random tensors of one seed."""

    def __init__(self, seed: int) -> None:
        self._generator = torch.Generator().manual_seed(seed)

    def draw(self, *shape: int, size: float = 1.0) -> torch.Tensor:
        return torch.randn(*shape, generator=self._generator) * size / max(shape[-1], 1) ** 0.5


def write_pandagpt(root: Path, width: int = WIDTH, depth: int = DEPTH, seed: int = 0) -> dict[str, Path]:
    """A Vicuna, imagebind_huge.pth and the delta."""
    dice = Dice(seed)
    llm = write_llm(root / "vicuna", width, depth, seed)
    imagebind = write_imagebind(root / "imagebind_huge.pth", dice)
    delta: dict[str, Any] = {"llama_proj.weight": dice.draw(width, OUT), "llama_proj.bias": dice.draw(width)}
    rank = RANK["pandagpt"]
    for layer in range(depth):
        for name in "qkvo":
            stem = f"llama_model.base_model.model.model.layers.{layer}.self_attn.{name}_proj.lora_"
            delta[f"{stem}A.default.weight"] = dice.draw(rank, width)
            delta[f"{stem}B.default.weight"] = dice.draw(width, rank)
    torch.save(delta, root / "pytorch_model.pt")
    return {"llm": llm, "imagebind": imagebind, "delta": root / "pytorch_model.pt"}


def write_imagebind_llm(root: Path, seed: int = 1) -> dict[str, Path]:
    """A LLaMA in Meta's layout, imagebind_w3D.pth, 7B.pth and stored features."""
    dice = Dice(seed)
    llm = write_meta(root / "llama", dice)
    imagebind = write_imagebind(root / "imagebind_w3D.pth", dice, has_points=True)
    torch.save({"model": draw_bind(dice)}, root / "7B.pth")
    import numpy as np

    rows = torch.nn.functional.normalize(dice.draw(FEATURES, OUT), dim=-1)
    np.save(root / "knn.npy", rows.numpy())
    return {"llm": llm, "imagebind": imagebind, "delta": root / "7B.pth", "cache": root / "knn.npy"}


def write_llm(folder: Path, width: int = WIDTH, depth: int = DEPTH, seed: int = 0) -> Path:
    """A Llama in a folder of transformers."""
    from trainer.parts.tiny import _load_tokenizer, make_language

    torch.manual_seed(seed)
    tokenizer = _load_tokenizer()
    sizes = {"hidden_size": width, "intermediate_size": HIDDEN, "num_hidden_layers": depth}
    make_language(len(tokenizer), **sizes, num_attention_heads=HEADS, num_key_value_heads=HEADS).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def write_meta(folder: Path, dice: Dice) -> Path:
    """A LLaMA as Meta publishes it; the tokenizer stands a folder above."""
    from trainer.parts.tiny import _load_tokenizer

    tokenizer = _load_tokenizer()
    vocabulary = len(tokenizer)
    held = {"tok_embeddings.weight": dice.draw(vocabulary, WIDTH, size=4), "norm.weight": torch.ones(WIDTH)}
    held["output.weight"] = dice.draw(vocabulary, WIDTH)
    held["rope.freqs"] = torch.ones(4)
    for layer in range(DEPTH):
        for name, shape in list_layers().items():
            held[f"layers.{layer}.{name}.weight"] = dice.draw(*shape)
        for name in ("attention_norm", "ffn_norm"):
            held[f"layers.{layer}.{name}.weight"] = torch.ones(WIDTH)
    place = folder / "7B"
    place.mkdir(parents=True)
    torch.save({name: value.half() for name, value in held.items()}, place / "consolidated.00.pth")
    sizes = {"dim": WIDTH, "n_layers": DEPTH, "n_heads": HEADS, "norm_eps": 1e-6, "vocab_size": -1}
    (place / "params.json").write_text(json.dumps({**sizes, "multiple_of": 16}))
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))
    return place


def list_layers() -> dict[str, tuple[int, int]]:
    """Linear layers of a block by Meta's names: outputs and inputs."""
    square = {f"attention.w{name}": (WIDTH, WIDTH) for name in "qkvo"}
    return {
        **square, "feed_forward.w1": (HIDDEN, WIDTH), "feed_forward.w2": (WIDTH, HIDDEN),
        "feed_forward.w3": (HIDDEN, WIDTH),
    }  # fmt: skip


def draw_bind(dice: Dice) -> dict[str, torch.Tensor]:
    """What ImageBind-LLM's file holds."""
    held = {"image_bind_proj.weight": dice.draw(WIDTH, OUT), "image_bind_proj.bias": dice.draw(WIDTH)}
    for block in (1, 2, 3):
        held[f"image_bind_norm_{block}.weight"] = torch.ones(WIDTH)
        for role in (1, 2, 3):
            shape = (WIDTH, BIND_HIDDEN) if role == 2 else (BIND_HIDDEN, WIDTH)
            held[f"image_bind_f{role}_{block}.weight"] = dice.draw(*shape)
    held["prefix_query.weight"] = dice.draw(1, WIDTH, size=4)  # the last block alone is adapted
    held["llama.norm.weight"] = torch.ones(WIDTH)
    rank = RANK["imagebind-llm"]
    for layer in range(DEPTH):
        stem = f"llama.layers.{layer}."
        held[f"{stem}attention.gate"] = dice.draw(1, HEADS, 1, 1).half()
        for name, (outputs, inputs) in list_layers().items():
            place, _, short = name.partition(".")
            held[f"{stem}{place}.lora_{short}_l1.weight"] = dice.draw(rank, inputs)
            held[f"{stem}{place}.lora_{short}_l2.weight"] = dice.draw(outputs, rank)
            if short not in ("wk", "wv"):
                held[f"{stem}{name}.bias"] = dice.draw(outputs)
        for name in ("attention_norm", "ffn_norm"):
            held[f"{stem}{name}.weight"] = torch.ones(WIDTH) + dice.draw(WIDTH)
    return held


def write_imagebind(path: Path, dice: Dice, has_points: bool = False) -> Path:
    """A file of ImageBind with two branches; the heads, which no file says, stand in dims.json beside it."""
    from trainer.model.baselines import ImageBind, ImageBindConfig

    model = ImageBind(ImageBindConfig({"thermal": THERMAL, "vision": VISION}, out_width=OUT))
    held = {}
    for name, value in model.state_dict().items():
        is_norm = ("norm" in name or ".0.weight" in name) and name.endswith("weight") and value.dim() == 1
        held[name] = torch.ones_like(value) if is_norm else value if value.dim() == 0 else dice.draw(*value.shape)
    if has_points:
        held["point_trunk.point_encoder.bias"] = torch.zeros(3)
        held["modality_heads.point.0.weight"] = torch.ones(3)
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(held, path)
    heads = {"thermal_num_heads": THERMAL[2], "vision_num_heads": VISION[2]}
    path.with_name("dims.json").write_text(json.dumps(heads))
    return path
