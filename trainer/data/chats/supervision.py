"""What a model would learn of dialogues: the supervised tokens, counted and shown, by the rule that training uses."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from tools.errors import ImageError, RejectError
from tools.images import load_rgb
from trainer.data.chats.encoder import ChatEncoder
from trainer.data.chats.sizes import make_blank
from trainer.data.chats.spans import Message
from trainer.data.samples import Reject, Sample

PieceKind = Literal["image", "learned", "context"]


@dataclass(frozen=True)
class Piece:
    """Neighbouring tokens of one kind.

    Attributes:
        kind: `learned` tokens are supervised; `image` tokens are those that an image fills.
        text: as the tokenizer says it; empty for an image.
    """

    kind: PieceKind
    tokens: int
    text: str


@dataclass(frozen=True)
class Supervised:
    """One dialogue in the model's own tokens.

    Attributes:
        notes: where an answer is learned behind another text than the one it will be asked with.
    """

    id: str
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...]

    def count(self, kind: PieceKind) -> int:
        """Tokens of a kind."""
        return sum(piece.tokens for piece in self.pieces if piece.kind == kind)

    @property
    def answers(self) -> tuple[str, ...]:
        """What is learned, a text an answer, each with its end of turn."""
        return tuple(piece.text for piece in self.pieces if piece.kind == "learned")


def supervise(samples: Iterable[Sample], encoder: ChatEncoder) -> list[Supervised | Reject]:
    """Count and show the supervised tokens of dialogues, as training would take them with this processor.

    A picture that cannot be read does not matter to the count, and is taken as a small black one.

    Args:
        samples: with `turns: split` each may become several.
        encoder: `trainer.data.chats.family.make_chat_encoder` makes it of a processor.
    """
    return [supervise_one(each, encoder) for sample in samples for each in encoder.divide(sample)]


def supervise_one(sample: Sample, encoder: ChatEncoder) -> Supervised | Reject:
    """One dialogue; a reject where training would refuse it."""
    try:
        image = None if sample.image is None else load_rgb(sample.image)
    except ImageError:
        image = make_blank((224, 224))
    try:
        return supervise_messages(sample.id, sample.turns, image, encoder)
    except RejectError as error:
        return Reject(sample.id, error.code, str(error), "check")


def supervise_messages(name: str, messages: Sequence[Message | Any], image: Any, encoder: ChatEncoder) -> Supervised:
    """A dialogue about an image, system messages allowed.

    Args:
        image: RGB picture; None for text alone.

    Raises:
        RejectError: training would refuse it.
        UsageError: the template cannot be used at all.
    """
    tokens = encoder.encode(messages, is_seen=image is not None)
    row = {"text": tokens.text, "suffix": tokens.suffix, "input_ids": tokens.ids, "supervised": tokens.supervised}
    return Supervised(name, show_row(row, image, encoder), tokens.notes)


def show_row(row: Mapping[str, Any], image: Any, encoder: ChatEncoder) -> tuple[Piece, ...]:
    """A row of the training table (see `trainer.data.prepare`) as pieces.

    Args:
        image: RGB picture; None for text alone.
    """
    batch = encoder.process([row], [] if image is None else [image])
    ids, marks = batch["input_ids"][0].tolist(), batch["supervised"][0].tolist()
    return cut_pieces(ids, marks, find_widened(ids, list(row["input_ids"])), encoder)


def find_widened(ids: Sequence[int], raw: Sequence[int]) -> range:
    """Places of the tokens that the processor put in for an image.

    Args:
        ids: of the processor; raw: of the text before the image was widened.
    """
    added = len(ids) - len(raw)
    if not added:
        return range(0)
    start = next((place for place, (one, other) in enumerate(zip(ids, raw, strict=False)) if one != other), len(raw))
    start -= int(0 < start < len(ids) and ids[start] == ids[start - 1])  # the placeholder is the first of its like
    return range(start, start + added + 1)


def cut_pieces(ids: Sequence[int], marks: Sequence[bool], image: range, encoder: ChatEncoder) -> tuple[Piece, ...]:
    """The tokens of a row in pieces of one kind."""
    kinds: list[PieceKind] = [
        "image" if place in image else "learned" if is_learned else "context" for place, is_learned in enumerate(marks)
    ]
    pieces = []
    for kind, group in groupby(zip(kinds, ids, strict=True), key=lambda item: item[0]):
        part = [number for _, number in group]
        text = "" if kind == "image" else encoder.processor.tokenizer.decode(part)
        pieces.append(Piece(kind, len(part), text))
    return tuple(pieces)
