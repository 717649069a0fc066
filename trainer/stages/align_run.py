"""Alignment from recipe to model folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from tools.errors import MissingError
from tools.prompts.pack import load_pack
from tools.terminal.cli import stderr, stdout
from trainer.checkpoints import explain_disk, load_weights, save_weights
from trainer.data.encode import Encoder, make_encoder
from trainer.data.prepare import Prepared, prepare
from trainer.data.provenance import describe_stage, write_provenance
from trainer.data.reading import Request
from trainer.folders import ALIGNED, MODEL, PART, UNPACKED
from trainer.model.assembled import Assembled, assemble, save_assembled, swap_tower
from trainer.recipe import Recipe
from trainer.stages import freezing
from trainer.stages.arguments import check_parallel
from trainer.stages.callbacks.effort import describe_effort
from trainer.stages.collect import collect_model
from trainer.stages.feeds.llava import LlavaFeed
from trainer.stages.identity import identify, own_stage
from trainer.stages.stage_run import Job, begin, count_devices, is_writer, quieten_libraries, train

PROJECTOR = "projector.safetensors"
PREFIX = "multi_modal_projector."


def run_align(recipe: Recipe, data: Path, output_dir: Path, *, fresh: bool = False) -> Path:
    """Train the align layer; give the model folder.

    Direct alignment reads images of the modality through the modality's tower. Indirect alignment reads photographs
    through the image tower, and the other tower takes its place afterwards: both were trained into one embedding space.

    Args:
        fresh: delete first what an earlier run wrote to the folder.

    Raises:
        ToolkitError: see `prepare`, `identity.claim` and `assemble`.
    """
    quieten_libraries()
    check_parallel(recipe, count_devices())
    llm, tower = choose_folders(recipe)
    if recipe.notice and is_writer():
        stderr.print(recipe.notice, style="yellow", soft_wrap=True)
    with own_stage(output_dir, ALIGNED, is_writer(), fresh=fresh):
        _align(recipe, data, output_dir, llm, tower)
    return output_dir / MODEL


def _align(recipe: Recipe, data: Path, output_dir: Path, llm: Path, tower: Path) -> None:
    assembled = build(recipe, llm, tower)
    encoder = make_encoder(assembled.processor)
    prepared = read_pairs(recipe, data, encoder, output_dir / UNPACKED, assembled.model)
    freezing.freeze(assembled.model, "align_layer")
    freezing.set_precision(assembled.model, recipe.align.frozen_precision)
    model, feed = assembled.model, LlavaFeed(assembled.model, encoder)
    job = Job(f"align, {recipe.align.mode}", recipe, recipe.align, model, encoder, prepared, output_dir, feed)
    folders = {"llm": llm, "tower": recipe.model.tower, "image_tower": tower if _is_indirect(recipe) else None}
    if begin(job, identify("align", recipe, recipe.align, folders, prepared.fingerprint)) == "done":
        stdout.print(f"finished before: {output_dir / MODEL}", soft_wrap=True)
    else:
        _train_and_save(job, data, assembled, lambda: build(recipe, llm, tower).model)


def _train_and_save(job: Job, data: Path, assembled: Assembled, rebuild: Callable[[], Any]) -> None:
    from transformers import TrainingArguments

    from trainer.stages.align_trainer import AlignTrainer

    recipe, folder = job.recipe, job.output_dir
    trainer = train(job, AlignTrainer, TrainingArguments)
    model = collect_model(trainer.model, is_writer(), rebuild)
    if is_writer():
        effort = describe_effort(job.output_dir)
        facts = describe_stage(job.stage, recipe, data, job.prepared, trainer.state.global_step, effort)
        _save(recipe, Assembled(model, assembled.processor), folder, [facts])
        if recipe.notice:
            stderr.print(recipe.notice, style="yellow", soft_wrap=True)
        stdout.print(f"model in {folder / MODEL}, align layer alone in {folder / PROJECTOR}", soft_wrap=True)
    trainer.wait_for_all()


def _is_indirect(recipe: Recipe) -> bool:
    return recipe.align.mode == "indirect"


def choose_folders(recipe: Recipe) -> tuple[Path, Path]:
    """Language model, and the tower to train with.

    Raises:
        MissingError: one is not given or not there.
    """
    found = {name: check_folder(recipe, name, folder) for name, folder in list_folders(recipe).items()}
    return found["llm"], found["image_tower" if _is_indirect(recipe) else "tower"]


def list_folders(recipe: Recipe) -> dict[str, Path | None]:
    """The folders that alignment needs, by their flags."""
    names = ["llm", "tower", *(["image_tower"] if _is_indirect(recipe) else [])]
    return {name: getattr(recipe.model, name) for name in names}


def check_folder(recipe: Recipe, name: str, folder: Path | None) -> Path:
    """The folder of a flag.

    Raises:
        MissingError: it is not given or not there.
    """
    flag = f"--{name}"
    if folder is None:
        usual = load_pack(recipe.data.pack).defaults.tower if name == "tower" else None
        hint = f"the pack names {usual}; " if usual else ""
        raise MissingError(
            f"model.{name} is not set; give a folder with {flag} ({hint}stand-ins: python -m trainer.tiny)"
        )
    if not folder.is_dir():
        raise MissingError(f"{flag} {folder}: no such folder")
    return folder


def build(recipe: Recipe, llm: Path, tower: Path) -> Assembled:
    """The model to align, in the number format of its frozen weights."""
    dtype = torch.bfloat16 if recipe.align.frozen_precision == "bf16" else torch.float32
    part = recipe.model
    return assemble(
        llm,
        tower,
        part.align_layer,
        framing=part.framing,
        template=part.template,
        dtype=dtype,
        seed=recipe.seed,
        settings=recipe.settings_of("align_layer"),
    )


def read_pairs(recipe: Recipe, data: Path, encoder: Encoder, unpacked: Path, model: Any) -> Prepared:
    """The captions, with images of the modality or photographs as the mode says."""
    request = Request(data, "align", _is_indirect(recipe), recipe.data.images, unpacked)
    limit = read_limit(model)
    return prepare(request, encoder, recipe.data, recipe.align.text_format, limit)


def read_limit(model: Any) -> int:
    """Most tokens the language model takes."""
    return choose_text_limit(model.config)


def choose_text_limit(config: Any) -> int:
    """Most tokens a language model of this configuration takes."""
    return int(getattr(config.get_text_config(), "max_position_embeddings", 2**31 - 1))


def _save(recipe: Recipe, assembled: Assembled, output_dir: Path, facts: list[dict[str, Any]]) -> None:
    layer = assembled.model.model.multi_modal_projector
    with explain_disk(output_dir, "the last checkpoint is whole"):
        save_weights({PREFIX + name: tensor for name, tensor in layer.state_dict().items()}, output_dir / PROJECTOR)
        if _is_indirect(recipe):
            swap_tower(assembled.model, Path(str(recipe.model.tower)))
        save_assembled(assembled, output_dir / MODEL, PART)
    write_provenance(output_dir / MODEL, facts)


def load_projector(model: Any, path: Path) -> None:
    """Put a small projector checkpoint into a model, strictly.

    Raises:
        UsageError: its tensors are not those of the model's align layer.
    """
    layer = freezing.find_align_layer(model)
    load_weights({PREFIX + name: tensor for name, tensor in layer.state_dict().items()}, path)
