"""Batches of Infrared-LLaVA: one square a picture, or stored features in the place of the tower's work."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch

from tools.terminal.bars import track
from trainer.data.collate import Collator
from trainer.data.encode import Encoder
from trainer.data.features import FeatureStore, TowerSwap
from trainer.stages.freezing import PartName, find_base, name_part


class LlavaFeed:
    """See `Feed`; the vision tower is always frozen."""

    def __init__(self, model: Any, encoder: Encoder) -> None:
        self._base = find_base(model)
        self._encoder = encoder
        self._swap = TowerSwap(self._base)

    def name_part(self, parameter: str) -> PartName:
        """See `freezing.name_part`."""
        return name_part(parameter)

    def begin(self, paths: Sequence[Path], cache: Path | None, arguments: Any) -> Collator:
        """See `Feed.begin`; with a cache the tower is out of the model until `end`."""
        store = None if cache is None else self._fill(paths, cache, arguments)
        self._tower = self._base.model.vision_tower
        self._dtype = next(self._tower.parameters(), torch.zeros(())).dtype
        return Collator(self._encoder, store)

    def _fill(self, paths: Sequence[Path], cache: Path, arguments: Any) -> FeatureStore:
        """The feature store, complete."""
        store = FeatureStore(cache, self._base, self._encoder.processor)
        self._base.model.vision_tower.to(arguments.device)
        batches = store.fill(paths, arguments.process_index, arguments.world_size)
        for _ in track(batches, "features of the tower, batches"):
            pass
        self._base.model.vision_tower.to("cpu")
        arguments.distributed_state.wait_for_everyone()
        self._swap.take_out()
        return store

    def feed(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """The batch with its pixels in the tower's number format."""
        self._tower.eval()  # Trainer sets the whole model to training; a frozen tower must not drop anything
        return {**inputs, "pixel_values": inputs["pixel_values"].to(self._dtype)}

    def explain(self) -> AbstractContextManager[None]:
        """Nothing to explain: every setting was tried."""
        return nullcontext()

    def end(self) -> None:
        """Put the tower back."""
        self._swap.put_back()
