"""Official LanguageBind folders as HF `CLIPModel`: for the scorer here, and for the trainer's vision tower."""

from pathlib import Path
from typing import Final, NamedTuple

import torch
from huggingface_hub.errors import StrictDataclassError
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer, CLIPVisionModel

from tools.errors import UsageError
from tools.languagebind.folder import (
    FILES,
    WHERE_FROM,
    FolderConfig,
    find_folder,
    read_config,
    read_vocabulary,
)
from tools.languagebind.lora import fold_lora
from tools.languagebind.preprocess import SIDE
from tools.weights import State, check_shapes, digest_file, read_checkpoint, read_tensors

KIND: Final = "LanguageBind checkpoint"
_VISION: Final = "vision_model."
_END: Final = "<|endoftext|>"


class LoadReport(NamedTuple):
    """How a folder was read.

    Attributes:
        model_type: `LanguageBindThermal` or `LanguageBindImage`.
        digest: SHA-256 of `pytorch_model.bin`, as the hub shows it.
        lora_modules: layers into whose weights LoRA was folded; 0 when there was none.
        lora_rank, lora_scale: its rank, and alpha / rank.
        notes: what was assumed or found odd.
    """

    model_type: str
    digest: str
    lora_modules: int
    lora_rank: int
    lora_scale: float
    notes: tuple[str, ...]


class LoadedClip(NamedTuple):
    """A LanguageBind model.

    Attributes:
        model: float32, on the CPU, in evaluation mode, without gradients.
        tokenizer: pads with the end token.
        config: of the model.
        report: how it was read.
        side: of the square images it takes, in pixels.
    """

    model: CLIPModel
    tokenizer: CLIPTokenizer
    config: CLIPConfig
    report: LoadReport
    side: int


def load_languagebind(folder: Path | str) -> LoadedClip:
    """Read an official folder, its LoRA folded into the weights.

    Args:
        folder: with `config.json`, `pytorch_model.bin`, `vocab.json` and `merges.txt`; or a hub id.

    Raises:
        MissingError: no such folder, or a file of it is not there.
        UsageError: a file is damaged, holds code, or belongs to another model.
    """
    folder = find_folder(folder)
    fields = read_config(folder / FILES[0])
    path = folder / FILES[1]
    held = read_tensors(read_checkpoint(path, KIND, f"{WHERE_FROM} on the hub"), path, KIND)
    folded = fold_lora(held, fields.lora, path)
    model = _fill(_make_empty(fields, path), folded.state, path)
    notes = list(fields.notes)
    if fields.lora.rank and not folded.modules:
        notes.append(f"lora_r is {fields.lora.rank}, but there are no LoRA weights: taken as folded in already")
    report = LoadReport(fields.model_type, digest_file(path), folded.modules, folded.rank, folded.scale, tuple(notes))
    side = int(fields.vision.get("image_size", SIDE))
    return LoadedClip(model, load_tokenizer(folder), model.config, report, side)


def load_tokenizer(folder: Path) -> CLIPTokenizer:
    """CLIP's byte-pair tokenizer, padding with the end token as upstream does.

    Raises:
        UsageError: `vocab.json` or `merges.txt` is damaged.
    """
    vocabulary, merges = read_vocabulary(folder)
    # Annotated as list[str], but the tokenizers library behind it takes pairs only.
    return CLIPTokenizer(vocab=vocabulary, merges=merges, pad_token=_END)  # type: ignore[arg-type]


def make_vision_tower(loaded: LoadedClip) -> CLIPVisionModel:
    """The vision tower alone, sharing its weights with `loaded`; `save_pretrained` writes it as a standard folder."""
    with torch.device("meta"):
        tower = CLIPVisionModel(loaded.model.vision_model.config)
    tower.load_state_dict(get_vision_state(loaded.model), assign=True)
    _restore_positions(tower)
    torch.nn.Module.train(tower, False).requires_grad_(False)
    return tower


def get_vision_state(model: CLIPModel) -> State:
    """The state dict of HF's `CLIPVisionModel` (transformers 5: names without `vision_model.`)."""
    return {name[len(_VISION) :]: value for name, value in model.state_dict().items() if name.startswith(_VISION)}


def _make_config(fields: FolderConfig) -> CLIPConfig:
    return CLIPConfig(
        text_config=fields.text,
        vision_config=fields.vision,
        projection_dim=fields.projection,
    )


def _make_empty(fields: FolderConfig, path: Path) -> CLIPModel:
    try:
        with torch.device("meta"):
            return CLIPModel(_make_config(fields))
    except (ValueError, TypeError, KeyError, ArithmeticError, StrictDataclassError) as error:
        reason = str(error).strip().splitlines()[-1].strip()
        text = f"{path.with_name(FILES[0])}: no CLIP model can be made of it ({reason})"
        raise UsageError(f"{text}; take config.json from its source again") from error


def _fill(model: CLIPModel, state: State, path: Path) -> CLIPModel:
    check_shapes({name: tuple(value.shape) for name, value in model.state_dict().items()}, state, path, KIND)
    model.load_state_dict(state, assign=True)
    _restore_positions(model)
    torch.nn.Module.train(model, False).requires_grad_(False)
    return model


def _restore_positions(model: torch.nn.Module) -> None:
    """Position ids are in no state dict; a model made on the meta device lacks them."""
    for module in model.modules():
        for name, buffer in module.named_buffers(recurse=False):
            if buffer.is_meta and name == "position_ids":
                module.position_ids = torch.arange(buffer.shape[-1]).expand(1, -1)
