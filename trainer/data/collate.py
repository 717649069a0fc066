"""Batches: padded tokens, labels on the assistant's answers only, and pictures or cached features.

Padding stands on the right and attention is causal, so no token ever sees it: no attention mask is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.errors import ImageError, UsageError
from tools.images import load_rgb
from trainer.data.encode import Encoder
from trainer.data.pixels import normalise

if TYPE_CHECKING:
    import torch

    from trainer.data.features import FeatureStore

IGNORED = -100
Row = dict[str, Any]


@dataclass(frozen=True)
class Unreadable:
    """A picture that failed in the middle of training: the sample's id, the reason code, and the explanation.

    No tuple: Trainer rebuilds the tuples of a batch, and knows no named ones.
    """

    id: str
    code: str
    reason: str


@dataclass
class Collator:
    """Makes batches of dataset rows (see `trainer.data.prepare`).

    A picture that cannot be read any more does not stop training: its sample keeps its place in the batch, but nothing
    of it is supervised, so it weighs nothing, whatever the number of devices and wherever a run was resumed. It is
    reported under `unreadable`.

    Attributes:
        encoder: of the model in training.
        features: stored features of the frozen tower in place of pixels.
    """

    encoder: Encoder
    features: "FeatureStore | None" = None

    def __post_init__(self) -> None:
        tokenizer: Any = self.encoder.processor.tokenizer
        candidates = (tokenizer.pad_token_id, tokenizer.unk_token_id, tokenizer.eos_token_id)
        known = [int(number) for number in candidates if number is not None]
        if not known:
            raise UsageError("the tokenizer has no padding, unknown or end token to fill batches with")
        self._pad = known[0]

    def __call__(self, rows: Sequence[Row]) -> dict[str, Any]:
        """A batch.

        Returns:
            `input_ids` and `labels`: (B, T) int64, labels -100 where nothing is supervised. `pixel_values`:
            (B, 3, H, W) float32 as the image processor normalises, or (B, 1 + P, D) features. `unreadable`: list of
            `Unreadable`.
        """
        pixels, unreadable = self._load(rows)
        failed = {item.id for item in unreadable}
        tokens, labels = self._pad_tokens(rows, failed)
        return {"input_ids": tokens, "labels": labels, "pixel_values": pixels, "unreadable": unreadable}

    def _pad_tokens(self, rows: Sequence[Row], failed: set[str]) -> "tuple[torch.Tensor, torch.Tensor]":
        import torch

        widened = [self.widen(row) for row in rows]
        longest = max(len(ids) for ids, _ in widened)
        tokens = torch.full((len(rows), longest), self._pad, dtype=torch.int64)
        labels = torch.full((len(rows), longest), IGNORED, dtype=torch.int64)
        for place, (row, (ids, supervised)) in enumerate(zip(rows, widened, strict=True)):
            tokens[place, : len(ids)] = torch.from_numpy(ids)
            if row["id"] not in failed:
                target = np.where(supervised, ids, IGNORED)
                labels[place, : len(ids)] = torch.from_numpy(target)
        return tokens, labels

    def widen(self, row: Row) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
        """Tokens (int64) and supervision of a row, its one image token repeated as often as an image needs."""
        ids = np.asarray(row["input_ids"], dtype=np.int64)
        counts = np.where(ids == self.encoder.image_token_id, self.encoder.image_tokens, 1)
        return np.repeat(ids, counts), np.repeat(np.asarray(row["supervised"], dtype=bool), counts)

    def _load(self, rows: Sequence[Row]) -> "tuple[torch.Tensor, list[Unreadable]]":
        import torch

        found: dict[int, torch.Tensor] = {}
        unreadable: list[Unreadable] = []
        for place, row in enumerate(rows):
            try:
                found[place] = self._load_one(Path(row["image"]))
            except ImageError as error:
                unreadable.append(Unreadable(row["id"], error.code, str(error)))
        blank = torch.zeros_like(next(iter(found.values()))) if found else self._make_blank()
        return torch.stack([found.get(place, blank) for place in range(len(rows))]), unreadable

    def _load_one(self, path: Path) -> "torch.Tensor":
        if self.features is not None:
            return self.features.read(path)
        return process_image(self.encoder.processor, path)

    def _make_blank(self) -> "torch.Tensor":
        if self.features is not None:
            return self.features.make_blank()
        from PIL import Image

        return normalise(self.encoder.processor, Image.new("RGB", (32, 32)))


def process_image(processor: Any, path: Path) -> "torch.Tensor":
    """A picture as the tower takes it: (3, H, W) float32.

    Raises:
        ImageError: the file cannot be read.
    """
    return normalise(processor, load_rgb(path))
