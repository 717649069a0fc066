"""LanguageBind's official folders as vision towers: their LoRA is folded in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from trainer.model.towers import CLIP_MEAN, CLIP_STD, Tower, freeze_tower


class LanguageBindTower:
    """Folders whose config.json names LanguageBind."""

    def knows(self, fields: Mapping[str, Any]) -> bool:
        """By the model type."""
        return str(fields.get("model_type", "")).startswith("LanguageBind")

    def load(self, folder: Path, dtype: torch.dtype) -> Tower:
        """The vision part, adapters merged.

        Raises:
            MissingError, UsageError: see `load_languagebind`.
        """
        from tools.languagebind.checkpoint import load_languagebind, make_vision_tower

        loaded = load_languagebind(folder)
        model: Any = make_vision_tower(loaded)
        model.to(dtype)
        patch = int(model.config.patch_size)
        origin = f"{folder.name}:{loaded.report.digest[:16]}"
        return Tower(freeze_tower(model), loaded.side, patch, True, CLIP_MEAN, CLIP_STD, origin)


TOWER = LanguageBindTower()
