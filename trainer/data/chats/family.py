"""What the vision-language models of a family do differently in training; all others are `chat`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.errors import UsageError
from tools.registry import VISION_FAMILIES
from trainer.data.chats.encoder import ChatEncoder, Turns
from trainer.data.chats.ends import list_controls, list_ends
from trainer.data.chats.peer import PeerEncoder
from trainer.data.chats.suffix import SuffixEncoder

REST = "chat"


@dataclass(frozen=True)
class VisionFamily:
    """How dialogues become what the models of a family read.

    Attributes:
        make_encoder: of processor, end-of-turn tokens, `together` or `split`, and control tokens.
        has_template: the processor needs a chat template.
    """

    make_encoder: Callable[[Any, tuple[str, ...], Turns, tuple[str, ...]], ChatEncoder] = ChatEncoder
    has_template: bool = True


CHAT = VisionFamily()
SUFFIX = VisionFamily(SuffixEncoder, has_template=False)
PEER = VisionFamily(PeerEncoder)


def find_vision_family(model_type: str) -> VisionFamily:
    """The family of a model's type; what no entry names is `chat`."""
    named = (entry.name for entry in VISION_FAMILIES.entries() if model_type in entry.traits.get("model_types", ()))
    family: VisionFamily = VISION_FAMILIES.load(next(named, REST))
    return family


def make_chat_encoder(processor: Any, model_type: str, folder: Path, turns: Turns = "together") -> ChatEncoder:
    """The encoder of a model's processor.

    Args:
        folder: of the model, for the tokens at which it stops.

    Raises:
        UsageError: no chat template, a tokenizer that does not tell where its tokens stand, or no end token.
    """
    family = find_vision_family(model_type)
    if family.has_template and not processor.chat_template:
        text = (
            f"{folder}: its processor has no chat template (chat_template.jinja), so that nobody knows how it is asked"
        )
        raise UsageError(f"{text}; copy the one of the tuned model, or choose one of ours (--set model.template=NAME)")
    if not processor.tokenizer.is_fast:
        kind = type(processor.tokenizer).__name__
        raise UsageError(f"{folder}: its {kind} does not tell where its tokens stand; save tokenizer.json beside it")
    ends = list_ends(processor, folder)
    if not ends:
        raise UsageError(f"{folder}: neither its tokenizer nor its generation_config.json names an end token")
    return family.make_encoder(processor, ends, turns, list_controls(processor))
