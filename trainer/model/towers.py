"""Vision towers: a folder of weights becomes a frozen tower; CLIP, SigLIP and DINOv2 as transformers has them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import torch
from transformers import CLIPVisionModel, Dinov2Model, SiglipVisionModel

from tools.errors import UsageError
from tools.files.json_text import read_object
from tools.registry import VISION_TOWERS
from tools.weights import digest_file
from trainer.model.pretrained import AGAIN, check_weights, explain_loading, read_fields

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
        check_weights(folder)
        with explain_loading(folder, "the tower"):
            model = self.model.from_pretrained(str(folder), dtype=dtype)
        config = model.config
        mean, std = _read_normalisation(folder) or (self.mean, self.std)
        origin = f"{folder.name}:{_digest(folder)}"
        side, patch = int(config.image_size), int(config.patch_size)
        return Tower(freeze_tower(model), side, patch, self.has_class_token, mean, std, origin)


def freeze_tower(model: Any) -> Any:
    """In evaluation mode, nothing of it trained."""
    return torch.nn.Module.train(model, False).requires_grad_(False)


def _read_normalisation(folder: Path) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Mean and deviation of each colour.

    Raises:
        UsageError: they are no three numbers each.
    """
    path = folder / "preprocessor_config.json"
    fields = read_object(path, AGAIN) if path.is_file() else {}
    if "image_mean" not in fields or "image_std" not in fields:
        return None
    found = (fields["image_mean"], fields["image_std"])
    for value in found:
        if not isinstance(value, list) or len(value) != 3 or not all(isinstance(each, int | float) for each in value):
            raise UsageError(f"{path}: image_mean and image_std have to be three numbers each; {AGAIN}")
    return tuple(found[0]), tuple(found[1])


def _digest(folder: Path) -> str:
    files = sorted(folder.glob("*.safetensors")) or sorted(folder.glob("pytorch_model*.bin"))
    return digest_file(files[0])[:16] if files else "unknown"


CLIP = TransformersTower(("clip", "clip_vision_model"), CLIPVisionModel, True, CLIP_MEAN, CLIP_STD)
SIGLIP = TransformersTower(("siglip", "siglip_vision_model"), SiglipVisionModel, False, HALF, HALF)
DINOV2 = TransformersTower(("dinov2",), Dinov2Model, True, IMAGENET_MEAN, IMAGENET_STD)
