"""What a conversion yields, and what both peers' have in common."""

import re
from typing import Any, Literal, NamedTuple

from trainer.model.baselines.processing import ready_tokenizer
from trainer.model.conversion.tensors import Tensors

USUAL = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
"""LLaMA's, for files that do not say them."""


class Parts(NamedTuple):
    """A model that is not read yet.

    Attributes:
        config: of the model; tensors: by its names; tokenizer: with the image's mark.
        end_tokens: that end a reply.
    """

    config: Any
    tensors: Tensors
    tokenizer: Any
    end_tokens: list[int]


def name_language(tensors: Tensors) -> Tensors:
    """The tensors of a `LlamaForCausalLM` by the names that they have inside a vision-language model."""
    return {
        (name if name.startswith("lm_head.") else f"model.language_model.{name.removeprefix('model.')}"): lazy
        for name, lazy in tensors.items()
    }


def measure_depth(tensors: Tensors, pattern: re.Pattern[str]) -> int:
    """Layers that names speak of, their number being the pattern's first group."""
    return len({match[1] for name in tensors if (match := pattern.match(name))})


def prepare_tokenizer(tokenizer: Any, padding: Literal["eos_token", "unk_token"]) -> tuple[Any, int]:
    """The tokenizer for a peer, of a class that takes its file as it is; the number of the image's mark."""
    from transformers import PreTrainedTokenizerFast

    make: Any = PreTrainedTokenizerFast
    names = {name: getattr(tokenizer, name) or usual for name, usual in USUAL.items()}
    plain = make(tokenizer_object=tokenizer.backend_tokenizer, pad_token=names[padding], **names)
    _begin_texts(plain)
    ready = ready_tokenizer(plain)
    return ready, int(ready.convert_tokens_to_ids("<image>"))


def _begin_texts(tokenizer: Any) -> None:
    """Let every text begin with the first token, as LLaMA's do; a bare tokenizer.model does not say it."""
    from tokenizers import processors

    token = tokenizer.bos_token
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{token} $A", pair=f"{token} $A {token} $B:1", special_tokens=[(token, tokenizer.bos_token_id)]
    )
