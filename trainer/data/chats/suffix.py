"""Families without a chat template, whose processor takes question and answer apart: PaliGemma; one turn alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tools.conversations import Turn
from tools.errors import RejectError, UsageError
from tools.weights import explain_model
from trainer.data.chats.encoder import UNPREPARED, ChatEncoder, EncodedChat, align_rows
from trainer.data.chats.spans import SPLIT, Message
from trainer.data.encode import TextFormat
from trainer.data.samples import Sample


@dataclass(frozen=True)
class SuffixEncoder(ChatEncoder):
    """Question and answer as PaliGemma's processor joins them: image, start, question, line break, answer, end."""

    takes_text_alone: ClassVar[bool] = False

    def divide(self, sample: Sample) -> list[Sample]:
        """The samples that a sample becomes: with `split` one of each question, without what was before it."""
        if self.turns == "together" or len(sample.turns) <= 2:
            return [sample]
        pairs = [sample.turns[start : start + 2] for start in range(0, len(sample.turns), 2)]
        return [Sample(f"{sample.id}#{number}", sample.image, pair) for number, pair in enumerate(pairs, 1)]

    def encode(
        self, turns: Sequence[Turn | Message], text_format: TextFormat = "instruction", *, is_seen: bool = True
    ) -> EncodedChat:
        """Tokens of one question and its answer.

        Raises:
            RejectError: `several_turns`, `text_alone`, or as `ChatEncoder.encode`.
        """
        if text_format == "plain":
            raise UsageError("align.text_format: plain is LLaVA's; this model takes `instruction`")
        if not is_seen:
            raise RejectError("text_alone", "the model's processor takes no question without an image")
        messages = [Message(turn.role, turn.text.strip()) for turn in turns]
        if [message.role for message in messages] != ["user", "assistant"]:
            text = f"the model knows one question and one answer, and no system prompt; here are {len(messages)} turns"
            raise RejectError("several_turns", f"{text}. {SPLIT}")
        self._check_texts(messages)
        tokenizer, (question, answer) = self.processor.tokenizer, messages
        head = f"{self.processor.image_token}{tokenizer.bos_token}{question.text}\n"
        options: dict[str, Any] = {"add_special_tokens": False, "return_token_type_ids": True}
        tokens = tokenizer(head, text_pair=answer.text + tokenizer.eos_token, **options)
        supervised = np.asarray(tokens["token_type_ids"], dtype=np.bool_)
        text = f"{self.processor.image_token}{question.text}"
        return EncodedChat(np.asarray(tokens["input_ids"], dtype=np.int32), supervised, text, answer.text)

    def process(self, rows: Sequence[Mapping[str, Any]], images: Sequence[Any]) -> dict[str, Any]:
        """See `ChatEncoder.process`."""
        with explain_model("the processor", *UNPREPARED):
            made = self.processor(
                text=[str(row["text"]) for row in rows],
                suffix=[str(row["suffix"]) for row in rows],
                images=[[image] for image in images],
                return_tensors="pt",
                padding=True,
                padding_side="right",
                add_special_tokens=False,
            )
        batch = dict(made)
        batch.pop("labels", None)
        batch["supervised"] = align_rows(rows, batch["input_ids"], batch["attention_mask"])
        return batch
