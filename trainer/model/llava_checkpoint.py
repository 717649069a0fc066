"""LLaVA-1.5's own files: `mm_projector.bin` of its first stage, and whole checkpoints, loaded and written.

The names differ from Hugging Face's; `language_model` and `vision_tower` are the two that matter.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from tools.errors import MissingError, UsageError
from tools.weights import State, check_shapes, read_checkpoint, read_tensors
from trainer.model.pretrained import explain_file

KIND = "LLaVA checkpoint"
WHERE_FROM = "LLaVA-1.5's pre-training writes it as mm_projector.bin"
PROJECTOR = "mm_projector.bin"
MLP = (("model.mm_projector.0.", "model.multi_modal_projector.linear_1."),
       ("model.mm_projector.2.", "model.multi_modal_projector.linear_2."))  # fmt: skip
LINEAR = (("model.mm_projector.", "model.multi_modal_projector.linear."),)
REST = (
    ("model.vision_tower.vision_tower.vision_model.", "model.vision_tower."),
    ("model.", "model.language_model."),
    ("lm_head.", "lm_head."),
)


def to_own_name(name: str) -> str:
    """`model.mm_projector.0.weight` -> `model.multi_modal_projector.linear_1.weight`, and so on."""
    pairs: tuple[tuple[str, str], ...] = MLP if re.match(r"model\.mm_projector\.\d", name) else LINEAR
    for theirs, ours in (*pairs, *REST):
        if name.startswith(theirs):
            return ours + name[len(theirs) :]
    return name


def to_llava_name(name: str) -> str:
    """The other way round."""
    for theirs, ours in (*MLP, *LINEAR, *REST):
        if name.startswith(ours):
            return theirs + name[len(ours) :]
    return name


def load_projector_bin(model: Any, path: Path) -> None:
    """Put LLaVA's `mm_projector.bin` into a model's align layer, strictly.

    Raises:
        MissingError: no such file.
        UsageError: it is damaged, holds code, or is of another shape.
    """
    held = read_tensors(read_checkpoint(path, KIND, WHERE_FROM), path, KIND)
    layer = model.model.multi_modal_projector
    prefix = "model.multi_modal_projector."
    found = {to_own_name(name).removeprefix(prefix): value for name, value in held.items()}
    check_shapes({name: tuple(value.shape) for name, value in layer.state_dict().items()}, found, path, KIND)
    layer.load_state_dict(found)


def save_projector_bin(model: Any, path: Path) -> None:
    """Write the align layer (mlp or linear) as LLaVA's `mm_projector.bin`.

    Raises:
        UsageError: a Q-Former, which LLaVA does not know.
    """
    prefix = "model.multi_modal_projector."
    state = {f"{prefix}{name}": value for name, value in model.model.multi_modal_projector.state_dict().items()}
    if not all(name.startswith(tuple(ours for _, ours in (*MLP, *LINEAR))) for name in state):
        raise UsageError("LLaVA has no Q-Former: mm_projector.bin holds an mlp or a linear layer only")
    path.parent.mkdir(parents=True, exist_ok=True)
    # Straight to its place: torch writes the file's name into the file.
    torch.save({to_llava_name(name): value.clone() for name, value in state.items()}, path)


def load_llava(model: Any, folder: Path) -> None:
    """Put a whole LLaVA-1.5 checkpoint into a model of its shape (see `trainer.model.assembled.assemble`).

    LLaVA's checkpoints often leave the frozen tower out: the model keeps its own then. Its vocabulary is smaller than
    ours, which has an image token: those rows are kept too.

    Raises:
        MissingError: no weights in the folder.
        UsageError: damaged or of another shape.
    """
    state: State = {}
    for path in list_weights(folder):
        state.update((to_own_name(name), value) for name, value in _read(path).items())
    own = model.state_dict()
    merged = {name: _fit(state[name], value) if name in state else value for name, value in own.items()}
    required = {name: value for name, value in own.items() if not name.startswith("model.vision_tower.")}
    found = {name: merged[name] for name in merged if name in state}
    strange = {name: value for name, value in state.items() if name not in own and "rotary_emb" not in name}
    expected = {name: tuple(own[name].shape) for name in (*required, *(name for name in found if name not in required))}
    check_shapes(expected, {**found, **strange}, folder, KIND)
    model.load_state_dict(merged)


def list_weights(folder: Path) -> list[Path]:
    """The files of a checkpoint.

    Raises:
        MissingError: there are none.
    """
    found = sorted(folder.glob("*.safetensors")) or sorted(folder.glob("pytorch_model*.bin"))
    if not found:
        raise MissingError(f"{folder}: no *.safetensors and no pytorch_model*.bin; give a LLaVA-1.5 checkpoint folder")
    return found


def _read(path: Path) -> Mapping[str, torch.Tensor]:
    if path.suffix == ".bin":
        return read_tensors(read_checkpoint(path, KIND, WHERE_FROM), path, KIND)
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(str(path))
    except (SafetensorError, OSError) as error:
        raise explain_file(path, error) from error


def _fit(value: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
    """A smaller vocabulary takes the place of the first rows."""
    if value.dim() == own.dim() == 2 and value.shape[1] == own.shape[1] and value.shape[0] < own.shape[0]:
        return torch.cat([value.to(own.dtype), own[value.shape[0] :]])
    return value.to(own.dtype)


def save_llava(model: Any, folder: Path, vocabulary: int) -> list[Path]:
    """Write a checkpoint under LLaVA's names: `model.safetensors` and `mm_projector.bin`.

    Args:
        vocabulary: rows that LLaVA's own tokenizer has; ours has an image token more.
    """
    from safetensors.torch import save_file

    save_projector_bin(model, folder / PROJECTOR)
    save_file(dict(_rename(model.state_dict(), vocabulary)), str(folder / "model.safetensors"), {"format": "pt"})
    return [folder / "model.safetensors", folder / PROJECTOR]


def _rename(state: State, vocabulary: int) -> Iterator[tuple[str, torch.Tensor]]:
    for name, value in state.items():
        is_vocabulary = name in ("lm_head.weight", "model.language_model.embed_tokens.weight")
        yield to_llava_name(name), value[:vocabulary].contiguous() if is_vocabulary else value.contiguous()
