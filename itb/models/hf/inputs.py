"""Prompts and pictures as the checkpoint's own processor gives them to its model.

Everything that hangs on the architecture is left to the two: how many tokens a picture is and which stand around it,
how pixels are laid out, what the model wants to know of each token, and how it counts places.
"""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from itb.benchmark.ask import Pictures
from itb.models.hf.checkpoint import Checkpoint
from tools.weights import explain_model

IDS, MASK = "input_ids", "attention_mask"
FOR_TRAINING = "labels"
"""What PaliGemma's processor makes besides."""


@dataclass(frozen=True)
class Inputs:
    """Rows of tokens, and their pictures.

    Attributes:
        tokens: whatever holds one value a token, (N, L) each: ids, mask, kinds of tokens.
        images: all else, in whatever layout the model takes.
    """

    tokens: dict[str, Any]
    images: dict[str, Any]

    @property
    def kinds(self) -> tuple[str, ...]:
        """What the model wants to know of each token besides its id; text is 0 in each."""
        return tuple(name for name in self.tokens if name not in (IDS, MASK))

    def list_rows(self) -> list[list[int]]:
        """The tokens of each row, without padding."""
        masks = self.tokens[MASK].bool()
        return [row[mask].tolist() for row, mask in zip(self.tokens[IDS], masks, strict=True)]


def encode_prompts(
    checkpoint: Checkpoint,
    prompts: Sequence[str],
    images: Sequence[Pictures],
    adds_bos: bool,
    padding_side: Literal["left", "right"],
) -> Inputs:
    """One row a prompt, each with its pictures, on the checkpoint's device and in its number format.

    Args:
        checkpoint: whose processor.
        prompts: whole prompts, as text.
        images: the pictures of each, in their order.
        adds_bos: whether the tokenizer is to add its first token.
        padding_side: where shorter rows are filled.
    """
    with explain_model(
        f"--model {checkpoint.name}", "its processor cannot prepare a picture and its text", "copy it again"
    ):
        made = checkpoint.processor(
            text=list(prompts),
            images=[list(pictures) for pictures in images],
            padding=True,
            padding_side=padding_side,
            return_tensors="pt",
            add_special_tokens=adds_bos,
        )
    made = made.to(checkpoint.device, checkpoint.dtype)
    made.pop(FOR_TRAINING, None)
    shape = made[IDS].shape
    tokens = {name: value for name, value in made.items() if getattr(value, "shape", None) == shape}
    return Inputs(tokens, {name: value for name, value in made.items() if name not in tokens})


def find_positions(checkpoint: Checkpoint, inputs: Inputs) -> Any:
    """The place of each token of whole rows: (N, L), or (axes, N, L) where a picture's tokens lie in rows and columns.

    The second kind comes from the model's own index function: plain counting would be wrong, and nothing would say so.
    """
    index = getattr(checkpoint.model.model, "get_rope_index", None)
    if index is None:
        return (inputs.tokens[MASK].cumsum(dim=1) - 1).clamp(min=0)
    known = inspect.signature(index).parameters
    given = {name: value for name, value in (inputs.tokens | inputs.images).items() if name in known}
    return index(**given)[0]
