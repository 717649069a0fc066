"""What an output folder belongs to: a run is only resumed by the run that began it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal

from tools.errors import UsageError
from tools.files import MARKER_FILE, Claim, check_folder, clear_files, explain_disk, hold, own_folder, write_text
from tools.files.json_text import read_object
from tools.manifest import hash_bytes, say
from trainer.checkpoints import clear_leftovers, find_checkpoint
from trainer.folders import ADAPTER, MODEL, RUN_FILE, list_parts, list_stage_files, set_guests_aside
from trainer.recipe import Recipe, StagePart

MAY_CHANGE = frozenset(
    {"device_batch", "workers", "save_every", "keep_checkpoints", "log_every", "report_to", "feature_cache"}
)
"""Settings that do not change what is computed (the batch and the devices do, below 1e-5)."""
HEAD = 65536
State = Literal["new", "resume", "done"]
Identity = dict[str, Any]


def identify(
    stage: str, recipe: Recipe, part: StagePart, folders: dict[str, Path | None], fingerprint: str
) -> Identity:
    """Everything that shapes the result of a run: settings, weights at the start, data.

    Args:
        folders: what the model starts from, by name.
        fingerprint: of the data (`trainer.data.prepare.Prepared`).
    """
    settings = {name: value for name, value in part.model_dump(mode="json").items() if name not in MAY_CHANGE}
    shape = {"align_layer", "framing", "template"} if stage == "align" else set()
    return {
        "stage": stage,
        "seed": recipe.seed,
        **settings,
        **recipe.model.model_dump(mode="json", include=shape),
        **({"set": recipe.set} if recipe.set and stage == "align" else {}),
        **{name: digest_folder(folder) for name, folder in folders.items() if folder is not None},
        "data": fingerprint,
    }


def digest_folder(folder: Path) -> str:
    """A quick hash of a model folder: names and sizes, and the first and last 64 KB of every file."""
    parts: list[bytes] = []
    for path in sorted(folder.iterdir()):
        if path.name != MARKER_FILE and path.suffix in {".safetensors", ".bin", ".pt", ".json", ".jinja", ".model"}:
            size = path.stat().st_size
            with path.open("rb") as file:
                head = file.read(HEAD)
                file.seek(max(0, size - HEAD))
                parts += [path.name.encode(), str(size).encode(), head, file.read(HEAD)]
    return hash_bytes(*parts)


def claim(folder: Path, identity: Identity, is_writer: bool) -> State:
    """Whether the folder is new, begun by the same run, or finished by it.

    Args:
        is_writer: only one process of a run tidies and writes.

    Raises:
        UsageError: it belongs to another run; the message says what differs.
        ToolkitError: it cannot be written.
    """
    path = folder / RUN_FILE
    if path.is_file():
        _compare(path, read_object(path, "use another --out, or --fresh"), identity)
    elif find_checkpoint(folder) is not None:
        raise UsageError(f"{folder}: has checkpoints but no {RUN_FILE}; use another --out, or --fresh")
    if is_writer:
        with explain_disk(path):
            folder.mkdir(parents=True, exist_ok=True)
        clear_leftovers(folder)
        write_text(path, json.dumps(identity, indent=1) + "\n")
    if is_finished(folder):
        for part in (folder / MODEL, folder / ADAPTER) if is_writer else ():
            if part.is_dir():
                with hold(part, "--out"):  # and the lock of a process that was killed behind its work is gone
                    pass
        return "done"
    return "new" if find_checkpoint(folder) is None else "resume"


def is_finished(folder: Path) -> bool:
    """Whether the run wrote its model; provenance is written last."""
    return any((folder / name / "provenance.json").is_file() for name in (MODEL, ADAPTER))


def _compare(path: Path, old: Identity, new: Identity) -> None:
    differing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if differing:
        shown = "; ".join(f"{name} was {say(old.get(name))}, is {say(new.get(name))}" for name in differing[:5])
        text = f"{path.parent}: was begun by another run: {shown}"
        raise UsageError(f"{text}. Use another --out, or --fresh to delete what is there")


@contextmanager
def own_stage(folder: Path, claim: Claim, is_writer: bool, *, fresh: bool) -> Iterator[None]:
    """The output folder of one run, checked before anything is loaded; of its processes only the writer locks it.

    Args:
        fresh: delete what an earlier run wrote. The writer does, at once; the others look into the folder only after
            they have loaded model and data.

    Raises:
        UsageError: it holds something else than a stage of training.
        ToolkitError: another process trains there, or it cannot be written.
    """
    check_folder(folder, claim)
    with own_folder(folder, claim) if is_writer else nullcontext():
        if fresh and is_writer:
            clear(folder)
        yield


def clear(folder: Path) -> None:
    """Delete what a run wrote; anything else in the folder stays."""
    clear_leftovers(folder)
    for part in list_parts(folder):
        if part.name not in (MODEL, ADAPTER):
            set_guests_aside(part)
    clear_files(folder, list_stage_files(folder))
