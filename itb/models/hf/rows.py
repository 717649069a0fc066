"""Rows of tokens after a shared beginning: padded, run, and their logits taken where they are needed."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from itb.models.hf.checkpoint import Checkpoint

STRETCH = 1.5
"""Longest row of a batch, in lengths of its shortest: padding is computed like everything else."""


@dataclass
class Prefix:
    """What several rows have in common, run once.

    Attributes:
        cache: keys and values, one row a prefix.
        mask: (N, P) bool, False where a shorter prefix is padded on the right.
    """

    cache: Any
    mask: Any

    def take(self, rows: Sequence[int]) -> "Prefix":
        """The prefixes named, each as often as it is named; this one stays as it is."""
        import torch

        index = torch.tensor(rows, device=self.mask.device)
        cache = copy.copy(self.cache)
        cache.layers = [copy.copy(layer) for layer in self.cache.layers]  # selecting makes new tensors, growing too
        cache.batch_select_indices(index)
        return Prefix(cache, self.mask[index])


def cut_rows(lengths: Sequence[int], most: int) -> list[list[int]]:
    """Places of rows to run together: at most `most`, the shorter ones first, none padded to more than `STRETCH`."""
    chunks: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        fits = chunks and len(chunks[-1]) < most and lengths[place] <= STRETCH * lengths[chunks[-1][0]]
        chunks[-1].append(place) if fits else chunks.append([place])
    return chunks


def pad_rows(rows: Sequence[Sequence[int]], pad: int, device: Any) -> tuple[Any, Any]:
    """Tokens (N, L) int64 and mask (N, L) bool, padded on the right."""
    import torch

    length = max(map(len, rows))
    tokens = torch.full((len(rows), length), pad, dtype=torch.long)
    mask = torch.zeros((len(rows), length), dtype=torch.bool)
    for place, row in enumerate(rows):
        tokens[place, : len(row)] = torch.tensor(row, dtype=torch.long)
        mask[place, : len(row)] = True
    return tokens.to(device), mask.to(device)


def run_prefix(checkpoint: Checkpoint, rows: Sequence[Sequence[int]], images: dict[str, Any]) -> Prefix:
    """One pass over the prefixes, images among them.

    Args:
        checkpoint: the model.
        rows: tokens of each prefix, with the image's places in them.
        images: what the processor made of the images, one a prefix, in the same order.
    """
    tokens, mask = pad_rows(rows, checkpoint.tokenizer.pad_token_id or 0, checkpoint.device)
    output = checkpoint.model(
        input_ids=tokens,
        attention_mask=mask.long(),
        position_ids=_count_positions(mask, 0),
        use_cache=True,
        logits_to_keep=1,
        **images,
    )
    return Prefix(output.past_key_values, mask)


def run_rows(checkpoint: Checkpoint, prefix: Prefix, rows: Sequence[Sequence[int]], wanted: Sequence[int]) -> Any:
    """Go on from the prefixes; the cache and mask of `prefix` grow by it.

    Args:
        checkpoint: the model.
        prefix: one for each row.
        rows: further tokens.
        wanted: how many of each row's last tokens the logits are wanted of.

    Returns:
        (sum of `wanted`, V) float32: the logits after those tokens, row by row.
    """
    import torch

    tokens, mask = pad_rows(rows, checkpoint.tokenizer.pad_token_id or 0, checkpoint.device)
    before = prefix.mask.shape[1]
    prefix.mask = torch.cat([prefix.mask, mask], dim=1)
    ends = mask.sum(dim=1, keepdim=True)
    places = torch.arange(mask.shape[1], device=mask.device)[None]
    starts = ends - torch.tensor(wanted, device=mask.device)[:, None]
    output = checkpoint.model(
        input_ids=tokens,
        attention_mask=prefix.mask.long(),
        position_ids=_count_positions(prefix.mask, before),
        past_key_values=prefix.cache,
        use_cache=True,
        logits_to_keep=(places >= starts) & (places < ends),
    )
    return output.logits.float()


def _count_positions(mask: Any, start: int) -> Any:
    """Positions of the columns from `start` on, padding not counted."""
    return (mask.long().cumsum(dim=1) - 1).clamp(min=0)[:, start:]
