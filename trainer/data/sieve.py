"""Takes samples one by one: what can be trained on is encoded and kept, the rest is a reject with its reason."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Protocol

from tools.datasets.first_images import FirstImages
from tools.errors import ImageError, RejectError
from trainer.data.encode import TextFormat
from trainer.data.precheck import check_image
from trainer.data.samples import Reject, Sample
from trainer.recipe import DataPart


class AnyEncoder(Protocol):
    """What makes tokens of a dialogue: `encode.Encoder` of LLaVA's shape, `chats.encoder.ChatEncoder` of any."""

    takes_text_alone: ClassVar[bool]

    @property
    def processor(self) -> Any:
        """Tokenizer, image processor and chat template of the model in training."""

    def divide(self, sample: Sample) -> list[Sample]:
        """The samples that a sample becomes."""

    def encode(self, turns: Any, text_format: TextFormat = "instruction") -> Any:
        """Tokens of a dialogue about one image, with `ids` and `supervised`."""

    def measure(self, encoded: Any, image: Path | None) -> int:
        """Tokens of the sample once its image is widened."""

    def count_image_tokens(self, encoded: Any, image: Path) -> int:
        """Tokens that the image fills."""


@dataclass
class Sieve:
    """What was kept and what was refused.

    Attributes:
        limit: most tokens of a sample.
        kept, encoded, lengths: the samples, their tokens, and how many these are with the image widened.
        rejects: what was refused, in the order of the data.
    """

    encoder: AnyEncoder
    part: DataPart
    text_format: TextFormat
    limit: int
    kept: list[Sample] = field(default_factory=list)
    encoded: list[Any] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    def take(self, item: Sample | Reject, first: FirstImages) -> None:
        """Keep or refuse one row."""
        if isinstance(item, Reject):
            self.rejects.append(item)
            return
        for sample in self.encoder.divide(item):
            try:
                self._check_image(sample, first)
                self._keep(sample)
            except RejectError as error:
                self.rejects.append(Reject(sample.id, error.code, str(error), "check"))

    def _keep(self, sample: Sample) -> None:
        if sample.image is None:
            if not self.encoder.takes_text_alone:
                raise RejectError("text_alone", "the model's processor takes no dialogue without an image")
            tokens = self.encoder.encode(sample.turns, self.text_format, is_seen=False)  # type: ignore[call-arg]
        else:
            tokens = self.encoder.encode(sample.turns, self.text_format)
        length = self.encoder.measure(tokens, sample.image)
        if length > self.limit:
            image_tokens = 0 if sample.image is None else self.encoder.count_image_tokens(tokens, sample.image)
            text = f"{length} tokens, {image_tokens} of them the image; the limit is {self.limit}"
            remedy = "Cutting it would cut the answer; shorten it or raise data.max_tokens"
            raise RejectError("too_long", f"{text}. {remedy}")
        self.kept.append(sample)
        self.encoded.append(tokens)
        self.lengths.append(length)

    def _check_image(self, sample: Sample, first: FirstImages) -> None:
        if sample.image is None:
            return
        try:
            check_image(sample.image, self.part.check_images)
        except ImageError as error:
            first.hear_fault(sample.image, error.code, str(error).removeprefix(f"{sample.image}: ").split(";")[0])
            raise
        first.hear_good()

    @property
    def image_tokens(self) -> int:
        """Most tokens that one image fills."""
        pairs = zip(self.kept, self.encoded, strict=True)
        return max((self.encoder.count_image_tokens(each, one.image) for one, each in pairs if one.image), default=0)

    @property
    def notes(self) -> dict[str, int]:
        """What encoding had to say of samples, and of how many answers."""
        found: dict[str, int] = {}
        for note in (note for tokens in self.encoded for note in getattr(tokens, "notes", ())):
            found[note] = found.get(note, 0) + 1
        return found
