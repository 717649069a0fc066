"""Rows of tokens after a shared beginning: padded, run, and their logits taken where they are needed."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from itb.models.hf.checkpoint import Checkpoint
from itb.models.hf.inputs import IDS, MASK, Inputs, find_positions

STRETCH = 1.5
"""Longest row of a batch, in lengths of its shortest: padding is computed like everything else."""


@dataclass
class Prefix:
    """What several rows have in common, run once.

    Attributes:
        cache: keys and values, one row a prefix.
        mask: (N, P) bool, False where a shorter prefix is padded on the right.
        shift: (N,) int64, what places after the prefix are ahead of plain counting: a picture may take fewer than it
            has tokens.
        axes: how many numbers a place has; 0 for a plain one.
        kinds: names of what else the model is told of each token.
    """

    cache: Any
    mask: Any
    shift: Any
    axes: int
    kinds: tuple[str, ...]

    def take(self, rows: Sequence[int]) -> "Prefix":
        """The prefixes named, each as often as it is named; this one stays as it is."""
        cache = copy.copy(self.cache)
        cache.layers = [copy.copy(layer) for layer in self.cache.layers]  # selecting makes new tensors, growing too
        taken = Prefix(cache, self.mask, self.shift, self.axes, self.kinds)
        taken.keep(rows)
        return taken

    def keep(self, rows: Sequence[int]) -> None:
        """Leave only the rows named, in this order."""
        import torch

        index = torch.tensor(rows, device=self.mask.device)
        self.cache.batch_select_indices(index)
        self.mask, self.shift = self.mask[index], self.shift[index]


def cut_rows(lengths: Sequence[int], most: int, stretch: float = STRETCH) -> list[list[int]]:
    """Places of rows to run together: at most `most`, the shorter ones first, none padded to more than `stretch`."""
    chunks: list[list[int]] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        fits = chunks and len(chunks[-1]) < most and lengths[place] <= stretch * lengths[chunks[-1][0]]
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


def run_prefix(checkpoint: Checkpoint, whole: Inputs, lengths: Sequence[int]) -> Prefix:
    """One pass over the first tokens of some rows, images among them.

    Args:
        checkpoint: the model.
        whole: the rows to their end, padded on the right: some models place tokens by what comes after them.
        lengths: how many tokens of each row belong to its prefix.
    """
    import torch

    size = max(lengths)
    ends = whole.tokens[MASK].sum(dim=1)
    mask = torch.arange(size, device=ends.device)[None] < torch.tensor(lengths, device=ends.device)[:, None]
    fill = {IDS: checkpoint.tokenizer.pad_token_id or 0}
    tokens = {name: value[:, :size].where(mask, fill.get(name, 0)) for name, value in whole.tokens.items()}
    positions = find_positions(checkpoint, whole)
    places = positions if positions.dim() == 2 else positions.amax(dim=0)
    last = places.gather(1, ends[:, None] - 1)[:, 0]
    output = checkpoint.model(
        **tokens, position_ids=positions[..., :size], use_cache=True, logits_to_keep=1, **whole.images
    )
    axes = 0 if positions.dim() == 2 else positions.shape[0]
    return Prefix(output.past_key_values, mask, last + 1 - ends, axes, whole.kinds)


def run_rows(checkpoint: Checkpoint, prefix: Prefix, rows: Sequence[Sequence[int]], wanted: Sequence[int]) -> Any:
    """Go on from the prefixes; the cache and mask of `prefix` grow by it.

    Args:
        checkpoint: the model.
        prefix: one for each row.
        rows: further tokens, of text.
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
    positions = (prefix.mask.long().cumsum(dim=1) - 1).clamp(min=0)[:, before:] + prefix.shift[:, None]
    output = checkpoint.model(
        input_ids=tokens,
        attention_mask=prefix.mask.long(),
        position_ids=positions.expand(prefix.axes, -1, -1) if prefix.axes else positions,
        past_key_values=prefix.cache,
        use_cache=True,
        logits_to_keep=(places >= starts) & (places < ends),
        **{name: torch.zeros_like(tokens) for name in prefix.kinds},
    )
    return output.logits.float()
