"""The loss of both stages: cross-entropy on the supervised tokens, and logits for nothing else."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

IGNORED = -100


def compute_loss(model: Any, batch: dict[str, Any], count: "torch.Tensor | int") -> "torch.Tensor":
    """The summed cross-entropy of a batch's supervised tokens, divided by `count`.

    The language model's head is by far the widest layer, and most positions are image or question: it runs only where
    the next token is supervised (a boolean mask as `logits_to_keep`). With `count` the number of supervised tokens of
    the whole optimizer step, over all devices and accumulated batches, every token weighs the same however the step
    was cut into batches.

    Args:
        batch: `input_ids`, `labels`: (B, T) int64, -100 where nothing is supervised; `pixel_values`.
        count: a batch without a supervised token has loss 0 whatever it is.
    """
    import torch
    from torch.nn import functional

    inputs = dict(batch)
    labels = inputs.pop("labels")
    keep = torch.zeros_like(labels, dtype=torch.bool)
    keep[:, :-1] = labels[:, 1:] != IGNORED
    targets = labels[:, 1:][keep[:, :-1]]
    logits = model(**inputs, logits_to_keep=keep, use_cache=False).logits  # (supervised, V)
    total = functional.cross_entropy(logits.float(), targets, reduction="sum")
    return total / torch.as_tensor(count, device=total.device).clamp(min=1)
