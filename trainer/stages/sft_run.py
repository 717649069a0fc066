"""SFT from recipe to model folder."""

from pathlib import Path
from typing import Any, NamedTuple

import torch

from tools.errors import MissingError
from tools.terminal.cli import stderr, stdout
from trainer.checkpoints import explain_disk
from trainer.data.encode import make_encoder
from trainer.data.prepare import prepare
from trainer.data.provenance import describe_stage, read_provenance, write_provenance
from trainer.data.reading import Request
from trainer.folders import ADAPTER, MODEL, PART, TUNED, UNPACKED
from trainer.model.adapters import add_adapters, load_quantised, save_adapter
from trainer.model.assembled import Assembled, load_assembled, save_assembled
from trainer.model.processing import load_processor
from trainer.recipe import Recipe, SftPart
from trainer.stages import freezing
from trainer.stages.align_run import PROJECTOR, load_projector, read_limit
from trainer.stages.arguments import check_parallel
from trainer.stages.callbacks.effort import describe_effort
from trainer.stages.collect import collect_model
from trainer.stages.feeds.llava import LlavaFeed
from trainer.stages.identity import identify, own_stage
from trainer.stages.stage_run import Job, begin, count_devices, is_writer, quieten_libraries, train


class Start(NamedTuple):
    """What SFT starts from: the checkpoint folder, and the align layer in full precision where alignment left it."""

    folder: Path
    projector: Path | None


def run_sft(recipe: Recipe, data: Path, align: Path, output_dir: Path, *, fresh: bool = False) -> Path:
    """Train on instructions; give the folder of the model (`model`, for QLoRA `adapter`).

    Args:
        fresh: delete first what an earlier run wrote to the folder.

    Raises:
        ToolkitError: see `prepare`, `identity.claim` and `load_assembled`.
    """
    quieten_libraries()
    check_parallel(recipe, count_devices())
    if recipe.notice and is_writer():
        stderr.print(recipe.notice, style="yellow", soft_wrap=True)
    start = find_start(align)
    with own_stage(output_dir, TUNED, is_writer(), fresh=fresh):
        return _tune(recipe, data, start, output_dir)


def _tune(recipe: Recipe, data: Path, start: Start, output_dir: Path) -> Path:
    part = recipe.sft
    assembled = load_start(start, part)
    encoder = make_encoder(assembled.processor)
    request = Request(data, "sft", images=recipe.data.images, unpacked=output_dir / UNPACKED)
    prepared = prepare(request, encoder, recipe.data, "instruction", read_limit(assembled.model))
    model = adapt(assembled.model, part, recipe.seed)
    feed = LlavaFeed(model, encoder)
    job = Job(f"sft, {part.train}, {part.method}", recipe, part, model, encoder, prepared, output_dir, feed)
    target = output_dir / name_result(part)
    if begin(job, identify("sft", recipe, part, {"start": start.folder}, prepared.fingerprint)) == "done":
        stdout.print(f"finished before: {target}", soft_wrap=True)
    else:
        _train_and_save(job, part, data, start, assembled.processor)
    return target


def name_result(part: SftPart) -> str:
    """The folder of the result: 4-bit weights cannot be merged, so QLoRA's is the adapter."""
    return ADAPTER if part.method == "qlora" else MODEL


def _train_and_save(job: Job, part: SftPart, data: Path, start: Start, processor: Any) -> None:
    recipe = job.recipe
    trainer = _train(job)
    model = collect_model(trainer.model, is_writer(), lambda: adapt(load_start(start, part).model, part, recipe.seed))
    if is_writer():
        effort = describe_effort(job.output_dir)
        facts = describe_stage(job.stage, recipe, data, job.prepared, trainer.state.global_step, effort)
        _save(model, processor, part, start, job.output_dir, [*read_provenance(start.folder), facts])
        if recipe.notice:
            stderr.print(recipe.notice, style="yellow", soft_wrap=True)
        stdout.print(f"{name_result(part)} in {job.output_dir / name_result(part)}", soft_wrap=True)
    trainer.wait_for_all()


def find_start(align: Path) -> Start:
    """The checkpoint below an alignment's output, or the folder itself when it is one.

    Raises:
        MissingError: neither.
    """
    for folder in (align / MODEL, align):
        if (folder / "config.json").is_file():
            projector = align / PROJECTOR
            return Start(folder, projector if projector.is_file() else None)
    text = f"--align {align}: holds no model ({MODEL}/config.json or config.json)"
    raise MissingError(f"{text}; finish the alignment: the same `python -m trainer.align` command again")


def load_start(start: Start, part: SftPart) -> Assembled:
    """The model to fine-tune, in the number format its frozen weights keep."""
    is_light = part.frozen_precision == "bf16" and (part.method != "full" or part.train == "align_layer")
    dtype = torch.bfloat16 if is_light else torch.float32
    if part.method == "qlora":
        assembled = Assembled(load_quantised(start.folder), load_processor(start.folder))
    else:
        assembled = load_assembled(start.folder, dtype=dtype)
    if start.projector is not None:
        freezing.find_align_layer(assembled.model).float()
        load_projector(assembled.model, start.projector)
    return assembled


def adapt(model: Any, part: SftPart, seed: int) -> Any:
    """Freeze what is not trained (Table 4), with adapters where wished."""
    if part.method == "full":
        freezing.freeze(model, part.train)
    else:
        model = add_adapters(model, part, seed)
    freezing.set_precision(model, part.frozen_precision)
    return model


def _train(job: Job) -> Any:
    from trl.trainer.sft_config import SFTConfig

    from trainer.stages.sft_trainer import SftTrainer

    more = {"max_length": None, "dataset_kwargs": {"skip_prepare_dataset": True}}
    return train(job, SftTrainer, SFTConfig, **more)


def _save(
    model: Any, processor: Any, part: SftPart, start: Start, output_dir: Path, facts: list[dict[str, Any]]
) -> None:
    with explain_disk(output_dir, "the last checkpoint is whole"):
        if part.method != "full":
            save_adapter(model, output_dir / ADAPTER, start.folder)
        if part.method != "qlora":
            merged = model.merge_and_unload() if part.method == "lora" else model
            save_assembled(Assembled(merged, processor), output_dir / MODEL, PART)
    write_provenance(output_dir / name_result(part), facts)
