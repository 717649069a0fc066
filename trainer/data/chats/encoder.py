"""From a dialogue to tokens with a model's own processor and chat template, and which of them are supervised.

The text is cut into tokens before the image is widened. The processor widens it, so its tokens are matched from the
right end: behind the first supervised token nothing may differ, or the sample is refused.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.conversations import Turn
from tools.errors import RejectError, UsageError
from tools.weights import explain_model
from trainer.data.chats.sizes import ImageSize, make_blank, read_size
from trainer.data.chats.spans import SPLIT, Message, Written, write_dialogue
from trainer.data.encode import TextFormat, mark_supervised
from trainer.data.samples import Sample

Turns = Literal["together", "split", "first"]
UNPREPARED = ("it cannot prepare a picture and its text", "copy the model's folder again")
REMEDY = "correct chat_template.jinja in the model's folder, or choose a template of ours (--set model.template=NAME)"


class EncodedChat(NamedTuple):
    """One sample as tokens.

    Attributes:
        ids: (T,) int32, the image not widened; supervised: (T,) bool.
        text: what the processor is given; suffix: the answer, where the processor takes it apart from the text.
        notes: those of `spans.Written` that say something.
    """

    ids: NDArray[np.int32]
    supervised: NDArray[np.bool_]
    text: str
    suffix: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChatEncoder:
    """Encodes dialogues with the chat template of a processor; right for every family that has one.

    Attributes:
        processor: of the model in training.
        ends: texts of the tokens that may end a turn.
        turns: `together` learns all answers of a dialogue in one sample; `split` makes one sample of each answer;
            `first` takes the first question and its answer.
        control_tokens: texts that no caption or instruction may contain, as they would act on the model.
    """

    processor: Any
    ends: tuple[str, ...]
    turns: Turns = "together"
    control_tokens: tuple[str, ...] = ()
    takes_text_alone: ClassVar[bool] = True
    _widths: dict[ImageSize, int] = field(default_factory=dict, repr=False, compare=False)

    def divide(self, sample: Sample) -> list[Sample]:
        """The samples that a sample becomes: itself, or one for each answer."""
        if self.turns == "first":
            return [Sample(sample.id, sample.image, sample.turns[:2])]
        stops = [place + 1 for place, turn in enumerate(sample.turns) if turn.role == "assistant"]
        if self.turns == "together" or len(stops) == 1:
            return [sample]
        return [Sample(f"{sample.id}#{stop // 2}", sample.image, sample.turns[:stop]) for stop in stops]

    def encode(
        self, turns: Sequence[Turn | Message], text_format: TextFormat = "instruction", *, is_seen: bool = True
    ) -> EncodedChat:
        """Tokens of a dialogue.

        Args:
            is_seen: an image stands before the first question.

        Raises:
            RejectError: `control_token` in a text, `nothing_supervised`, or see `spans.write_dialogue`.
            UsageError: the template writes no end of turn, or the tokenizer does not tell where its tokens stand.
        """
        if text_format == "plain":
            raise UsageError("align.text_format: plain is LLaVA's; a model with a chat template takes `instruction`")
        messages = [Message(turn.role, turn.text.strip()) for turn in turns]
        self._check_texts(messages)
        written = self.write(messages, is_seen=is_seen)
        tokens = self._tokenize(written.text)
        spans = written.spans if self.turns == "together" else written.spans[-1:]
        ids = np.asarray(tokens["input_ids"], dtype=np.int32)
        supervised = mark_supervised(tokens["offset_mapping"], spans)
        if not supervised.any():
            raise RejectError("nothing_supervised", "no token of the answers is left to learn from")
        notes = [note and f"{note}; {SPLIT}" for note in written.notes[-len(spans) : -1]] + [*written.notes[-1:]]
        return EncodedChat(ids, supervised, written.text, notes=tuple(filter(None, notes)))

    def write(self, messages: Sequence[Message], *, is_seen: bool = True) -> Written:
        """The dialogue as the chat template writes it, and where its answers stand."""

        def render(part: Sequence[Message], is_asked: bool) -> str:
            listed = list_contents(part, is_seen=is_seen)
            with explain_model("the chat template", "it cannot be used", REMEDY):
                return str(self.processor.apply_chat_template(listed, add_generation_prompt=is_asked, tokenize=False))

        return write_dialogue(messages, render, self.ends)

    def _check_texts(self, messages: Sequence[Message]) -> None:
        for message in messages:
            found = next((token for token in self.control_tokens if token in message.text), None)
            if found is not None:
                raise RejectError("control_token", f"a text contains {found!r}, which the model reads as a command")

    def _tokenize(self, text: str) -> Mapping[str, Any]:
        tokens: Mapping[str, Any] = self.processor.tokenizer(
            text, add_special_tokens=self.is_start_missing(text), return_offsets_mapping=True
        )
        return tokens

    def is_start_missing(self, text: str) -> bool:
        """Whether the tokenizer is to add its start token: not where the template wrote it."""
        start = self.processor.tokenizer.bos_token
        return not (start and text.startswith(start))

    def measure(self, encoded: EncodedChat, image: Path | None) -> int:
        """Tokens of the sample once its image is widened; asked of the processor once for every size of image."""
        return len(encoded.ids) + (0 if image is None else self.count_image_tokens(encoded, image))

    def count_image_tokens(self, encoded: EncodedChat, image: Path) -> int:
        """Tokens that an image adds to the text.

        Raises:
            ImageError: it cannot be read.
        """
        size = read_size(image)
        if size not in self._widths:
            row = {"text": encoded.text, "suffix": encoded.suffix, "input_ids": encoded.ids}
            batch = self.process([{**row, "supervised": encoded.supervised}], [make_blank(size)])
            self._widths[size] = batch["input_ids"].shape[1] - len(encoded.ids)
        return self._widths[size]

    def process(self, rows: Sequence[Mapping[str, Any]], images: Sequence[Any]) -> dict[str, Any]:
        """The processor's batch with right padding, and `supervised`, (B, T) bool, in its tokens.

        Args:
            rows: all with an image, or all without.
            images: RGB pictures, one a row; empty for rows of text alone.

        Raises:
            RejectError: `not_aligned`, the processor's tokens are not those that were marked.
        """
        texts = [str(row["text"]) for row in rows]
        with explain_model("the processor", *UNPREPARED):
            made = self.processor(
                text=texts,
                **({"images": [[image] for image in images]} if images else {}),
                return_tensors="pt",
                padding=True,
                padding_side="right",
                add_special_tokens=self.is_start_missing(texts[0]),
            )
        batch = dict(made)
        batch["supervised"] = align_rows(rows, batch["input_ids"], batch["attention_mask"])
        return batch


def list_contents(messages: Sequence[Message], *, is_seen: bool) -> list[dict[str, Any]]:
    """Messages in the form of chat templates: content lists, the image first in the first question."""
    contents: list[list[dict[str, str]]] = [[{"type": "text", "text": message.text}] for message in messages]
    first = next((place for place, message in enumerate(messages) if message.role == "user"), None)
    if is_seen and first is not None:
        contents[first].insert(0, {"type": "image"})
    return [{"role": each.role, "content": content} for each, content in zip(messages, contents, strict=True)]


def align_rows(rows: Sequence[Mapping[str, Any]], ids: Any, attended: Any) -> Any:
    """(B, T) bool: the rows' marks in the processor's tokens, matched from the right end.

    Args:
        ids, attended: (B, T) tokens and attention mask of the processor, padded on the right.
    """
    import torch

    marks = torch.zeros_like(ids, dtype=torch.bool)
    for place, row in enumerate(rows):
        end = int(attended[place].sum())
        own = np.asarray(row["supervised"], dtype=bool)
        if not own.any():
            continue
        first = int(own.argmax())
        tail = np.asarray(row["input_ids"])[first:]
        start = end - len(tail)
        if start < 0 or not np.array_equal(ids[place, start:end].numpy(), tail):
            text = "behind its first answer the processor's tokens are not those of the text"
            raise RejectError("not_aligned", f"{text}, so that what to learn from cannot be proven")
        marks[place, start:end] = torch.from_numpy(own[first:])
    return marks
