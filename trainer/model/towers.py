"""Vision towers: a folder of weights becomes a frozen tower; CLIP, SigLIP and DINOv2 as transformers has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import torch
from transformers import AutoConfig, CLIPVisionModel, Dinov2Model, PretrainedConfig, SiglipVisionModel

from tools.errors import MissingError, UsageError, join_lines
from tools.files.json_text import read_object
from tools.registry import VISION_TOWERS
from tools.weights import digest_file

CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HALF = (0.5, 0.5, 0.5)


@dataclass(frozen=True)
class Tower:
    """A vision tower and how it wants its images.

    Attributes:
        model: frozen, in evaluation mode.
        side: of the square images it takes; patch: of its patches; both in pixels.
        has_class_token: its first output is no patch.
        mean, std: of the normalisation, red, green, blue.
        origin: folder name and digest of the weights, for the provenance.
    """

    model: Any
    side: int
    patch: int
    has_class_token: bool
    mean: tuple[float, ...]
    std: tuple[float, ...]
    origin: str

    @property
    def width(self) -> int:
        """Of its features."""
        return int(self.model.config.hidden_size)

    @property
    def patches(self) -> int:
        """Of one image."""
        return (self.side // self.patch) ** 2


class VisionTower(Protocol):
    """A kind of tower."""

    def knows(self, fields: Mapping[str, Any]) -> bool:
        """Whether a config.json with these fields is of this kind."""

    def load(self, folder: Path, dtype: torch.dtype) -> Tower:
        """The tower in a folder, frozen.

        Raises:
            UsageError: damaged weights.
        """


def load_tower(folder: Path, dtype: torch.dtype = torch.float32) -> Tower:
    """The tower in a folder, by the first kind that knows it.

    Raises:
        MissingError: no such folder, or no tower in it.
        UsageError: a tower of an unknown kind, or damaged weights.
    """
    fields = read_fields(folder)
    for name in VISION_TOWERS.names():
        kind: VisionTower = VISION_TOWERS.load(name)
        if kind.knows(fields):
            return kind.load(folder, dtype)
    known = ", ".join(VISION_TOWERS.names())
    found = fields.get("model_type")
    raise UsageError(f"{folder}: a vision tower of the kind `{found}` is not known; there are {known}")


def read_fields(folder: Path) -> dict[str, Any]:
    """What a model folder's config.json holds.

    Raises:
        MissingError: there is none.
        UsageError: it is no JSON object.
    """
    path = folder / "config.json"
    if not path.is_file():
        raise MissingError(f"{folder}: no model folder, config.json is missing; give the folder of a saved model")
    return read_object(path, "copy the folder again")


class TransformersTower(NamedTuple):
    """A vision model of transformers.

    Attributes:
        types: `model_type` of its folders.
        model: its class.
        has_class_token: its first output is no patch.
        mean, std: of the normalisation where preprocessor_config.json says nothing.
    """

    types: tuple[str, ...]
    model: Any
    has_class_token: bool
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def knows(self, fields: Mapping[str, Any]) -> bool:
        """By the model type."""
        return fields.get("model_type") in self.types

    def load(self, folder: Path, dtype: torch.dtype) -> Tower:
        """As `VisionTower`."""
        try:
            model = self.model.from_pretrained(str(folder), dtype=dtype)
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            raise UsageError(
                f"{folder}: the tower cannot be loaded: {join_lines(error)}; copy the folder again"
            ) from error
        config = model.config
        mean, std = _read_normalisation(folder) or (self.mean, self.std)
        origin = f"{folder.name}:{_digest(folder)}"
        side, patch = int(config.image_size), int(config.patch_size)
        return Tower(freeze_tower(model), side, patch, self.has_class_token, mean, std, origin)


def freeze_tower(model: Any) -> Any:
    """In evaluation mode, nothing of it trained."""
    return torch.nn.Module.train(model, False).requires_grad_(False)


def _read_normalisation(folder: Path) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    path = folder / "preprocessor_config.json"
    if path.is_file():
        fields = read_object(path, "copy the folder again")
        if "image_mean" in fields and "image_std" in fields:
            return tuple(fields["image_mean"]), tuple(fields["image_std"])
    return None


def _digest(folder: Path) -> str:
    files = sorted(folder.glob("*.safetensors")) or sorted(folder.glob("pytorch_model*.bin"))
    return digest_file(files[0])[:16] if files else "unknown"


def make_config(folder: Path) -> PretrainedConfig:
    """The configuration of a language model's folder.

    Raises:
        MissingError, UsageError: no model folder, or one of an unknown kind.
    """
    read_fields(folder)
    try:
        config: PretrainedConfig = AutoConfig.from_pretrained(str(folder))
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"{folder}: its config.json cannot be used: {join_lines(error)}") from error
    return config


CLIP = TransformersTower(("clip", "clip_vision_model"), CLIPVisionModel, True, CLIP_MEAN, CLIP_STD)
SIGLIP = TransformersTower(("siglip", "siglip_vision_model"), SiglipVisionModel, False, HALF, HALF)
DINOV2 = TransformersTower(("dinov2",), Dinov2Model, True, IMAGENET_MEAN, IMAGENET_STD)
