"""How a question is put to a model: its text, its options under letters, its variants. The words are prompt files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from itb.benchmark.bench import Bench, ItemImage, list_images
from itb.benchmark.perturb import PERTURBATIONS, perturb_image
from itb.records import Context, Item
from tools.images import load_rgb
from tools.prompts.folder import load_prompts
from tools.prompts.prompt import Prompt
from tools.records import Record
from tools.registry import REPLY_READERS

Pictures = tuple[Image.Image, ...]
"""The images of a question, in the order shown; but for a foreign one there is one."""
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
REQUEST = "request"
"""Input of ask.md that older copies of it lack: how an answer is asked for whose form it has no line for."""


class ShownOption(Record):
    """An option under its letter, as the prompt file sees it."""

    letter: str
    text: str


class Key(NamedTuple):
    """What a prediction is the answer to."""

    item: str
    variant: str


@dataclass(frozen=True)
class Question:
    """An item, asked in one way.

    Attributes:
        item: what is asked.
        variant: as `Prediction.variant`.
        system: what the model is told before, None for nothing.
        text: the request, without the image.
        options: in the order shown.
        image_file: the image, and where it may lie.
        more_files: the other images of a foreign question, in their order.
        perturbation: what is done to the image; empty for nothing.
        count_range: least and largest count that can be the answer, where the benchmark states it.
    """

    item: Item
    variant: str
    system: str | None
    text: str
    options: tuple[str, ...]
    image_file: ItemImage
    perturbation: str = ""
    count_range: tuple[int, int] | None = None
    more_files: tuple[ItemImage, ...] = ()

    @property
    def files(self) -> tuple[ItemImage, ...]:
        """All images, in the order shown."""
        return self.image_file, *self.more_files

    @property
    def is_text_first(self) -> bool:
        """Whether the text stands before the images."""
        return bool(self.item.foreign and self.item.foreign.is_text_first)

    @property
    def missing(self) -> str:
        """Why it cannot be shown to a model; empty when it can, and of an item that is not foreign."""
        return self.item.foreign.missing if self.item.foreign else ""

    @property
    def image(self) -> Path:
        """File of the image."""
        return self.image_file.path

    @property
    def key(self) -> Key:
        """Item and variant."""
        return Key(self.item.id, self.variant)

    @property
    def picture(self) -> tuple[str, object, str]:
        """Equal for questions that are shown the very same pixels."""
        return "\n".join(str(file.path) for file in self.files), self.item.crop_xyxy, self.perturbation

    def load_image(self) -> Image.Image:
        """The picture as a model gets it, the first of several: RGB, upright, cropped, perturbed.

        Raises:
            ImageError: the file cannot be read, or is a link that leads out of the benchmark.
        """
        return self._load(self.image_file)

    def load_images(self) -> Pictures:
        """All pictures, as `load_image` gives the first.

        Raises:
            ImageError: as `load_image`.
        """
        return tuple(self._load(file) for file in self.files)

    def _load(self, file: ItemImage) -> Image.Image:
        file.check()
        image = load_rgb(file.path)
        if self.item.crop_xyxy:
            image = image.crop(self.item.crop_xyxy)
        return perturb_image(image, self.perturbation, self.item.image) if self.perturbation else image


@dataclass(frozen=True)
class VariantSettings:
    """In which ways each item is asked.

    Attributes:
        context: with the pack's paragraph about such images, without it, or both.
        rotate_options: ask again with the options moved round, once for each place.
        perturbations: ask again with each of these.
    """

    context: Context = "off"
    rotate_options: bool = False
    perturbations: tuple[str, ...] = ()


class Asker:
    """Puts questions.

    Args:
        pack: folder of a modality pack, with `context.md` and `itb/ask.md`.
        variants: in which ways.
    """

    def __init__(self, pack: Path, variants: VariantSettings) -> None:
        self._variants = variants
        self._ask: Prompt = load_prompts(pack / "itb")["ask"]
        self._context: Prompt = load_prompts(pack)["context"]

    @property
    def max_new_tokens(self) -> int:
        """Longest reply that is waited for."""
        return self._ask.sampling.max_tokens

    def describe(self) -> dict[str, dict[str, str | int]]:
        """Id, version and hash of the prompt files that are used."""
        used = [self._ask] + ([self._context] if self._variants.context != "off" else [])
        return {prompt.id: {"version": prompt.version, "digest": prompt.digest} for prompt in used}

    def ask_all(self, bench: Bench, items: Sequence[Item]) -> Iterator[Question]:
        """Every item in every way, item by item."""
        for item in items:
            for perturbation in ("", *self._variants.perturbations):
                if not perturbation or not PERTURBATIONS[perturbation].spoils(item.task):
                    yield from self._ask_item(bench, item, perturbation)

    def _ask_item(self, bench: Bench, item: Item, perturbation: str) -> Iterator[Question]:
        turns = max(1, len(item.options)) if self._variants.rotate_options and not item.foreign else 1
        for has_context in {"off": (False,), "on": (True,), "both": (False, True)}[self._variants.context]:
            for turn in range(turns):
                yield self._ask_once(bench, item, has_context, turn, perturbation)

    def _ask_once(self, bench: Bench, item: Item, has_context: bool, turn: int, perturbation: str) -> Question:
        options = item.options[turn:] + item.options[:turn]
        stated = item.foreign.prompt if item.foreign else ""
        text = stated or render_request(self._ask, item, options)
        first, *more = list_images(item, bench)
        system = None
        if has_context:
            *before, last = self._context.render(question=text)
            system, text = "\n\n".join(message.content for message in before), last.content
        return Question(
            item=item,
            variant=name_variant(has_context, turn, perturbation),
            system=system,
            text=text,
            options=options,
            image_file=first,
            more_files=tuple(more),
            perturbation=perturbation,
            count_range=bench.find_count_range(item) if REPLY_READERS.load(item.form).is_count else None,
        )


def render_request(prompt: Prompt, item: Item, options: Sequence[str]) -> str:
    """The text of a question, without the image."""
    shown = [ShownOption(letter=letter, text=text) for letter, text in zip(LETTERS, options, strict=False)]
    given: dict[str, Any] = {"question": item.question, "options": shown, "form": item.form, "unit": item.unit or ""}
    if REQUEST in prompt.inputs:
        given[REQUEST] = REPLY_READERS.load(item.form).request
    (message,) = prompt.render(**given)
    return message.content


def name_variant(has_context: bool, turn: int, perturbation: str) -> str:
    """`context`, `rotate-1`, `perturb=noise`, joined by `+`; empty for a question as it stands."""
    parts = ["context"] * has_context + [f"rotate-{turn}"] * (turn > 0)
    return "+".join(parts + [f"perturb={perturbation}"] * bool(perturbation))
