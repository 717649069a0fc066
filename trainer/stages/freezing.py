"""What is trained and what is frozen: set once, shown as a table, and saved beside the model."""

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tools.errors import UsageError
from tools.files import write_text

if TYPE_CHECKING:
    import torch
    from rich.table import Table
    from torch import nn

    from trainer.recipe import Precision

Trained = Literal["align_layer", "llm", "both", "tower", "tower+align_layer", "tower+llm", "all", "upstream"]
PartName = Literal["vision tower", "align layer", "language model", "adapters", "other encoders"]
PARTS: tuple[PartName, ...] = ("vision tower", "align layer", "language model", "adapters", "other encoders")
TRAINED: dict[Trained, frozenset[PartName]] = {
    "align_layer": frozenset({"align layer"}),
    "llm": frozenset({"language model"}),
    "both": frozenset({"align layer", "language model"}),
    "tower": frozenset({"vision tower"}),
    "tower+align_layer": frozenset({"vision tower", "align layer"}),
    "tower+llm": frozenset({"vision tower", "language model"}),
    "all": frozenset({"vision tower", "align layer", "language model"}),
}
NamePart = Callable[[str], PartName]
FILE = "freeze.json"
WRAPPED = "_checkpoint_wrapped_module."
PEFT_COPY = ".original_module."
"""Part of the names of the untrained copies that PEFT keeps of modules trained in full; they are never used."""


@dataclass(frozen=True)
class FreezeRow:
    """One part of the model.

    Attributes:
        tensors, parameters: how many it has; trained_parameters: how many of them learn.
        dtypes: number formats of its weights.
    """

    part: PartName
    tensors: int
    parameters: int
    trained_parameters: int
    dtypes: tuple[str, ...]


@dataclass(frozen=True)
class FreezeTable:
    """The freeze table of one stage.

    Attributes:
        stage: e.g. `align`, or `sft: both, lora`.
        trained: names of all trained tensors, sorted.
    """

    stage: str
    rows: tuple[FreezeRow, ...]
    trained: tuple[str, ...]


def name_part(parameter: str) -> PartName:
    """The part of the model that a parameter belongs to, by its name.

    Raises:
        UsageError: a name of no known part.
    """
    if "lora_" in parameter:
        return "adapters"
    if "vision_tower." in parameter:
        return "vision tower"
    if "multi_modal_projector." in parameter:
        return "align layer"
    if "language_model." in parameter or "lm_head." in parameter:
        return "language model"
    raise UsageError(f"parameter {parameter} belongs to no known part; the model is not of LLaVA's shape")


def freeze(model: "nn.Module", trained: Trained, find_part: NamePart = name_part) -> None:
    """Let exactly the parts of `trained` learn (Table 4 of the paper)."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(find_part(name) in TRAINED[trained])


def freeze_names(model: "nn.Module", trained: "Collection[str]") -> None:
    """Let exactly the parameters of these names learn."""
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name in trained)


def set_precision(model: "nn.Module", frozen: "Precision") -> None:
    """Frozen weights in `frozen`, trained ones in float32; what is stored in 4 bits stays."""
    set_formats(model, frozen)
    find_align_layer(model).register_forward_pre_hook(_cast_input)


def set_formats(model: "nn.Module", frozen: "Precision") -> None:
    """The number formats of `set_precision`; what the parts hand to each other is not cast."""
    import torch

    dtype = torch.bfloat16 if frozen == "bf16" else torch.float32
    for parameter in model.parameters():
        if parameter.is_floating_point():
            parameter.data = parameter.data.to(torch.float32 if parameter.requires_grad else dtype)


def join_formats(modules: "Iterable[nn.Module]", outputs: "torch.dtype") -> None:
    """Let each module take what it is given in its own number format, and give what the language model takes."""
    for module in modules:
        module.register_forward_pre_hook(_cast_inputs, with_kwargs=True)
        module.register_forward_hook(lambda _module, _inputs, found: _cast(found, outputs))


def _cast_input(module: "nn.Module", arguments: "tuple[torch.Tensor, ...]") -> "tuple[torch.Tensor, ...]":
    """The tower's features in the align layer's own number format (bf16 tower, float32 align layer)."""
    return tuple(item.to(_find_format(module)) for item in arguments)


def _cast_inputs(
    module: "nn.Module", arguments: tuple[Any, ...], named: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """As `_cast_input`, for modules of any maker, whose arguments have names and are not all features."""
    dtype = _find_format(module)
    return _cast(arguments, dtype), {name: _cast(value, dtype) for name, value in named.items()}


def _find_format(module: "nn.Module") -> "torch.dtype":
    weights = list(module.parameters())  # PEFT keeps a frozen copy beside the trained one
    return next((each for each in weights if each.requires_grad), weights[0]).dtype


def _cast(value: Any, dtype: "torch.dtype") -> Any:
    """A floating tensor, or those of a tuple or of a model's output, in another number format."""
    if type(value) is tuple:
        return tuple(_cast(each, dtype) for each in value)
    if isinstance(value, dict):
        for name in value:
            value[name] = _cast(value[name], dtype)
        return value
    is_floating = hasattr(value, "is_floating_point") and value.is_floating_point()
    return value.to(dtype) if is_floating else value


