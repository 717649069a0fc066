"""The paper's peers: their processors say how a dialogue becomes tokens, and an image fills one of them or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from tools.conversations import Turn
from tools.errors import RejectError, UsageError
from trainer.data.chats.encoder import ChatEncoder, EncodedChat
from trainer.data.chats.spans import Message
from trainer.data.encode import TextFormat
from trainer.data.samples import Sample


@dataclass(frozen=True)
class PeerEncoder(ChatEncoder):
    """Dialogues as the peer's authors tokenised them."""

    takes_text_alone: ClassVar[bool] = False

    def divide(self, sample: Sample) -> list[Sample]:
        """Itself, or a sample for each question and its answer where the model knows no history."""
        if not self.processor.is_single_turn or self.turns == "first" or len(sample.turns) <= 2:
            return super().divide(sample)
        pairs = [sample.turns[start : start + 2] for start in range(0, len(sample.turns), 2)]
        return [Sample(f"{sample.id}#{number}", sample.image, pair) for number, pair in enumerate(pairs, 1)]

    def encode(
        self, turns: Sequence[Turn | Message], text_format: TextFormat = "instruction", *, is_seen: bool = True
    ) -> EncodedChat:
        """Tokens of a dialogue.

        Raises:
            RejectError: `several_turns`, `text_alone`, `control_token` or `nothing_supervised`.
        """
        if text_format == "plain":
            raise UsageError("align.text_format: plain is LLaVA's; this model takes `instruction`")
        if not is_seen:
            raise RejectError("text_alone", "the model is trained on images only")
        messages = [Message(turn.role, turn.text.strip()) for turn in turns]
        self._check_roles(messages)
        self._check_texts(messages)
        tokens = self.processor.encode_dialogue(messages)
        supervised = np.asarray(tokens.supervised, dtype=np.bool_)
        if self.turns == "split":
            supervised = _keep_last(supervised)
        if not supervised.any():
            raise RejectError("nothing_supervised", "no token of the answers is left to learn from")
        ids = np.asarray(tokens.ids, dtype=np.int32)
        return EncodedChat(ids, supervised, self.processor.tokenizer.decode(ids))

    def measure(self, encoded: EncodedChat, image: Path | None) -> int:
        """Tokens of the sample, the image's mark as long as the image."""
        return len(encoded.ids) - 1 + int(self.processor.image_tokens)

    def count_image_tokens(self, encoded: EncodedChat, image: Path) -> int:
        """Tokens that an image fills: one, or none."""
        return int(self.processor.image_tokens)

    def _check_roles(self, messages: Sequence[Message]) -> None:
        roles = [message.role for message in messages]
        if roles != ["user", "assistant"] * (len(roles) // 2):
            raise RejectError("several_turns", "the model knows questions and answers in turn, and no system prompt")
        if self.processor.is_single_turn and len(roles) > 2:
            raise RejectError(
                "several_turns", f"the model knows one question and its answer; here are {len(roles)} turns"
            )

    def process(self, rows: Sequence[Mapping[str, Any]], images: Sequence[Any]) -> dict[str, Any]:
        """See `ChatEncoder.process`; the tokens are the rows' own, with the image's mark as long as the image."""
        import torch

        widened = [self._widen(row) for row in rows]
        shape = (len(rows), max(len(ids) for ids, _ in widened))
        ids = torch.full(shape, int(self.processor.tokenizer.pad_token_id), dtype=torch.int64)
        attended, supervised = torch.zeros(shape, dtype=torch.int64), torch.zeros(shape, dtype=torch.bool)
        for place, (own, marks) in enumerate(widened):
            ids[place, : len(own)] = torch.from_numpy(own)
            attended[place, : len(own)] = 1
            supervised[place, : len(own)] = torch.from_numpy(marks)
        return {
            "input_ids": ids,
            "attention_mask": attended,
            "pixel_values": self._see(images),
            "supervised": supervised,
        }

    def _see(self, images: Sequence[Any]) -> Any:
        """Pixels of pictures; the embeddings of stored ones as they are."""
        import torch

        if images and isinstance(images[0], torch.Tensor):
            return torch.stack(list(images))
        return self.processor.image_processor(list(images), return_tensors="pt")["pixel_values"]

    def _widen(self, row: Mapping[str, Any]) -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
        ids = np.asarray(row["input_ids"], dtype=np.int64)
        counts = np.where(ids == self.processor.image_token_id, self.processor.image_tokens, 1)
        return np.repeat(ids, counts), np.repeat(np.asarray(row["supervised"], dtype=bool), counts)


def _keep_last(supervised: "np.ndarray[Any, np.dtype[np.bool_]]") -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """The marks of the last answer alone."""
    others = np.flatnonzero(~supervised)
    return supervised & (np.arange(len(supervised)) > (others[-1] if len(others) else -1))
