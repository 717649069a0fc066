"""A LanguageBind folder: found, and its small files read. No PyTorch here."""

import re
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from tools.errors import MissingError, UsageError, first_line
from tools.files.json_text import read_object
from tools.registry.extras import install
from tools.weights import AGAIN

MODEL_TYPES: Final = ("LanguageBindThermal", "LanguageBindImage")
FILES: Final = ("config.json", "pytorch_model.bin", "vocab.json", "merges.txt")
WHERE_FROM: Final = "the official folders are LanguageBind/LanguageBind_Thermal and LanguageBind/LanguageBind_Image"

Branch = Literal["text", "vision"]
_HUB_ID: Final = re.compile(r"[\w.-]+/[\w.-]+")
_FIELDS: Final[dict[Branch, tuple[str, ...]]] = {
    "text": ("vocab_size", "max_position_embeddings"),
    "vision": ("patch_size", "image_size", "num_channels"),
}
_BOTH: Final = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads")
_TOKENS: Final = ("bos_token_id", "eos_token_id", "pad_token_id")


class LoraConfig(NamedTuple):
    """What `config.json` says about the LoRA of the vision tower; None for what it does not say."""

    rank: int | None
    alpha: float | None


class FolderConfig(NamedTuple):
    """What is taken from `config.json`.

    Attributes:
        model_type: one of `MODEL_TYPES`.
        text, vision: fields of HF's `CLIPTextConfig` and `CLIPVisionConfig`.
        projection: length of an embedding.
        lora: of the vision tower.
        notes: what was assumed.
    """

    model_type: str
    text: dict[str, Any]
    vision: dict[str, Any]
    projection: int
    lora: LoraConfig
    notes: tuple[str, ...]


def find_folder(weights: Path | str) -> Path:
    """The folder on disk; a hub id (`owner/name`) that is no folder is taken from the hub's local cache, or downloaded.

    Raises:
        MissingError: neither a folder nor to be had from the hub, or one of its files is not there.
        UsageError: it is a file.
    """
    folder = Path(weights)
    if not folder.is_dir():
        if folder.exists():
            raise UsageError(f"{folder} is a file; the scorer `languagebind` takes the folder that it lies in")
        if not _HUB_ID.fullmatch(str(weights)):
            raise MissingError(f"{weights}: there is no such folder; {WHERE_FROM} on the hub")
        folder = _fetch(str(weights))
    absent = [name for name in FILES if not (folder / name).is_file()]
    if absent:
        raise MissingError(f"{folder} lacks {', '.join(absent)}; {WHERE_FROM} on the hub, each with all of its files")
    return folder


def read_config(path: Path) -> FolderConfig:
    """Read `config.json`.

    Raises:
        UsageError: it is no JSON, of another model, or lacks a size.
    """
    held = read_object(path, AGAIN)
    model_type = held.get("model_type")
    if model_type not in MODEL_TYPES:
        text = f"{path}: its model_type is {model_type!r}; the scorer `languagebind` reads {' and '.join(MODEL_TYPES)}"
        raise UsageError(f"{text}. {WHERE_FROM[0].upper()}{WHERE_FROM[1:]}")
    text_part, vision_part = (_merge(held, branch, path) for branch in ("text", "vision"))
    if vision_part.get("add_time_attn") or vision_part.get("num_frames", 1) != 1:
        raise UsageError(f"{path}: a video tower (add_time_attn or num_frames), which is not read here; {WHERE_FROM}")
    notes: list[str] = []
    projection = _number(held, "projection_dim", path)
    return FolderConfig(
        model_type,
        _pick(text_part, "text", projection, path, notes),
        _pick(vision_part, "vision", projection, path, notes),
        projection,
        _read_lora(vision_part, path),
        tuple(notes),
    )


def _read_lora(part: dict[str, Any], path: Path) -> LoraConfig:
    rank, alpha = part.get("lora_r"), part.get("lora_alpha")
    if not all(value is None or isinstance(value, int | float) for value in (rank, alpha)):
        raise UsageError(f"{path}: lora_r or lora_alpha is no number; take config.json from its source again")
    return LoraConfig(rank, alpha)


def read_vocabulary(folder: Path) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Ids by token, and the byte-pair merges (left, right) in order.

    Raises:
        UsageError: one of the files is damaged.
    """
    vocabulary = read_object(folder / "vocab.json", AGAIN)
    try:
        lines = (folder / "merges.txt").read_text(encoding="utf-8").split("\n")
    except ValueError as error:
        raise UsageError(f"{folder / 'merges.txt'} is no text ({error}); {AGAIN}") from error
    merges = [line for line in lines if line and not line.startswith("#version")]
    wrong = [merge for merge in merges if merge.count(" ") != 1 or merge.replace(" ", "") not in vocabulary]
    if not merges or wrong or not {"<|startoftext|>", "<|endoftext|>"} <= vocabulary.keys():
        raise UsageError(f"{folder}: vocab.json and merges.txt do not fit together; copy or download both again")
    return vocabulary, [(left, right) for left, right in (merge.split(" ") for merge in merges)]


def _fetch(hub_id: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
    except ImportError as error:
        raise MissingError(f"{hub_id}: there is no such folder, and the hub needs {install('train')}") from error
    try:
        return Path(snapshot_download(hub_id, allow_patterns=list(FILES)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        text = f"{hub_id}: there is no such folder, and the hub does not give it either ({first_line(error, 160)})"
        raise MissingError(f"{text}; download it where there is a network ({WHERE_FROM})") from error


def _merge(held: dict[str, Any], branch: Branch, path: Path) -> dict[str, Any]:
    """The branch's fields; those of `<branch>_config_dict` count where both are given, as for transformers."""
    parts = [held.get(f"{branch}_config") or {}, held.get(f"{branch}_config_dict") or {}]
    if not all(isinstance(part, dict) for part in parts):
        raise UsageError(f"{path}: {branch}_config is no object; {AGAIN}")
    return parts[0] | parts[1]


def _pick(part: dict[str, Any], branch: Branch, projection: int, path: Path, notes: list[str]) -> dict[str, Any]:
    """Fields for HF's config; one that the file leaves out has HF's default, as transformers writes such files."""
    where = f"{path}, {branch}_config"
    if not part:
        raise UsageError(f"{where} is missing; take config.json from its source again")
    names = [name for name in (*_BOTH, *_FIELDS[branch]) if name in part]
    fields: dict[str, Any] = {name: _number(part, name, where) for name in names}
    if branch == "text":
        fields |= {name: part[name] for name in _TOKENS if isinstance(part.get(name), int)}
    if "hidden_act" not in part:
        notes.append(f"{branch}_config names no hidden_act: gelu, with which the family was trained, is assumed")
    fields["hidden_act"] = part.get("hidden_act", "gelu")
    fields["layer_norm_eps"] = float(part.get("layer_norm_eps", 1e-5))
    return fields | {"projection_dim": projection}


def _number(part: dict[str, Any], name: str, where: Path | str) -> int:
    value = part.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UsageError(f"{where}: {name} is {value!r}, no size; take config.json from its source again")
    return value