def find_base(model: Any) -> Any:
    """The LLaVA model itself, below PEFT's or another wrapper."""
    while hasattr(model, "module"):
        model = model.module
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def find_align_layer(model: "nn.Module") -> "nn.Module":
    """The align layer, below whatever wraps the model."""
    layer: nn.Module = find_base(model).model.multi_modal_projector
    return layer


def list_trained(model: "nn.Module") -> "dict[str, torch.Tensor]":
    """The trained parameters by name, without the marks that FSDP's activation checkpointing puts into names."""
    named = ((name.replace(WRAPPED, ""), parameter) for name, parameter in model.named_parameters())
    return {name: parameter for name, parameter in named if parameter.requires_grad}


def describe(model: "nn.Module", stage: str, find_part: NamePart = name_part) -> FreezeTable:
    """The freeze table of a model as it stands."""
    rows = tuple(row for part in PARTS if (row := _describe_part(model, part, find_part)) is not None)
    return FreezeTable(stage, rows, tuple(sorted(list_trained(model))))


def _describe_part(model: "nn.Module", part: PartName, find_part: NamePart) -> FreezeRow | None:
    everything = ((name, each) for name, each in model.named_parameters() if PEFT_COPY not in name)
    found = [each for name, each in everything if find_part(name) == part]
    if not found:
        return None
    dtypes = tuple(sorted({str(parameter.dtype).removeprefix("torch.") for parameter in found}))
    counts = (sum(each.numel() for each in found), sum(each.numel() for each in found if each.requires_grad))
    return FreezeRow(part, len(found), *counts, dtypes)


def draw(table: FreezeTable) -> "Table":
    """The table for the terminal."""
    from rich.table import Table

    shown = Table("part", "parameters", "trained", "", "stored as", title=f"freeze table, {table.stage}")
    for row in table.rows:
        state = "frozen" if not row.trained_parameters else "trained"
        state = "in part" if 0 < row.trained_parameters < row.parameters else state
        counts = (f"{row.parameters:,}", f"{row.trained_parameters:,}")
        shown.add_row(row.part, *counts, state, ", ".join(row.dtypes))
    return shown


def save(table: FreezeTable, folder: Path) -> Path:
    """Write `freeze.json`.

    Raises:
        ToolkitError: the folder cannot be written.
    """
    path = folder / FILE
    rows = [{**vars(row), "dtypes": list(row.dtypes)} for row in table.rows]
    text = json.dumps({"stage": table.stage, "parts": rows, "trained": list(table.trained)}, indent=1)
    write_text(path, text + "\n")
    return path
