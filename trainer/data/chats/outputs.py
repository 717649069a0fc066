"""A store of the frozen align layer's outputs on disk: what the language model reads of a picture, for every family.

It serves where neither tower nor align layer is trained. Transformers takes such outputs in place of pixels
(`mm_encoder_outputs`); Qwen3-VL's reach several layers of the language model (`deepstack_features`).
"""

import inspect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tools.errors import ImageError
from tools.files import claim_folder, clear_abandoned, stage_file
from tools.images import load_rgb
from tools.manifest import hash_bytes
from trainer.checkpoints import explain_disk
from trainer.data.chats.encoder import ChatEncoder
from trainer.data.chats.sizes import ImageSize, make_blank
from trainer.data.chats.spans import Message
from trainer.data.features import hash_tensor
from trainer.folders import FEATURES

STORED = "image_outputs"
UNUSED = ("last_hidden_state", "hidden_states", "attentions")
PIXELS = ("pixel", "image_position_ids")
TEXT_KEYS = ("input_ids", "attention_mask", "supervised")
SIZE = "size"
BLANK = (224, 224)
SHORT = (Message("user", "What is this?"), Message("assistant", "A picture."))
Field = Any
"""Of a picture: a tensor, a list of tensors, or (Qwen3-VL's layers) a list of lists."""


@dataclass(frozen=True)
class Stored:
    """Outputs of one picture.

    Attributes:
        size: of the picture.
        fields: by name, as the model gives them.
    """

    size: ImageSize
    fields: dict[str, Field]


class OutputStore:
    """Outputs of one model's align layer under one processor, in a folder of their own.

    Attributes:
        folder: `<cache>/<key>`; the key is a hash of the weights outside the language model and their number format,
            and of the class and the settings of the image processor.
    """

    def __init__(self, cache: Path, model: Any, encoder: ChatEncoder) -> None:
        self._model, self._encoder = model, encoder
        self._hashes: dict[Path, str] = {}
        self._failed: dict[Path, tuple[str, str]] = {}
        self.folder = cache / self._make_key()

    def _make_key(self) -> str:
        decoder = {id(parameter) for parameter in self._model.get_decoder().parameters()}
        weights = sorted((name, each) for name, each in self._model.named_parameters() if id(each) not in decoder)
        hashes = "".join(hash_tensor(each) for name, each in weights if not name.startswith("lm_head"))
        processor = self._encoder.processor.image_processor
        texts = (type(processor).__name__, processor.to_json_string(), type(self._model).__name__)
        return hash_bytes(hashes.encode(), *(text.encode() for text in texts))

    def fill(self, paths: Iterable[Path], rank: int = 0, ranks: int = 1) -> Iterator[int]:
        """Compute what is missing, a picture at a time; give the number done after each.

        Raises:
            UsageError: the cache is a folder of something else, or the model cannot take such outputs.
            ToolkitError: the disk is full; what was stored stays.
        """
        claim_folder(self.folder.parent, FEATURES)
        clear_abandoned(self.folder.parent)
        wanted = sorted(set(paths))[rank::ranks]
        if not self._blank.is_file():
            self._write(self._blank, self._compute(make_blank(BLANK)))
        for number, path in enumerate(wanted, 1):
            try:
                target = self._locate(path)
                if not target.is_file():
                    self._write(target, self._compute(load_rgb(path)))
            except ImageError as error:
                self._failed[path] = (error.code, str(error).removeprefix(f"{path}: "))
            yield number

    def _compute(self, image: Any) -> dict[str, torch.Tensor]:
        tower = next(
            each for each in self._model.get_encoder(modality="image").parameters() if each.is_floating_point()
        )
        taken = inspect.signature(self._model.model.get_image_features).parameters
        batch = make_batch(self._encoder, image)
        given = {key: value.to(tower.device) for key, value in batch.items() if key in taken and key not in TEXT_KEYS}
        given = {key: value.to(tower.dtype) if value.is_floating_point() else value for key, value in given.items()}
        with torch.no_grad():
            found = self._model.model.get_image_features(**given, return_dict=True)
        tensors = {
            name: tensor
            for key, value in found.items()
            if key not in UNUSED and value is not None
            for name, tensor in flatten(key, value)
        }
        return {**tensors, SIZE: torch.tensor(image.size)}

    def _write(self, path: Path, tensors: dict[str, torch.Tensor]) -> None:
        from safetensors.torch import save_file

        with explain_disk(path, "what was stored stays"):
            path.parent.mkdir(parents=True, exist_ok=True)
            with stage_file(path) as temporary:
                save_file(tensors, str(temporary))

    def _locate(self, path: Path) -> Path:
        if path not in self._hashes:
            try:
                self._hashes[path] = hash_bytes(path.read_bytes())
            except OSError as error:
                raise ImageError(path, "unreadable_file", f"cannot be read ({error.strerror})") from error
        digest = self._hashes[path]
        return self.folder / digest[:2] / f"{digest}.safetensors"

    @property
    def _blank(self) -> Path:
        """Outputs of a black picture, for the places of those that cannot be read."""
        return self.folder / "blank.safetensors"

    def _load(self, path: Path) -> dict[str, torch.Tensor]:
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        if path in self._failed:
            raise ImageError(path, *self._failed[path])
        stored = self._locate(path)
        try:
            return load_file(str(stored))
        except (OSError, SafetensorError) as error:
            reason = f"its stored outputs {stored} cannot be read ({error})"
            raise ImageError(path, "unreadable_file", reason) from error

    def read(self, path: Path) -> Stored:
        """Stored outputs of a picture.

        Raises:
            ImageError: it could not be read when the store was filled, or its outputs are damaged.
        """
        return unpack(self._load(path))

    def read_blank(self) -> Stored:
        """Those of a black picture."""
        from safetensors.torch import load_file

        return unpack(load_file(str(self._blank)))

    def __getstate__(self) -> dict[str, Any]:
        """Data loader processes need no model."""
        return {**self.__dict__, "_model": None}


