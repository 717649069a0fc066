"""Batches as a model's own processor makes them: every key that it gives goes on to the model, padding on the right."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.errors import ImageError, RejectError
from tools.images import load_rgb
from trainer.data.chats.encoder import ChatEncoder
from trainer.data.chats.outputs import BLANK, OutputStore, Stored, replace_pixels
from trainer.data.chats.sizes import make_blank
from trainer.data.collate import IGNORED, Row, Unreadable


@dataclass
class ChatCollator:
    """Makes batches of dataset rows (see `trainer.data.prepare`).

    As in `collate.Collator`, a picture that cannot be read any more keeps its place, and nothing of its row weighs.

    Attributes:
        encoder: of the model in training.
        outputs: stored outputs of the frozen align layer in place of pixels.
    """

    encoder: ChatEncoder
    outputs: OutputStore | None = None

    def __call__(self, rows: Sequence[Row]) -> dict[str, Any]:
        """A batch.

        Returns:
            All keys of the processor; `labels`: (B, T) int64, -100 where nothing is supervised; `unreadable`: list of
            `Unreadable`. With stored outputs `image_outputs` in place of pixels.
        """
        unreadable: list[Unreadable] = []
        found = [self._load(row, unreadable) for row in rows]
        pictures = [make_blank(each.size) if isinstance(each, Stored) else each for each in found]
        seen = [place for place, picture in enumerate(pictures) if picture is not None]
        alone = [place for place, picture in enumerate(pictures) if picture is None]
        parts = [
            (
                places,
                self._process([rows[place] for place in places], [pictures[place] for place in chosen], unreadable),
            )
            for places, chosen in ((seen, seen), (alone, []))
            if places
        ]
        batch = parts[0][1] if len(parts) == 1 else join_batches(parts, self._pad)
        supervised = batch.pop("supervised")
        failed = {item.id for item in unreadable}
        for place, row in enumerate(rows):
            if row["id"] in failed:
                supervised[place] = False
        batch["labels"] = batch["input_ids"].masked_fill(~supervised, IGNORED)
        if self.outputs is not None:
            batch = replace_pixels(batch, [found[place] for place in seen])
        return {**batch, "unreadable": unreadable}

    def _process(self, rows: list[Row], images: list[Any], unreadable: list[Unreadable]) -> dict[str, Any]:
        """The processor's batch; a row whose tokens cannot be matched keeps its place, and nothing of it is learned."""
        try:
            return self.encoder.process(rows, images)
        except RejectError:
            kept = [self._prove(row, images[place : place + 1], unreadable) for place, row in enumerate(rows)]
            return self.encoder.process(kept, images)

    def _prove(self, row: Row, images: list[Any], unreadable: list[Unreadable]) -> Row:
        try:
            self.encoder.process([row], images)
        except RejectError as error:
            unreadable.append(Unreadable(row["id"], error.code, str(error)))
            return {**row, "supervised": [False] * len(row["supervised"])}
        return row

    @property
    def _pad(self) -> int:
        return int(self.encoder.processor.tokenizer.pad_token_id)

    def _load(self, row: Row, unreadable: list[Unreadable]) -> Any:
        """The row's picture, or its stored outputs; None for a row of text alone."""
        if not row["image"]:
            return None
        path = Path(row["image"])
        try:
            return load_rgb(path) if self.outputs is None else self.outputs.read(path)
        except ImageError as error:
            unreadable.append(Unreadable(row["id"], error.code, str(error)))
            return make_blank(BLANK) if self.outputs is None else self.outputs.read_blank()


def join_batches(parts: Sequence[tuple[Sequence[int], dict[str, Any]]], pad: int) -> dict[str, Any]:
    """Batches of rows with and without images as one, each row in its place.

    Args:
        parts: the places of a batch's rows, and the batch.
    """
    import torch

    count = sum(len(places) for places, _ in parts)
    longest = max(batch["input_ids"].shape[1] for _, batch in parts)
    joined: dict[str, Any] = {}
    for places, batch in parts:
        shape = batch["input_ids"].shape
        for key, value in batch.items():
            if not isinstance(value, torch.Tensor) or value.shape != shape:
                joined[key] = value  # of the images, which only one part has
                continue
            if key not in joined:
                joined[key] = torch.full((count, longest), pad if key == "input_ids" else 0, dtype=value.dtype)
            joined[key][list(places), : shape[1]] = value
    return joined
