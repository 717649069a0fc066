"""Vision towers: LanguageBind's official folders (LoRA folded in), and CLIP, SigLIP or DINOv2 of Hugging Face."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, CLIPVisionModel, Dinov2Model, PretrainedConfig, SiglipVisionModel

from tools.errors import MissingError, UsageError, join_lines
from tools.manifest import read_object
from tools.weights import digest_file

CLIP_LIKE = {"clip": CLIPVisionModel, "clip_vision_model": CLIPVisionModel}
SIGLIP_LIKE = {"siglip": SiglipVisionModel, "siglip_vision_model": SiglipVisionModel}
DINO_LIKE = {"dinov2": Dinov2Model}
KNOWN: dict[str, Any] = {**CLIP_LIKE, **SIGLIP_LIKE, **DINO_LIKE}
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


def load_tower(folder: Path, dtype: torch.dtype = torch.float32) -> Tower:
    """The tower in a folder.

    Raises:
        MissingError: no such folder, or no tower in it.
        UsageError: a tower of an unknown kind, or damaged weights.
    """
    fields = read_fields(folder)
    if is_languagebind(fields):
        return _load_languagebind(folder, dtype)
    kind = str(fields.get("model_type"))
    if kind not in KNOWN:
        known = ", ".join(sorted({"LanguageBind", *KNOWN}))
        raise UsageError(f"{folder}: a vision tower of the kind `{kind}` is not known; there are {known}")
    try:
        model = KNOWN[kind].from_pretrained(str(folder), dtype=dtype)
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise UsageError(f"{folder}: the tower cannot be loaded: {join_lines(error)}; copy the folder again") from error
    config = model.config
    mean, std = _read_normalisation(folder, kind)
    origin = f"{folder.name}:{_digest(folder)}"
    return Tower(
        _freeze(model), int(config.image_size), int(config.patch_size), kind not in SIGLIP_LIKE, mean, std, origin
    )


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


def is_languagebind(fields: dict[str, Any]) -> bool:
    """Whether a config.json is that of an official LanguageBind folder."""
    return str(fields.get("model_type", "")).startswith("LanguageBind")


def _load_languagebind(folder: Path, dtype: torch.dtype) -> Tower:
    from tools.scoring.languagebind.checkpoint import load_languagebind, make_vision_tower

    loaded = load_languagebind(folder)
    model: Any = make_vision_tower(loaded)
    model.to(dtype)
    patch = int(model.config.patch_size)
    origin = f"{folder.name}:{loaded.report.digest[:16]}"
    return Tower(_freeze(model), loaded.side, patch, True, CLIP_MEAN, CLIP_STD, origin)


def _freeze(model: Any) -> Any:
    return torch.nn.Module.train(model, False).requires_grad_(False)


def _read_normalisation(folder: Path, kind: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    path = folder / "preprocessor_config.json"
    if path.is_file():
        fields = json.loads(path.read_text(encoding="utf-8"))
        if "image_mean" in fields and "image_std" in fields:
            return tuple(fields["image_mean"]), tuple(fields["image_std"])
    if kind in DINO_LIKE:
        return IMAGENET_MEAN, IMAGENET_STD
    return (HALF, HALF) if kind in SIGLIP_LIKE else (CLIP_MEAN, CLIP_STD)


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
