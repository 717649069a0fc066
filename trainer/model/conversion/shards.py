"""A model folder written shard by shard: at no time is more than one shard in memory."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from tools.errors import UsageError
from tools.files import write_text
from trainer.model.conversion.tensors import Shape, Tensors, read_shapes
from trainer.model.pretrained import INDEX

SHARD_BYTES = 2 * 2**30


def check_strictly(kind: Any, config: Any, tensors: Tensors, what: str) -> None:
    """Whether the tensors are exactly those of the model, which is never allocated.

    Raises:
        UsageError: some are missing, too many, or of another shape.
    """
    with torch.device("meta"):
        expected = read_shapes(kind(config))
    parts = [
        f"{len(names)} {label}, e.g. {names[0]}"
        for label, names in (
            ("missing", sorted(expected.keys() - tensors.keys())),
            ("not known", sorted(tensors.keys() - expected.keys())),
            ("of another shape", _list_misshapen(expected, tensors)),
        )
        if names
    ]
    if parts:
        raise UsageError(f"{what}: the files do not make a whole model: {'; '.join(parts)}; check each path")


def _list_misshapen(expected: dict[str, Shape], tensors: Tensors) -> list[str]:
    both = sorted(expected.keys() & tensors.keys())
    return [
        f"{name} {list(tensors[name].shape)} instead of {list(expected[name])}"
        for name in both
        if tensors[name].shape != expected[name]
    ]


def write_shards(tensors: Tensors, folder: Path, most_bytes: int) -> int:
    """Write `model*.safetensors` and, for several, their index; how many files."""
    plan = list(_cut(tensors, most_bytes))
    names: dict[str, str] = {}
    total = 0
    for number, part in enumerate(plan, 1):
        file = "model.safetensors" if len(plan) == 1 else f"model-{number:05}-of-{len(plan):05}.safetensors"
        made = {name: tensors[name].read().contiguous().clone() for name in part}
        total += sum(tensor.numel() * tensor.element_size() for tensor in made.values())
        save_file(made, str(folder / file), {"format": "pt"})
        names |= dict.fromkeys(part, file)
        del made
    if len(plan) > 1:
        index = {"metadata": {"total_size": total}, "weight_map": dict(sorted(names.items()))}
        write_text(folder / INDEX, json.dumps(index, indent=1) + "\n")
    return len(plan)


def _cut(tensors: Tensors, most_bytes: int) -> Iterator[list[str]]:
    """Names of each shard; formats are not known before reading, so four bytes a number are counted."""
    part: list[str] = []
    size = 0
    for name, lazy in tensors.items():
        more = 4 * torch.Size(lazy.shape).numel()
        if part and size + more > most_bytes:
            yield part
            part, size = [], 0
        part.append(name)
        size += more
    yield part
