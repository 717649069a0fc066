"""From recipe and model folder to a trained model folder, for the vision-language models of other makers."""

from pathlib import Path
from typing import Any, NamedTuple

import torch

from tools.terminal.cli import stderr, stdout
from trainer.checkpoints import explain_disk
from trainer.data.chats.family import make_chat_encoder
from trainer.data.prepare import prepare
from trainer.data.provenance import describe_stage, read_provenance, write_provenance
from trainer.data.reading import Request
from trainer.data.samples import Stage
from trainer.folders import ADAPTER, ALIGNED, MODEL, PART, TUNED, UNPACKED
from trainer.model.adapters import save_adapter
from trainer.model.assembled import Assembled, save_assembled
from trainer.model.baselines.trained import is_peer, list_upstream, refuse_adapters
from trainer.model.vlm.adapters import add_vlm_adapters, load_quantised_vlm
from trainer.model.vlm.anatomy import Anatomy, find_anatomy
from trainer.model.vlm.loading import load_vlm, load_vlm_processor, read_model_type
from trainer.recipe import Recipe, SftPart, StagePart
from trainer.stages import freezing
from trainer.stages.align_run import read_limit
from trainer.stages.arguments import check_parallel
from trainer.stages.callbacks.effort import describe_effort
from trainer.stages.collect import collect_model
from trainer.stages.feeds.peer import PeerFeed
from trainer.stages.feeds.vlm import VlmFeed
from trainer.stages.freezing import Trained
from trainer.stages.identity import Identity, identify, own_stage
from trainer.stages.stage_run import Job, begin, count_devices, is_writer, quieten_libraries, train
from trainer.stages.vlm.plan import check_mixture, check_plan


class Plan(NamedTuple):
    """What is trained of which model.

    Attributes:
        stage: `align` trains the align layer on captions, `sft` what the recipe says on instructions.
        folder: of the model; target: where the result goes.
    """

    stage: Stage
    recipe: Recipe
    data: Path
    folder: Path
    output_dir: Path

    @property
    def part(self) -> StagePart:
        """The recipe's settings of the stage."""
        return self.recipe.align if self.stage == "align" else self.recipe.sft

    @property
    def trained(self) -> Trained:
        """Which parts learn."""
        return "align_layer" if self.stage == "align" else self.recipe.sft.train

    @property
    def method(self) -> str:
        """`full`, `lora` or `qlora`."""
        return "full" if self.stage == "align" else self.recipe.sft.method

    @property
    def target(self) -> Path:
        """The folder of the result: 4-bit weights cannot be merged, so QLoRA's is the adapter."""
        return self.output_dir / (ADAPTER if self.method == "qlora" else MODEL)


def run_vlm(plan: Plan, *, fresh: bool = False) -> Path:
    """Train a vision-language model; give the folder of the result.

    Args:
        fresh: delete first what an earlier run wrote to the folder.

    Raises:
        ToolkitError: see `prepare`, `identity.claim`, `load_vlm` and `check_plan`.
    """
    quieten_libraries()
    recipe = plan.recipe
    check_parallel(recipe, count_devices())
    check_plan(recipe, plan.stage, plan.trained, read_model_type(plan.folder))
    if recipe.notice and is_writer():
        stderr.print(recipe.notice, style="yellow", soft_wrap=True)
    with own_stage(plan.output_dir, ALIGNED if plan.stage == "align" else TUNED, is_writer(), fresh=fresh):
        return _train(plan)


def _train(plan: Plan) -> Path:
    recipe = plan.recipe
    assembled = load_start(plan)
    anatomy = find_anatomy(assembled.model)
    encoder = make_chat_encoder(assembled.processor, read_model_type(plan.folder), plan.folder, recipe.data.dialogue)
    request = Request(plan.data, plan.stage, images=recipe.data.images, unpacked=plan.output_dir / UNPACKED)
    text_format = recipe.align.text_format if plan.stage == "align" else "instruction"
    limit = read_limit(assembled.model)
    prepared = prepare(request, encoder, recipe.data, text_format, limit, recipe.seed)
    check_mixture(prepared, plan.trained)
    model = adapt_vlm(assembled.model, anatomy, plan)
    name = f"{plan.stage}, {plan.trained}, {plan.method}"
    kind = PeerFeed if is_peer(read_model_type(plan.folder)) else VlmFeed
    feed = kind(model, encoder, anatomy)
    job = Job(name, recipe, plan.part, model, encoder, prepared, plan.output_dir, feed)
    if begin(job, identify_plan(plan, prepared.fingerprint, assembled.processor)) == "done":
        stdout.print(f"finished before: {plan.target}", soft_wrap=True)
    else:
        _train_and_save(job, plan, assembled.processor)
    return plan.target


