"""A store of the frozen tower's features on disk, shared by epochs, by runs, and by the rows of the ablation tables.

It pays from the second pass over a picture: three epochs of SFT, or several recipes on the same data. A picture takes
(1 + P) x D numbers: 0.5 MB with LanguageBind's ViT-L/14 in bf16. What is stored is the hidden state that LLaVA selects,
the class token included, so training on stored features gives what training on pixels gives.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import nn

from tools.errors import ImageError, UsageError
from tools.files import claim_folder, clear_abandoned, stage_file
from tools.images import load_rgb
from tools.manifest import hash_bytes
from trainer.checkpoints import explain_disk
from trainer.data.pixels import normalise
from trainer.folders import FEATURES

if TYPE_CHECKING:
    from transformers.modeling_outputs import BaseModelOutputWithPooling

BATCH = 16
NAME = "hidden"


class FeatureStore:
    """Features of one tower under one image processor, in a folder of their own.

    Attributes:
        folder: `<cache>/<key>`; the key is a hash of the tower's weights and number format, the layer that is selected,
            and the image processor's settings (framing, size, normalisation).
    """

    def __init__(self, cache: Path, model: Any, processor: Any) -> None:
        layer = model.config.vision_feature_layer
        if not isinstance(layer, int):
            raise UsageError(f"feature_cache: the model selects layers {layer}; only models that select one are cached")
        self._layer = layer
        self._tower: Any = model.model.vision_tower
        self._processor = processor
        self._hashes: dict[Path, str] = {}
        self._failed: dict[Path, tuple[str, str]] = {}
        self._blank: torch.Tensor | None = None
        self.folder = cache / self._make_key()

    def _make_key(self) -> str:
        weights = (hash_tensor(tensor) for _, tensor in sorted(self._tower.state_dict().items()))
        settings = self._processor.image_processor.to_json_string()
        return hash_bytes("".join(weights).encode(), settings.encode(), str(self._layer).encode())

    def fill(self, paths: Iterable[Path], rank: int = 0, ranks: int = 1) -> Iterator[int]:
        """Compute what is missing, a batch at a time; give the number of pictures done after each.

        Args:
            rank, ranks: this process does every `ranks`-th picture.

        Raises:
            UsageError: the cache is a folder of something else.
            ToolkitError: the disk is full; what was stored stays.
        """
        claim_folder(self.folder.parent, FEATURES)
        clear_abandoned(self.folder.parent)
        wanted = sorted(set(paths))[rank::ranks]
        for start in range(0, len(wanted), BATCH):
            self._fill_batch(wanted[start : start + BATCH])
            yield min(start + BATCH, len(wanted))

    def _fill_batch(self, paths: list[Path]) -> None:
        found: dict[str, torch.Tensor] = {}
        for path in paths:
            try:
                target = self._locate(path)
                if not target.is_file():
                    found[self._hashes[path]] = normalise(self._processor, load_rgb(path))
            except ImageError as error:
                self._failed[path] = (error.code, str(error).removeprefix(f"{path}: "))
        if not found:
            return
        weights = next(self._tower.parameters())
        pixels = torch.stack(list(found.values())).to(weights.device, weights.dtype)
        with torch.no_grad():
            hidden = self._tower(pixels, output_hidden_states=True).hidden_states[self._layer]
        for digest, features in zip(found, hidden.cpu(), strict=True):
            self._write(digest, features)

    def _write(self, digest: str, features: torch.Tensor) -> None:
        from safetensors.torch import save_file

        path = self._name(digest)
        with explain_disk(path, "what was stored stays"):
            path.parent.mkdir(parents=True, exist_ok=True)
            with stage_file(path) as temporary:
                save_file({NAME: features.contiguous()}, str(temporary))

    def _locate(self, path: Path) -> Path:
        if path not in self._hashes:
            try:
                self._hashes[path] = hash_bytes(path.read_bytes())
            except OSError as error:
                raise ImageError(path, "unreadable_file", f"cannot be read ({error.strerror})") from error
        return self._name(self._hashes[path])

    def _name(self, digest: str) -> Path:
        return self.folder / digest[:2] / f"{digest}.safetensors"

    def read(self, path: Path) -> torch.Tensor:
        """Features of a picture: (1 + P, D), in the tower's number format.

        Raises:
            ImageError: the picture could not be read when the store was filled, or its features are damaged.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        if path in self._failed:
            raise ImageError(path, *self._failed[path])
        stored = self._locate(path)
        try:
            return load_file(str(stored))[NAME]
        except (OSError, SafetensorError) as error:
            raise ImageError(
                path, "unreadable_file", f"its stored features {stored} cannot be read ({error})"
            ) from error

    def make_blank(self) -> torch.Tensor:
        """Zeros in the shape of any stored picture's features."""
        if self._blank is None:
            first = next(self.folder.rglob("[0-9a-f]*.safetensors"), None)
            if first is None:
                raise UsageError(f"{self.folder}: no picture could be read; see rejected.jsonl")
            from safetensors.torch import load_file

            self._blank = torch.zeros_like(load_file(str(first))[NAME])
        return self._blank

    def __getstate__(self) -> dict[str, Any]:
        """Data loader processes need no tower."""
        return {**self.__dict__, "_tower": None}


def hash_tensor(tensor: torch.Tensor) -> str:
    """Hash of a tensor's number format, shape and bytes."""
    flat = tensor.detach().cpu().contiguous().reshape(-1)
    raw = flat.view(torch.uint8).numpy() if flat.numel() else b""
    return hash_bytes(str(tensor.dtype).encode(), str(tuple(tensor.shape)).encode(), bytes(raw))


@dataclass
class _AnyLayer:
    """Whatever layer is asked for: the one that was stored."""

    hidden: torch.Tensor

    def __getitem__(self, layer: int) -> torch.Tensor:
        return self.hidden


class StoredTower(nn.Module):
    """Takes the vision tower's place while training on stored features: its "pixels" are the hidden state itself."""

    def forward(self, pixel_values: torch.Tensor, **_: Any) -> "BaseModelOutputWithPooling":
        """Give the input back as the selected hidden state."""
        from transformers.modeling_outputs import BaseModelOutputWithPooling

        layers: Any = _AnyLayer(pixel_values)
        return BaseModelOutputWithPooling(last_hidden_state=pixel_values, hidden_states=layers)


@dataclass
class TowerSwap:
    """Takes the tower out of a model for the time of training, and puts it back.

    Attributes:
        base: the LLaVA model, below any wrapper.
    """

    base: Any
    state: Literal["in", "out"] = "in"
    _tower: Any = field(default=None, repr=False)

    def take_out(self) -> None:
        """Put a `StoredTower` in the tower's place."""
        self._tower, self.base.model.vision_tower = self.base.model.vision_tower, StoredTower()
        self.state = "out"

    def put_back(self) -> None:
        """Put the tower back, on the CPU as it was."""
        if self.state == "out":
            self.base.model.vision_tower = self._tower
            self.state = "in"
