"""The order in which an epoch visits the samples: a pure function of seed and epoch."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Sampler

WINDOW = 50


def order_epoch(
    lengths: NDArray[np.int32], seed: int, epoch: int, global_batch: int, is_grouped: bool
) -> NDArray[np.int64]:
    """Places of all samples in the order of one epoch, filled up to whole global batches with the filler's place.

    Every device and every batch size cuts the same list, so a step sees the same samples on one device as on eight.

    Args:
        lengths: (N,) tokens a sample; N itself is the filler's place.
        is_grouped: sort by length within windows of 50 global batches, then shuffle the batches, as LLaVA-1.5 does.
    """
    generator = np.random.default_rng([seed, epoch])
    places = generator.permutation(len(lengths)).astype(np.int64)
    if is_grouped:
        size = WINDOW * global_batch
        windows = [places[start : start + size] for start in range(0, len(places), size)]
        places = np.concatenate([window[np.argsort(-lengths[window], kind="stable")] for window in windows])
    missing = -len(places) % global_batch
    whole = np.concatenate([places, np.full(missing, len(lengths), dtype=np.int64)])
    if is_grouped:
        whole = generator.permutation(whole.reshape(-1, global_batch), axis=0).reshape(-1)
    return whole


def measure_padding(lengths: NDArray[np.int32], order: NDArray[np.int64], batch: int) -> float:
    """Share of the padded positions that hold padding when `order` is cut into batches of `batch`."""
    known = np.append(lengths, lengths.min())[order]
    cuts = [known[start : start + batch] for start in range(0, len(known), batch)]
    padded = sum(int(cut.max()) * len(cut) for cut in cuts)
    return 1 - int(known.sum()) / padded


class EpochOrder(Sampler[int]):
    """Gives `order_epoch` of the current epoch to the data loader."""

    def __init__(self, lengths: NDArray[np.int32], seed: int, global_batch: int, is_grouped: bool) -> None:
        self._settings: dict[str, Any] = {"seed": seed, "global_batch": global_batch, "is_grouped": is_grouped}
        self._lengths = lengths
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch of the next pass."""
        self._epoch = epoch

    def __len__(self) -> int:
        count, batch = len(self._lengths), int(self._settings["global_batch"])
        return count + -count % batch

    def __iter__(self) -> Iterator[int]:
        return iter(order_epoch(self._lengths, epoch=self._epoch, **self._settings).tolist())