def identify_plan(plan: Plan, fingerprint: str, processor: Any) -> Identity:
    """Everything that shapes the result; a recipe's settings of what is put together play no part."""
    found = identify("sft", plan.recipe, plan.part, {"model": plan.folder}, fingerprint)
    more = {"turns": plan.recipe.data.dialogue, "template": plan.recipe.model.template}
    return {**found, "stage": plan.stage, **more, "image_processor": type(processor.image_processor).__name__}


def load_start(plan: Plan) -> Assembled:
    """The model to train, in the number format its frozen weights keep."""
    template = plan.recipe.model.template
    if plan.method == "qlora":
        return Assembled(load_quantised_vlm(plan.folder), load_vlm_processor(plan.folder, template))
    is_light = plan.part.frozen_precision == "bf16" and (plan.method != "full" or plan.trained != "all")
    return load_vlm(plan.folder, torch.bfloat16 if is_light else torch.float32, template)


def adapt_vlm(model: Any, anatomy: Anatomy, plan: Plan) -> Any:
    """Freeze what is not trained, with adapters where wished, and let parts of two number formats meet.

    Raises:
        UsageError: nothing is left to learn.
    """
    joints = list(anatomy.list_modules(model, frozenset({"align layer"})))
    if plan.trained == "upstream":
        freezing.freeze_names(model, list_upstream(model))
    elif plan.method == "full":
        freezing.freeze(model, plan.trained, anatomy.name_part)
    else:
        refuse_adapters(model, plan.method)
        part: SftPart = plan.recipe.sft
        model = add_vlm_adapters(model, anatomy, part, freezing.TRAINED[plan.trained], plan.recipe.seed)
    freezing.set_formats(model, plan.part.frozen_precision)
    if plan.part.frozen_precision == "bf16":
        base = freezing.find_base(model)
        modules = [base.get_submodule(name) for name in joints]  # behind PEFT, which puts others in their place
        freezing.join_formats(modules, base.get_input_embeddings().weight.dtype)
    return model


def _train_and_save(job: Job, plan: Plan, processor: Any) -> None:
    recipe = plan.recipe
    trainer = _run_trainer(job, plan.stage)

    def rebuild() -> Any:
        start = load_start(plan).model
        return adapt_vlm(start, find_anatomy(start), plan)

    model = collect_model(trainer.model, is_writer(), rebuild)
    if is_writer():
        effort = describe_effort(job.output_dir)
        facts = describe_stage(job.stage, recipe, plan.data, job.prepared, trainer.state.global_step, effort)
        _save(model, processor, plan, [*read_provenance(plan.folder), {**facts, **describe_processor(processor)}])
        if recipe.notice:
            stderr.print(recipe.notice, style="yellow", soft_wrap=True)
        stdout.print(f"{plan.target.name} in {plan.target}", soft_wrap=True)
    trainer.wait_for_all()


def describe_processor(processor: Any) -> dict[str, Any]:
    """Which classes made the inputs: two of one family differ by a grey level."""
    names = {"class": type(processor).__name__, "image_processor": type(processor.image_processor).__name__}
    return {"processor": names}


def _run_trainer(job: Job, stage: Stage) -> Any:
    if stage == "align":
        from transformers import TrainingArguments

        from trainer.stages.align_trainer import AlignTrainer

        return train(job, AlignTrainer, TrainingArguments)
    from trl.trainer.sft_config import SFTConfig

    from trainer.stages.sft_trainer import SftTrainer

    return train(job, SftTrainer, SFTConfig, max_length=None, dataset_kwargs={"skip_prepare_dataset": True})


def _save(model: Any, processor: Any, plan: Plan, facts: list[dict[str, Any]]) -> None:
    with explain_disk(plan.output_dir, "the last checkpoint is whole"):
        if plan.method != "full":
            save_adapter(model, plan.output_dir / ADAPTER, plan.folder)
        if plan.method != "qlora":
            merged = model.merge_and_unload() if plan.method == "lora" else model
            save_assembled(Assembled(merged, processor), plan.output_dir / MODEL, PART)
    write_provenance(plan.target, facts)