def make_batch(encoder: ChatEncoder, image: Any) -> dict[str, Any]:
    """What the processor makes of a picture in a short dialogue."""
    tokens = encoder.encode(SHORT)
    return encoder.process([{**tokens._asdict(), "input_ids": tokens.ids}], [image])


def flatten(name: str, value: Field) -> Iterator[tuple[str, torch.Tensor]]:
    """The tensors of a field by name: `pooler_output.0`, `deepstack_features.2.0`."""
    if isinstance(value, torch.Tensor):
        yield name, value.cpu().contiguous()
        return
    for place, part in enumerate(value):
        yield from flatten(f"{name}.{place}", part)


def unpack(tensors: dict[str, torch.Tensor]) -> Stored:
    """Stored tensors as fields again."""
    width, height = tensors.pop(SIZE).tolist()
    fields: dict[str, Field] = {}
    for name in sorted(tensors, key=lambda name: [int(part) for part in name.split(".")[1:]]):
        key, *places = name.split(".")
        if not places:
            fields[key] = tensors[name]
        elif len(places) == 1:
            fields.setdefault(key, []).append(tensors[name])
        else:
            layers = fields.setdefault(key, [])
            layers += [[]] * (int(places[0]) + 1 - len(layers))
            layers[int(places[0])] = [*layers[int(places[0])], tensors[name]]
    return Stored((width, height), fields)


def replace_pixels(batch: dict[str, Any], pictures: Sequence[Stored]) -> dict[str, Any]:
    """The batch with stored outputs under `image_outputs` in place of pixels; all other keys stay."""
    kept = {key: value for key, value in batch.items() if not key.startswith(PIXELS)}
    if not pictures:
        return kept
    return {**kept, STORED: {key: join_fields([each.fields[key] for each in pictures]) for key in pictures[0].fields}}


def join_fields(values: Sequence[Field]) -> Field:
    """One field of several pictures: tensors behind each other, lists one after another, layers each for itself."""
    first = values[0]
    if isinstance(first, torch.Tensor):
        return torch.cat(list(values))
    if isinstance(first[0], torch.Tensor):
        return [tensor for value in values for tensor in value]
    return [join_fields(layer) for layer in zip(*values, strict=True)]


def make_outputs(stored: dict[str, Any]) -> Any:
    """Joined outputs in the form in which the model's own come."""
    from transformers import utils

    make: Any = utils.ModelOutput  # type: ignore[attr-defined]
    return make(**stored)
