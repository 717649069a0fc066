"""From a dialogue to tokens, and which of them are supervised: those of the assistant's answers, nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tools.conversations import Turn
from tools.errors import RejectError, UsageError
from tools.weights import explain_model
from trainer.data.samples import Sample

TextFormat = Literal["instruction", "plain"]


class Encoded(NamedTuple):
    """One sample as tokens.

    Attributes:
        ids: (T,) int32; the image is a single image token, which the collator widens to `Encoder.image_tokens`.
        supervised: (T,) bool; never true for the image token.
    """

    ids: NDArray[np.int32]
    supervised: NDArray[np.bool_]


class Span(NamedTuple):
    """Characters `start` to `end` of a text, the end not included."""

    start: int
    end: int


@dataclass(frozen=True)
class Encoder:
    """Encodes dialogues for one processor.

    Attributes:
        processor: tokenizer, image processor and chat template of the model in training.
        image_token: its text, e.g. `<image>`; image_token_id: its number.
        image_tokens: how many of them one image fills.
        control_tokens: texts that no caption or instruction may contain, as they would act on the model.
    """

    processor: Any
    image_token: str
    image_token_id: int
    image_tokens: int
    control_tokens: tuple[str, ...]
    takes_text_alone: ClassVar[bool] = False

    def divide(self, sample: Sample) -> list[Sample]:
        """The samples that a sample becomes: itself."""
        return [sample]

    def measure(self, encoded: Encoded, image: Path | None = None) -> int:
        """Tokens of the sample once its image is widened, to the same number whatever the image."""
        return len(encoded.ids) - 1 + self.count_image_tokens(encoded, image)

    def count_image_tokens(self, encoded: Encoded, image: Path | None = None) -> int:
        """Tokens that an image fills."""
        return self.image_tokens

    def encode(self, turns: Sequence[Turn], text_format: TextFormat = "instruction") -> Encoded:
        """Tokens of a dialogue about one image.

        Raises:
            RejectError: `control_token` in a text, or `nothing_supervised`.
        """
        for turn in turns:
            self._check_text(turn.text)
        encoded = self._encode_plain(turns) if text_format == "plain" else self._encode_dialogue(turns)
        if not encoded.supervised.any():
            raise RejectError("nothing_supervised", "no token of the answers is left to learn from")
        return encoded

    def _check_text(self, text: str) -> None:
        found = next((token for token in self.control_tokens if token in text), None)
        if found is not None:
            raise RejectError("control_token", f"a text contains {found!r}, which the model reads as a command")

    def _encode_dialogue(self, turns: Sequence[Turn]) -> Encoded:
        text, answers = render_dialogue(self.processor, turns)
        tokenizer: Any = self.processor.tokenizer
        has_bos = tokenizer.bos_token is not None and text.startswith(tokenizer.bos_token)
        tokens = tokenizer(text, add_special_tokens=not has_bos, return_offsets_mapping=True)
        ids = np.asarray(tokens["input_ids"], dtype=np.int32)
        supervised = mark_supervised(tokens["offset_mapping"], answers) & (ids != self.image_token_id)
        if int((ids == self.image_token_id).sum()) != 1:
            text = f"the chat template writes {int((ids == self.image_token_id).sum())} image tokens for one image"
            raise UsageError(f"{text}; use a template that writes {self.image_token} once (recipe: model.template)")
        return Encoded(ids, supervised)

    def _encode_plain(self, turns: Sequence[Turn]) -> Encoded:
        """LLaVA-1.5's format of its pre-training: the image, the caption, a line break; no question."""
        tokenizer: Any = self.processor.tokenizer
        head = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
        answer = tokenizer(turns[-1].text + "\n", add_special_tokens=False)["input_ids"]
        ids = np.asarray([*head, self.image_token_id, *answer], dtype=np.int32)
        return Encoded(ids, np.arange(len(ids)) > len(head))


def make_encoder(processor: Any) -> Encoder:
    """The encoder of a processor; how many tokens an image fills is asked of the processor itself.

    Raises:
        UsageError: no chat template, or one that does not mark the assistant's answers.
    """
    from PIL import Image

    tokenizer: Any = processor.tokenizer
    token: str = processor.image_token
    number = int(tokenizer.convert_tokens_to_ids(token))
    _check_template(processor)
    with explain_model("the processor", "it cannot prepare a picture", "copy the model's folder again"):
        ids = processor(images=Image.new("RGB", (32, 32)), text=token)["input_ids"]
    filled = int((np.asarray(ids) == number).sum())
    controls = tuple(sorted({token, *map(str, tokenizer.all_special_tokens)} - {""}))
    return Encoder(processor, token, number, filled, controls)


def _check_template(processor: Any) -> None:
    template = processor.chat_template
    if not template:
        raise UsageError("the processor has no chat template; choose one (recipe: model.template)")
    if "endgeneration" not in template:
        text = "the chat template does not mark the assistant's answers ({% generation %} ... {% endgeneration %})"
        raise UsageError(f"{text}, so that what to learn from is unknown; choose one of ours (recipe: model.template)")


def render_dialogue(processor: Any, turns: Sequence[Turn]) -> tuple[str, list[Span]]:
    """The text that the chat template makes of a dialogue about one image, and where the answers stand in it."""
    from transformers.utils.chat_template_utils import render_jinja_template

    with explain_model("the chat template", "it cannot be used", "choose one of ours (recipe: model.template)"):
        rendered: Any = render_jinja_template(
            [write_messages(turns)],
            chat_template=processor.chat_template,
            return_assistant_tokens_mask=True,
            **processor.tokenizer.special_tokens_map,
        )
    texts, spans = rendered
    return texts[0], [Span(start, end) for start, end in spans[0]]


def write_messages(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Turns in the form of chat templates: content lists, the image first in the first question."""
    contents: list[list[dict[str, str]]] = [[{"type": "text", "text": turn.text}] for turn in turns]
    contents[0].insert(0, {"type": "image"})
    return [{"role": turn.role, "content": content} for turn, content in zip(turns, contents, strict=True)]


def mark_supervised(offsets: Sequence[tuple[int, int]], answers: Sequence[Span]) -> NDArray[np.bool_]:
    """Which tokens end inside an answer. (A token may begin with the space before it, as SentencePiece's do.)"""
    ends = np.asarray([end if end > start else -1 for start, end in offsets], dtype=np.int64)
    marked = np.zeros(len(ends), dtype=np.bool_)
    for answer in answers:
        marked |= (ends > answer.start) & (ends <= answer.end)
    return marked
