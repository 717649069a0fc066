"""LanguageBind's state dict under HF's names, its LoRA folded into the weights."""

from pathlib import Path
from typing import Final, NamedTuple

import torch

from tools.errors import UsageError
from tools.languagebind.folder import LoraConfig
from tools.weights import State

_WRAPPED: Final = "encoder.base_model.model.layers."
_PLAIN: Final = "encoder.layers."
_ADVICE: Final = "take config.json and pytorch_model.bin from the same source"


class Folded(NamedTuple):
    """Weights under HF's names.

    Attributes:
        state: no LoRA, no position ids.
        modules: how many layers had LoRA weights.
        rank, scale: of the LoRA; 0 without any.
    """

    state: State
    modules: int
    rank: int
    scale: float


def fold_lora(held: State, config: LoraConfig, path: Path) -> Folded:
    """Rename what peft has wrapped and add scale x B @ A to each weight (LoRA, arXiv 2106.09685).

    Args:
        held: as in the file, float32; both layouts of peft are read, with and without `.base_layer.`.
        config: the LoRA's rank and alpha; scale = alpha / rank.
        path: for error texts.

    Raises:
        UsageError: LoRA weights whose scale is not known, that contradict the config, or that lack a part.
    """
    state: State = {}
    parts: dict[str, dict[str, torch.Tensor]] = {}
    for key, value in held.items():
        if key.endswith("position_ids"):
            continue
        name = key.replace(_WRAPPED, _PLAIN).replace(".base_layer.", ".")
        module, mark, _ = name.partition(".lora_")
        if mark:
            parts.setdefault(module, {})[name[len(module) + 6 : len(module) + 7]] = value
        else:
            state[name] = value
    if not parts:
        return Folded(state, 0, 0, 0.0)
    rank, scale = _find_scale(parts, config, path)
    for module, pair in parts.items():
        name = f"{module}.weight"
        down, up = pair["A"], pair["B"]
        if name not in state or state[name].shape != (up.shape[0], down.shape[1]):
            raise UsageError(f"{path}: the LoRA weights of {module} do not fit {name}; {_ADVICE}")
        state[name] = state[name] + scale * (up @ down)
    return Folded(state, len(parts), rank, scale)


def _find_scale(parts: dict[str, dict[str, torch.Tensor]], config: LoraConfig, path: Path) -> tuple[int, float]:
    for module, pair in parts.items():
        if set(pair) != {"A", "B"} or any(value.dim() != 2 for value in pair.values()):
            raise UsageError(f"{path}: {module} has LoRA weights {', '.join(sorted(pair))}, not A and B; {_ADVICE}")
    ranks = {size for pair in parts.values() for size in (pair["A"].shape[0], pair["B"].shape[1])}
    if len(ranks) != 1 or 0 in ranks:
        raise UsageError(f"{path}: LoRA weights of several ranks ({', '.join(map(str, sorted(ranks)))}); {_ADVICE}")
    rank = ranks.pop()
    if config.alpha is None:
        text = f"{path} has LoRA weights, but config.json names no lora_alpha, without which their scale is not known"
        raise UsageError(f"{text}; {_ADVICE}")
    if config.rank is not None and config.rank != rank:
        raise UsageError(f"{path}: LoRA weights of rank {rank}, but lora_r is {config.rank} in config.json; {_ADVICE}")
    return rank, float(config.alpha) / rank
