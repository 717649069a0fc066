"""Batches of a vision-language model of any maker: what its processor gives, or stored outputs of its align layer."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from tools.errors import ImageError, UsageError, join_lines
from tools.images import load_rgb
from tools.terminal.bars import track
from trainer.data.chats.collate import ChatCollator
from trainer.data.chats.encoder import ChatEncoder
from trainer.data.chats.outputs import STORED, OutputStore, Stored, make_batch, make_outputs, replace_pixels
from trainer.model.vlm.anatomy import Anatomy
from trainer.stages.freezing import PartName, find_base

TOLERANCE = {torch.float32: 1e-3, torch.bfloat16: 1e-1}
"""Of the largest logit; a picture in the wrong place changes it by more."""


class VlmFeed:
    """See `Feed`."""

    def __init__(self, model: Any, encoder: ChatEncoder, anatomy: Anatomy) -> None:
        self._base = find_base(model)
        self._encoder = encoder
        self._anatomy = anatomy
        self._tower = self._base.get_submodule(anatomy.tower)
        weights = sorted(self._tower.parameters(), key=lambda each: not each.requires_grad)  # PEFT keeps frozen copies
        self._dtype = next(each.dtype for each in weights if each.is_floating_point())
        self._is_frozen = not weights[0].requires_grad

    def name_part(self, parameter: str) -> PartName:
        """See `Anatomy.name_part`."""
        return self._anatomy.name_part(parameter)

    def begin(self, paths: Sequence[Path], cache: Path | None, arguments: Any) -> ChatCollator:
        """See `Feed.begin`; with a cache, whether the model answers from it as from pixels is tried on one picture.

        Raises:
            UsageError: it does not.
        """
        if cache is None:
            return ChatCollator(self._encoder)
        store = OutputStore(cache, self._base, self._encoder)
        if not getattr(self._base, "is_quantized", False):
            self._base.to(arguments.device)
        batches = store.fill(paths, arguments.process_index, arguments.world_size)
        for _ in track(batches, "outputs of the align layer"):
            pass
        arguments.distributed_state.wait_for_everyone()
        self._check_outputs(store, paths)
        return ChatCollator(self._encoder, store)

    def _check_outputs(self, store: OutputStore, paths: Sequence[Path]) -> None:
        for path in paths:
            try:
                stored = store.read(path)
            except ImageError:
                continue
            self._compare(path, stored)
            return

    def _compare(self, path: Path, stored: Stored) -> None:
        batch = make_batch(self._encoder, load_rgb(path))
        batch.pop("supervised")
        expected, found = self._answer(batch), self._answer(replace_pixels(batch, [stored]))
        difference = float((expected - found).abs().max() / expected.abs().max())
        if not difference < TOLERANCE[self._dtype]:
            text = f"feature_cache: {type(self._base).__name__} answers otherwise from stored outputs than from pixels"
            raise UsageError(f"{text} (logits differ by {difference:.1e} of the largest); leave feature_cache out")

    def _answer(self, batch: dict[str, Any]) -> torch.Tensor:
        """Logits behind the last token."""
        is_training, is_mixed = self._base.training, self._dtype != torch.float32
        inputs = self.feed(move(batch, self._base.device))
        with torch.no_grad(), torch.autocast(self._base.device.type, torch.bfloat16, enabled=is_mixed):
            logits: torch.Tensor = self._base.eval()(**inputs, logits_to_keep=1, use_cache=False).logits.float()
        self._base.train(is_training)
        return logits

    def feed(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """The batch with its floating tensors in the tower's number format."""
        if self._is_frozen:
            self._tower.eval()  # Trainer sets the whole model to training; a frozen tower must not drop anything
        batch = {key: self._cast(value) for key, value in inputs.items() if key != STORED}
        if STORED not in inputs:
            return batch
        return {**batch, "mm_encoder_outputs": {"image": make_outputs(inputs[STORED])}}

    def _cast(self, value: Any) -> Any:
        is_floating = isinstance(value, torch.Tensor) and value.is_floating_point()
        return value.to(self._dtype) if is_floating else value

    @contextmanager
    def explain(self) -> Iterator[None]:
        """A model that cannot hold parts in two number formats is told apart from other faults.

        Raises:
            UsageError: it cannot.
        """
        try:
            yield
        except RuntimeError as error:
            formats = {each.dtype for each in self._base.parameters() if each.is_floating_point()}
            if len(formats) == 1 or "dtype" not in str(error):
                raise
            text = f"frozen_precision: bf16: {type(self._base).__name__} cannot hold these parts in two number formats"
            raise UsageError(f"{text} ({join_lines(error)}); set frozen_precision: fp32") from error

    def end(self) -> None:
        """Nothing was taken out."""


def move(value: Any, device: torch.device) -> Any:
    """Tensors of a nested batch on a device."""
    if isinstance(value, torch.Tensor):
        return value.to(device)
    if isinstance(value, dict):
        return {key: move(each, device) for key, each in value.items()}
    return [move(each, device) for each in value] if isinstance(value, list | tuple) else value
