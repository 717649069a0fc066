"""Batches of a vision-language model of any maker: what its processor gives, or stored outputs of its align layer."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from tools.terminal.bars import track
from trainer.data.chats.collate import ChatCollator
from trainer.data.chats.encoder import ChatEncoder
from trainer.data.chats.outputs import STORED, OutputStore, make_outputs
from trainer.model.vlm.anatomy import Anatomy
from trainer.stages.freezing import PartName, find_base


class VlmFeed:
    """See `Feed`."""

    def __init__(self, model: Any, encoder: ChatEncoder, anatomy: Anatomy) -> None:
        self._base = find_base(model)
        self._encoder = encoder
        self._anatomy = anatomy
        self._tower = self._base.get_submodule(anatomy.tower)
        weights = [each for each in self._tower.parameters() if each.is_floating_point()]
        self._dtype = weights[0].dtype
        self._is_frozen = not any(each.requires_grad for each in self._tower.parameters())

    def name_part(self, parameter: str) -> PartName:
        """See `Anatomy.name_part`."""
        return self._anatomy.name_part(parameter)

    def begin(self, paths: Sequence[Path], cache: Path | None, arguments: Any) -> ChatCollator:
        """See `Feed.begin`."""
        if cache is None:
            return ChatCollator(self._encoder)
        store = OutputStore(cache, self._base, self._encoder)
        self._base.to(arguments.device)
        batches = store.fill(paths, arguments.process_index, arguments.world_size)
        for _ in track(batches, "outputs of the align layer, batches"):
            pass
        arguments.distributed_state.wait_for_everyone()
        return ChatCollator(self._encoder, store)

    def feed(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """The batch with its floating tensors in the tower's number format."""
        if self._is_frozen:
            self._tower.eval()  # Trainer sets the whole model to training; a frozen tower must not drop anything
        stored = inputs.pop(STORED, None)
        batch = {key: self._cast(value) for key, value in inputs.items()}
        return batch if stored is None else {**batch, "mm_encoder_outputs": {"image": make_outputs(stored)}}

    def _cast(self, value: Any) -> Any:
        is_floating = isinstance(value, torch.Tensor) and value.is_floating_point()
        return value.to(self._dtype) if is_floating else value

    def end(self) -> None:
        """Nothing was taken out."""
