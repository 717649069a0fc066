"""Which part of a vision-language model a parameter belongs to, whatever its family calls its parts.

Transformers tells the vision tower and the language model of every family; the align layer is what is left, and what
Qwen's towers hold of it inside (`merger`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from torch import nn

from tools.errors import UsageError

Part = Literal["vision tower", "align layer", "language model", "adapters", "other encoders"]
INNER = "merger"
WRAPPERS = re.compile(r"^(module\.)*(base_model\.model\.)?|\.(modules_to_save\.\w+|original_module)(?=\.)")
"""What DDP and PEFT put into names."""


@dataclass(frozen=True)
class Anatomy:
    """The parts of one model, by the names of its modules.

    Attributes:
        tower, decoder: names of vision tower and language model; head: of the layer that writes logits.
        inner: modules inside the tower that belong to the align layer.
        others: encoders of other senses, never trained.
    """

    tower: str
    decoder: str
    head: str = "lm_head"
    inner: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def name_part(self, parameter: str) -> Part:
        """The part that a parameter belongs to, below any wrapper; every one belongs to exactly one."""
        if "lora_" in parameter:
            return "adapters"
        name = WRAPPERS.sub("", parameter)
        if _is_inside(name, *self.others):
            return "other encoders"
        if _is_inside(name, *self.inner):
            return "align layer"
        if _is_inside(name, self.tower):
            return "vision tower"
        return "language model" if _is_inside(name, self.decoder, self.head) else "align layer"

    def list_modules(self, model: nn.Module, parts: frozenset[Part]) -> Iterator[str]:
        """The largest modules that hold parameters of `parts` alone and that can be called, by name.

        A list of modules is named by its members: neither PEFT nor a hook can stand in for it.
        """
        for name, module in model.named_children():
            yield from self._walk(name, module, parts)

    def _walk(self, name: str, module: nn.Module, parts: frozenset[Part]) -> Iterator[str]:
        found = {self.name_part(f"{name}.{inner}") for inner, _ in module.named_parameters()}
        if not found & parts:
            return
        if found <= parts and not isinstance(module, nn.ModuleList | nn.ModuleDict):
            yield name
            return
        for child, inner in module.named_children():
            yield from self._walk(f"{name}.{child}", inner, parts)


def _is_inside(name: str, *modules: str) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def find_anatomy(model: Any) -> Anatomy:
    """The parts of a model as it was loaded, below any wrapper.

    Raises:
        UsageError: transformers knows no vision tower or no language model in it.
    """
    names = {id(module): name for name, module in model.named_modules()}
    tower = names.get(id(model.get_encoder(modality="image")), "")
    decoder = names.get(id(model.get_decoder()), "")
    if not tower or not decoder:
        missing = "vision tower" if not tower else "language model"
        raise UsageError(f"{type(model).__name__}: transformers finds no {missing} in it; it cannot be trained here")
    head = names.get(id(model.get_output_embeddings()), "lm_head")
    children = model.get_submodule(tower).named_children()
    inner = tuple(f"{tower}.{name}" for name, _ in children if INNER in name)
    audio = names.get(id(model.get_encoder(modality="audio")), "")
    return Anatomy(tower, decoder, head, inner, (audio,) if audio else ())
