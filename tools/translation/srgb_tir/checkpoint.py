"""The official sRGB-TIR checkpoint: one file with both domains, `a` thermal and `b` visible."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch

from tools.errors import UsageError
from tools.translation.srgb_tir.network import Dimensions, Generator
from tools.weights import State, check_shapes, digest_file, read_checkpoint, read_tensors

KIND: Final = "sRGB-TIR checkpoint"
WHERE_FROM: Final = "the official file is `translation_weights.pt`, linked in the README of RPM-Robotics-Lab/sRGB-TIR"
_UNUSED: Final = (".running_mean", ".running_var", ".num_batches_tracked")


class Generators(NamedTuple):
    """Both halves of the translator from visible to thermal.

    Attributes:
        visible: generator `b`, whose content encoder reads the photograph.
        thermal: generator `a`, whose decoder writes the infrared image.
        digest: SHA-256 of the file.
    """

    visible: Generator
    thermal: Generator
    digest: str


def load_generators(path: Path) -> Generators:
    """Read the checkpoint; the sizes of the networks follow from the shapes of its tensors.

    Raises:
        MissingError: there is no such file.
        UsageError: it is damaged, holds code, or is no sRGB-TIR checkpoint.
    """
    held = read_checkpoint(path, KIND, WHERE_FROM)
    if not isinstance(held, Mapping) or not {"a", "b"} <= held.keys():
        raise UsageError(f"{path}: no {KIND}: it has {_describe(held)}, not the two domains `a` and `b`; {WHERE_FROM}")
    states = {domain: _read_domain(held[domain], path, domain) for domain in ("a", "b")}
    size = find_dimensions(states["b"], path)
    thermal, visible = (_fill(states[domain], size, path, domain) for domain in ("a", "b"))
    return Generators(visible, thermal, digest_file(path))


def find_dimensions(state: State, path: Path) -> Dimensions:
    """The sizes of the generator that has these tensors.

    Raises:
        UsageError: the tensors that tell are not there.
    """
    probes = {"enc_content.model.0.conv.weight": 4, "enc_style.model.6.weight": 4, "mlp.model.0.fc.weight": 2}
    absent = [name for name, rank in probes.items() if name not in state or state[name].dim() != rank]
    if absent:
        known = ", ".join(list(state)[:3])
        raise UsageError(f"{path}: no {KIND}: domain `b` lacks {', '.join(absent)} (it begins with {known})")
    first, style, hidden = (state[name] for name in probes)
    blocks = {name.split(".")[4] for name in state if name.startswith("enc_content.model.3.model.")}
    return Dimensions(first.shape[1], first.shape[0], style.shape[0], hidden.shape[0], len(blocks))


def _read_domain(held: Any, path: Path, domain: str) -> State:
    state = read_tensors(held, path, f"{KIND} (domain `{domain}`)")
    return {name: value for name, value in state.items() if not name.endswith(_UNUSED)}


def _fill(state: State, size: Dimensions, path: Path, domain: str) -> Generator:
    with torch.device("meta"):
        generator = Generator(size)
    expected = {name: tuple(value.shape) for name, value in generator.state_dict().items()}
    check_shapes(expected, state, path, f"{KIND} (domain `{domain}`)")
    generator.load_state_dict(state, assign=True)
    return generator.eval().requires_grad_(False)


def _describe(held: object) -> str:
    if not isinstance(held, Mapping):
        return f"a `{type(held).__name__}`"
    return f"{len(held)} entries ({', '.join(map(str, list(held)[:3]))}, ...)"
