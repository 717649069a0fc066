"""Checkpoints that are whole or not there: written beside, renamed at the end; found, checked and loaded strictly."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import ToolkitError, UsageError
from tools.files import Marker, stage_file, write_marker
from trainer.folders import CHECKPOINT, set_guests_aside

if TYPE_CHECKING:
    import torch

WEIGHTS = "trained.safetensors"
STAGING = ".writing"
TORCH_WRITE_ERRORS = ("PytorchStreamWriter", "unexpected pos", "iostream error")
"""What torch.save says, as a RuntimeError, when the disk is full."""


def find_checkpoint(folder: Path) -> Path | None:
    """The newest checkpoint, or None. What stands under another name was never finished."""
    found = [path for path in folder.glob("checkpoint-*") if CHECKPOINT.fullmatch(path.name) and path.is_dir()]
    return max(found, key=_read_step) if found else None


def _read_step(path: Path) -> int:
    return int(path.name.rpartition("-")[2])


def publish(staged: Path, target: Path) -> None:
    """Make a finished checkpoint visible under its name, in one step, once its bytes are on the disk."""
    files = [path for path in staged.rglob("*") if path.is_file()]
    for path in files:
        with path.open("rb") as file:
            os.fsync(file.fileno())
    names = tuple(path.relative_to(staged).as_posix() for path in files)
    write_marker(staged, Marker("checkpoint", "python -m trainer", names))
    if target.exists():
        set_guests_aside(target)
        shutil.rmtree(target)
    staged.rename(target)
    staged.parent.rmdir()


def rotate(folder: Path, keep: int) -> None:
    """Delete all but the newest `keep` checkpoints, oldest first."""
    found = sorted((path for path in folder.glob("checkpoint-*") if CHECKPOINT.fullmatch(path.name)), key=_read_step)
    for path in found[: max(0, len(found) - keep)]:
        set_guests_aside(path)
        doomed = path.with_name(f".old-{path.name}")
        path.rename(doomed)  # so that a kill in the middle leaves no half checkpoint under a good name
        shutil.rmtree(doomed)


def clear_leftovers(folder: Path) -> None:
    """Delete what killed runs left: unfinished and half deleted checkpoints."""
    shutil.rmtree(folder / STAGING, ignore_errors=True)
    for path in folder.glob(".old-checkpoint-*"):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def explain_disk(path: Path, kept: str) -> Iterator[None]:
    """Turn the many ways in which a full disk shows into one error that says what is left.

    Raises:
        ToolkitError: writing failed.
    """
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, SafetensorError) as error:
        raise _explain(path, kept, error) from error
    except RuntimeError as error:
        if not any(text in str(error) for text in TORCH_WRITE_ERRORS):
            raise
        raise _explain(path, kept, error) from error


def _explain(path: Path, kept: str, error: Exception) -> ToolkitError:
    text = str(error).strip().splitlines()[0]
    return ToolkitError(f"{path}: cannot be written ({text}). {kept}; make room and run the same command again")


def save_weights(tensors: "Mapping[str, torch.Tensor]", path: Path) -> None:
    """Write tensors by name."""
    from safetensors.torch import save_file

    plain = {name: tensor.detach().to("cpu").contiguous() for name, tensor in tensors.items()}
    with stage_file(path) as temporary:
        save_file(plain, str(temporary), metadata={"format": "pt"})


def load_weights(targets: "Mapping[str, torch.Tensor]", path: Path) -> None:
    """Fill `targets` from a file that has exactly these names and shapes.

    Raises:
        UsageError: unreadable, or names or shapes differ; nothing is changed then.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        found = load_file(str(path))
    except (OSError, SafetensorError) as error:
        text = f"{path}: cannot be read ({error}); delete its folder to go on from the checkpoint before it"
        raise UsageError(text) from error
    wrong = sorted(set(targets) ^ set(found))
    wrong += [name for name in set(targets) & set(found) if targets[name].shape != found[name].shape]
    if wrong:
        text = f"{path}: {len(wrong)} tensors are not those in training, e.g. {wrong[0]}"
        raise UsageError(f"{text}; it was made with another recipe: use another --out, or --fresh")
    with torch.no_grad():
        for name, tensor in targets.items():
            tensor.copy_(found[name])
