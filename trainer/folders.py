"""The folders that the training commands write: which are theirs, and what `--fresh` deletes of a stage of training."""

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.files import Claim, explain_disk, list_contents, list_strangers, read_marker
from tools.files.json_text import find_object

RUN_FILE = "run.json"
MODEL, ADAPTER, UNPACKED = "model", "adapter", "unpacked"
CHECKPOINT = re.compile(r"checkpoint-(\d+)")
TEXTS = ("freeze.json", "rejected.jsonl", "recipe.yaml", "log.jsonl", "effort.json", "projector.safetensors")
OF_RUN = {"stage", "seed", "data"}
OF_SAVING = re.compile(
    r"(config|generation_config|processor_config|preprocessor_config|tokenizer|tokenizer_config|special_tokens_map"
    r"|added_tokens|vocab|adapter_config|provenance|trainer_state|model\.safetensors\.index)\.json"
    r"|(chat_template\.(jinja|json))|merges\.txt|tokenizer\.model|README\.md"
    r"|(adapter_)?model(-\d+-of-\d+)?\.safetensors|trained\.safetensors|mm_projector\.bin"
    r"|(optimizer|scheduler|scaler|training_args|pytorch_model_fsdp|rng_state(_\d+)?)\.(pt|pth|bin)"
)
"""What transformers, PEFT and this package call what they save: known of folders from before the marker."""


def list_stage_files(folder: Path) -> Iterator[str]:
    """What a stage of training wrote; `run.json` first: without it nothing that is left can be gone on from."""
    yield from (RUN_FILE, *TEXTS)
    for part in list_parts(folder):
        yield from (f"{part.name}/{name}" for name in sorted(list_saved(part)))


def has_stage_files(folder: Path) -> bool:
    """Whether there is anything for `--fresh` to delete."""
    return any((folder / name).exists() for name in list_stage_files(folder))


def list_parts(folder: Path) -> list[Path]:
    """Model, adapter and checkpoints of a stage, as far as they are there."""
    found = [folder / MODEL, folder / ADAPTER, *sorted(folder.glob("checkpoint-*"))]
    return [
        path for path in found if path.is_dir() and (path.name in (MODEL, ADAPTER) or CHECKPOINT.fullmatch(path.name))
    ]


def list_saved(part: Path) -> frozenset[str]:
    """Files of a saved model or checkpoint: as its marker lists them, else as they are always called."""
    marker = read_marker(part)
    if marker is not None:
        return frozenset(marker.files or ())
    return frozenset(path.name for path in part.iterdir() if path.is_file() and OF_SAVING.fullmatch(path.name))


def list_guests(part: Path) -> list[str]:
    """Files of someone else in a saved model or checkpoint."""
    return list_strangers(part, list_saved(part))


def set_guests_aside(part: Path) -> None:
    """Move what is not ours out of a checkpoint that is to go, into a folder beside it.

    Raises:
        ToolkitError: it cannot be moved.
    """
    for name in list_guests(part):
        target = part.with_name(f"{part.name}.kept") / name
        with explain_disk(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            (part / name).rename(target)


def _read(path: Path) -> dict[str, Any]:
    """An object of JSON; empty where there is none."""
    return find_object(path)


def recognise_stage(stage: str, folder: Path) -> tuple[str, ...] | None:
    """Whether a folder from before the marker is an `align` or `sft` stage: its `run.json` says so.

    So is one with nothing but unpacked pictures: another process of the same run may be the first to write.
    """
    is_begun = list_contents(folder) == [UNPACKED]
    found = _read(folder / RUN_FILE)
    return () if is_begun or (found.keys() >= OF_RUN and found["stage"] == stage) else None


def recognise_part(folder: Path) -> frozenset[str]:
    """A folder within a stage is the stage's; its files are those that are always called so."""
    return list_saved(folder)


def recognise_tiny(folder: Path) -> tuple[str, ...] | None:
    """Stand-ins from before the marker: every configuration says that it is one."""
    parts = [folder / name for name in ("llm", "tower", "image_tower")]
    if not all("stand_in" in _read(part / "config.json") for part in parts):
        return None
    return tuple(f"{part.name}/{name}" for part in parts for name in sorted(list_saved(part)))


def recognise_language_model(folder: Path) -> tuple[str, ...] | None:
    """A small language model from before the marker, told by its report."""
    return _recognise_reported(folder, "small.json", {"first_loss", "last_loss"})


def recognise_distilled(folder: Path) -> tuple[str, ...] | None:
    """A distilled tower from before the marker, told by its report."""
    return _recognise_reported(folder, "distill.json", {"before", "after"})


def _recognise_reported(folder: Path, report: str, keys: set[str]) -> tuple[str, ...] | None:
    return (report, *sorted(list_saved(folder))) if _read(folder / report).keys() >= keys else None


def recognise_features(folder: Path) -> tuple[str, ...] | None:
    """A store of features from before the marker: folders named by a hash, and nothing else."""
    found = list_contents(folder)
    return () if all(re.fullmatch("[0-9a-f]{16}", name) and (folder / name).is_dir() for name in found) else None


STAGE_PLACES = (RUN_FILE, *TEXTS, MODEL, ADAPTER, "checkpoint-*", ".writing", ".old-checkpoint-*", UNPACKED)
ALIGNED = Claim(
    "alignment", "python -m trainer.align", functools.partial(recognise_stage, "align"), STAGE_PLACES, "--out"
)
TUNED = Claim("fine-tuning", "python -m trainer.sft", functools.partial(recognise_stage, "sft"), STAGE_PLACES, "--out")
PART = Claim("model", "python -m trainer", recognise_part, flag="--out")
EXPORTED = Claim("model", "python -m trainer.export")
CONVERTED = Claim("model", "python -m trainer.convert")
STAND_INS = Claim("stand-ins", "python -m trainer.tiny", recognise_tiny)
LANGUAGE_MODEL = Claim("language model", "python -m trainer.language_model", recognise_language_model)
DISTILLED_TOWER = Claim("distilled tower", "python -m trainer.distill", recognise_distilled)
IMAGE_TOWER = Claim("image tower", "python -m trainer.dinov2_wheel")
FEATURES = Claim("features", "python -m trainer", recognise_features, ("[0-9a-f]*",), "feature_cache")
