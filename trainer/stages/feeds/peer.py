"""Batches of the paper's peers: pixels as any model's, or the frozen trunk's one embedding of each picture, stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.errors import ImageError
from tools.terminal.bars import track
from trainer.data.chats.collate import ChatCollator
from trainer.data.chats.encoder import ChatEncoder
from trainer.data.collate import Row, Unreadable
from trainer.data.features import FeatureStore, TowerSwap
from trainer.model.vlm.anatomy import Anatomy
from trainer.stages.feeds.vlm import VlmFeed


@dataclass
class EmbeddingCollator(ChatCollator):
    """As `ChatCollator`, with stored embeddings in the place of pixels.

    Attributes:
        store: complete for all pictures of the data.
    """

    store: FeatureStore | None = None

    def _load(self, row: Row, unreadable: list[Unreadable]) -> Any:
        """The row's embedding, (1, D)."""
        if self.store is None:
            return super()._load(row, unreadable)
        try:
            return self.store.read(Path(row["image"]))
        except ImageError as error:
            unreadable.append(Unreadable(row["id"], error.code, str(error)))
            return self.store.make_blank()


class PeerFeed(VlmFeed):
    """See `Feed`; with a cache the trunk is out of the model until `end`, so it must be frozen."""

    def __init__(self, model: Any, encoder: ChatEncoder, anatomy: Anatomy) -> None:
        super().__init__(model, encoder, anatomy)
        self._swap = TowerSwap(self._base)

    def begin(self, paths: Sequence[Path], cache: Path | None, arguments: Any) -> ChatCollator:
        """See `Feed.begin`; one store serves both peers and every stage, for it goes by the trunk's weights."""
        if cache is None:
            return super().begin(paths, cache, arguments)
        store = FeatureStore(cache, self._base, self._encoder.processor)
        self._tower.to(arguments.device)
        for _ in track(store.fill(paths, arguments.process_index, arguments.world_size), "embeddings of the trunk"):
            pass
        self._tower.to("cpu")
        arguments.distributed_state.wait_for_everyone()
        self._swap.take_out()
        return EmbeddingCollator(self._encoder, store=store)

    def end(self) -> None:
        """Put the trunk back."""
        self._swap.put_back()
