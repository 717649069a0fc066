"""One stage from a model and a table of samples to trained weights: what alignment and SFT have in common."""

import copy
import json
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.errors import shorten
from tools.files import stage_file, write_text
from tools.terminal.cli import stderr
from trainer.checkpoints import explain_disk, find_checkpoint, rotate
from trainer.data.precheck import FILE as REJECTS
from trainer.data.precheck import write_rejects
from trainer.data.prepare import Prepared
from trainer.data.sieve import AnyEncoder
from trainer.recipe import Recipe, StagePart
from trainer.recipe_file import dump_recipe
from trainer.stages import freezing
from trainer.stages.arguments import build_arguments, cut_batch
from trainer.stages.callbacks import LogAtSaves, ProveSharding, SetEpoch, ShowProgress
from trainer.stages.callbacks.effort import measure_effort
from trainer.stages.feeds import Feed
from trainer.stages.identity import Identity, State, claim
from trainer.stages.order import EpochOrder, measure_padding, order_epoch
from trainer.stages.refused import RejectLog, read_training_rejects

LOG = "log.jsonl"


@dataclass(frozen=True)
class Job:
    """Everything a stage needs.

    Attributes:
        stage: for people, e.g. `align, direct`.
        model: frozen and adapted as it should be.
        part: the recipe's settings of this stage.
        feed: how batches are made and go into the model.
    """

    stage: str
    recipe: Recipe
    part: StagePart
    model: Any
    encoder: AnyEncoder
    prepared: Prepared
    output_dir: Path
    feed: Feed


def count_devices() -> int:
    """Processes of this run: as torchrun and accelerate tell, else one."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_writer() -> bool:
    """Whether this process is the one that writes."""
    return os.environ.get("RANK", "0") == "0"


def begin(job: Job, identity: Identity) -> State:
    """Claim the output folder; write recipe, rejects and freeze table; say what will happen."""
    state = claim(job.output_dir, identity, is_writer())
    if not is_writer() or state == "done":
        return state
    folder = job.output_dir
    table = freezing.describe(job.model, job.stage, job.feed.name_part)
    in_training = read_training_rejects(folder / REJECTS)
    write_text(folder / "recipe.yaml", dump_recipe(job.recipe))
    write_rejects([*job.prepared.rejects, *in_training], folder)
    freezing.save(table, folder)
    stderr.print(freezing.draw(table))
    stderr.print(describe_plan(job), soft_wrap=True)
    return state


def describe_plan(job: Job) -> str:
    """Samples, tokens and batches in a few lines."""
    prepared, part, devices = job.prepared, job.part, count_devices()
    cut = cut_batch(part.global_batch, part.device_batch, devices)
    order = order_epoch(prepared.lengths, job.recipe.seed, 0, part.global_batch, part.length_grouping)
    padding = measure_padding(prepared.lengths, order, cut.device_batch)
    rejects = Counter(reject.code for reject in prepared.rejects)
    lines = [
        f"{prepared.count} samples, {int(prepared.lengths.sum()):,} tokens an epoch ({prepared.supervised_tokens:,} "
        f"supervised, longest sample {int(prepared.lengths.max())} of {prepared.max_tokens}), padding {padding:.1%}",
        f"global batch {part.global_batch} = {devices} x {cut.device_batch} x {cut.accumulation} accumulated, "
        f"{len(order) // part.global_batch} steps an epoch",
    ]
    lines += [f"{count} answers are {note}" for note, count in prepared.notes.items()]
    if prepared.mixed is not None:
        mixed = prepared.mixed
        lines.append(
            f"{mixed.samples} samples are general, of {mixed.name}; {mixed.text_alone} of them without a picture"
        )
    if rejects:
        counts = ", ".join(f"{code} {count}" for code, count in rejects.most_common())
        example = shorten(prepared.rejects[0].reason, 200)
        lines.append(f"rejected before training: {counts} (e.g. {example}); reasons in {job.output_dir / REJECTS}")
    return "\n".join(lines)


def train(job: Job, trainer_class: Any, arguments_class: Any, **more: Any) -> Any:
    """Train to the end, from the newest checkpoint if there is one; give the trainer.

    Args:
        trainer_class: `AlignTrainer` or `SftTrainer`.
        arguments_class: `TrainingArguments` or `SFTConfig`; `more` are arguments only it knows.
    """
    base = freezing.find_base(job.model)
    settings = build_arguments(job.recipe, job.part, job.output_dir, count_devices())
    if job.prepared.mixed is not None and job.prepared.mixed.text_alone:
        settings["ddp_find_unused_parameters"] = True  # a batch without a picture leaves the align layer out
    arguments = arguments_class(**settings, **more)
    order = EpochOrder(job.prepared.lengths, job.recipe.seed, job.part.global_batch, job.part.length_grouping)
    bar = ShowProgress(job.stage)
    configs = copy.deepcopy((base.config, base.generation_config))
    paths = [Path(name) for name in job.prepared.dataset["image"] if name]
    try:
        collator = job.feed.begin(paths, job.part.feature_cache, arguments)
        trainer = trainer_class(
            model=job.model,
            args=arguments,
            train_dataset=job.prepared.dataset,
            data_collator=collator,
            processing_class=job.encoder.processor,
            callbacks=[LogAtSaves(), SetEpoch(order), bar],
        )
        _quieten(trainer)
        trainer.add_callback(measure_effort(job.output_dir))
        if job.recipe.parallel == "fsdp":
            trainer.add_callback(ProveSharding())
        trainer.prepare_exactness(order, RejectLog(job.output_dir), job.feed)
        checkpoint = find_checkpoint(job.output_dir)
        if checkpoint is not None and is_writer():
            stderr.print(f"going on from {checkpoint}", soft_wrap=True)
            rotate(job.output_dir, arguments.save_total_limit)  # a kill may have fallen between saving and rotating
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    finally:
        bar.stop()
        job.feed.end()
        # Trainer writes the tokenizer's end token over the one that ends a turn, and switches the cache off.
        base.config, base.generation_config = configs
    if trainer.is_world_process_zero():
        write_log(trainer.state.log_history, job.output_dir)
        _tell_rejects(job.output_dir)
    return trainer


def quieten_libraries() -> None:
    """Warnings only, and no bars of their own: ours says how far things are."""
    import warnings

    import datasets
    import transformers

    logging: Any = transformers.logging
    logging.set_verbosity_warning()
    logging.disable_progress_bar()
    datasets.disable_progress_bars()
    # PEFT still asks for `is_gradient_checkpointing`, which transformers 5.23 renamed.
    warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing", category=FutureWarning)


def _quieten(trainer: Any) -> None:
    """Our bar takes the place of the line that Trainer prints for every log entry."""
    from transformers import PrinterCallback

    trainer.remove_callback(PrinterCallback)


def write_log(history: Iterable[dict[str, Any]], folder: Path) -> Path:
    """Write `log.jsonl`: step, loss, learning rate, rates and memory."""
    path = folder / LOG
    with explain_disk(path, "checkpoints are whole"), stage_file(path) as temporary:
        temporary.write_text("".join(json.dumps(row) + "\n" for row in history), encoding="utf-8")
    return path


def _tell_rejects(folder: Path) -> None:
    found = read_training_rejects(folder / REJECTS)
    if found:
        text = f"{len(found)} pictures could not be read in training and weighed nothing, e.g. {found[0].reason}"
        stderr.print(f"{text}; see {folder / REJECTS}", style="yellow", soft_wrap=True)
