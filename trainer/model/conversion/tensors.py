"""Tensors that are read when they are needed: names, shapes and formats are known, the numbers stay on the disk."""

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch

from tools.errors import UsageError
from tools.weights import read_checkpoint
from trainer.model.pretrained import INDEX, check_weights, explain_file

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Lazy:
    """A tensor that is not read yet."""

    shape: Shape
    read: Callable[[], torch.Tensor]

    def map(self, change: Callable[[torch.Tensor], torch.Tensor], shape: Shape | None = None) -> "Lazy":
        """The same with `change` made to it when it is read."""
        return Lazy(self.shape if shape is None else shape, lambda: change(self.read()))


Tensors = dict[str, Lazy]


def hold(tensor: torch.Tensor) -> Lazy:
    """A tensor in memory, or mapped from a file, which is as good as on the disk."""
    return Lazy(tuple(tensor.shape), tensor.detach)


def open_file(path: Path, kind: str, where_from: str, inside: str | None = None) -> Tensors:
    """The tensors of a PyTorch file, mapped where its layout allows it; no code of the file runs.

    Args:
        kind, where_from: for error texts.
        inside: key under which the file keeps them.

    Raises:
        MissingError, UsageError: no such file, damaged, or no state dict.
    """
    is_mapped = path.is_file() and zipfile.is_zipfile(path)
    held = read_checkpoint(path, kind, where_from, is_mapped=is_mapped)
    if inside is not None and isinstance(held, Mapping) and inside in held:
        held = held[inside]
    if not isinstance(held, Mapping) or not held:
        raise UsageError(f"{path}: no {kind}: it holds no tensors by name; check the path")
    strange = next((name for name, value in held.items() if not isinstance(value, torch.Tensor)), None)
    if strange is not None:
        raise UsageError(f"{path}: no {kind}: `{strange}` is no tensor; check the path")
    return {str(name): hold(value) for name, value in held.items()}


def open_folder(folder: Path) -> Tensors:
    """The tensors of a saved model of transformers.

    Raises:
        MissingError, UsageError: it holds none, or they are damaged.
    """
    check_weights(folder)
    files = sorted(folder.glob("*.safetensors"))
    if files:
        return {name: lazy for path in files for name, lazy in _open_safe(path).items()}
    found: Tensors = {}
    for path in sorted(folder.glob("pytorch_model*.bin")):
        found |= open_file(path, "language model", f"the weights that {folder / INDEX} or its .bin lists")
    return found


def _open_safe(path: Path) -> Tensors:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), "pt") as file:
            shapes = {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise explain_file(path, error) from error
    return {name: Lazy(shape, _read_safe(path, name)) for name, shape in shapes.items()}


def _read_safe(path: Path, name: str) -> Callable[[], torch.Tensor]:
    def read() -> torch.Tensor:
        from safetensors import safe_open

        with safe_open(str(path), "pt") as file:
            return cast("torch.Tensor", file.get_tensor(name))

    return read


def take(tensors: Tensors, names: Mapping[str, str]) -> Tensors:
    """The tensors of the names, under new ones: theirs -> ours."""
    return {ours: tensors[theirs] for theirs, ours in names.items() if theirs in tensors}


def read_shapes(module: Any) -> dict[str, Shape]:
    """Names and shapes of what a module keeps."""
    return {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
