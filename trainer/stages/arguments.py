"""From a recipe's stage to the arguments of Hugging Face's trainer."""

from pathlib import Path
from typing import Any, NamedTuple

from tools.errors import UsageError
from trainer.recipe import Recipe, StagePart


class Cut(NamedTuple):
    """How a global batch is cut: `device_batch` samples at once, `accumulation` times, on each device."""

    device_batch: int
    accumulation: int


def cut_batch(global_batch: int, most: int, devices: int) -> Cut:
    """Keep the global batch whatever the number of devices: the largest device batch up to `most` that divides it.

    Raises:
        UsageError: the devices cannot share the batch evenly.
    """
    if global_batch % devices:
        near = next(number for number in range(devices, 0, -1) if global_batch % number == 0)
        text = f"global_batch {global_batch} cannot be shared evenly by {devices} devices"
        raise UsageError(f"{text}; launch {near}, or change global_batch (and say so, the paper's is fixed)")
    share = global_batch // devices
    device_batch = max(number for number in range(1, min(most, share) + 1) if share % number == 0)
    return Cut(device_batch, share // device_batch)


def build_arguments(recipe: Recipe, part: StagePart, output_dir: Path, devices: int) -> dict[str, Any]:
    """Arguments for `TrainingArguments` and `SFTConfig`; what the paper fixes comes from the recipe."""
    import torch

    cut = cut_batch(part.global_batch, part.device_batch, devices)
    return {
        "output_dir": str(output_dir),
        "per_device_train_batch_size": cut.device_batch,
        "gradient_accumulation_steps": cut.accumulation,
        "num_train_epochs": part.epochs,
        "max_steps": part.max_steps or -1,
        "learning_rate": part.learning_rate,
        "weight_decay": part.weight_decay,
        "lr_scheduler_type": part.schedule,
        "warmup_steps": part.warmup_share,  # below 1 it is a share of the steps
        "max_grad_norm": part.max_grad_norm,
        "optim": "adamw_torch",  # without weight decay AdamW is Adam
        "bf16": part.precision == "bf16",
        "use_cpu": not torch.cuda.is_available(),
        "save_strategy": "steps",
        "save_steps": part.save_every,
        "save_total_limit": part.keep_checkpoints,
        "logging_steps": part.log_every,
        "logging_nan_inf_filter": False,
        "report_to": list(part.report_to),
        "seed": recipe.seed,
        "dataloader_num_workers": part.workers,
        "dataloader_pin_memory": torch.cuda.is_available(),
        "remove_unused_columns": False,
        "label_names": ["labels"],
        "average_tokens_across_devices": True,
        "disable_tqdm": True,
        "log_level": "warning",
        "ddp_find_unused_parameters": False,
        **_choose_checkpointing(recipe, part),
    }


def _choose_checkpointing(recipe: Recipe, part: StagePart) -> dict[str, Any]:
    """Gradient checkpointing; FSDP brings its own, which does not gather the weights twice."""
    if recipe.parallel == "fsdp":
        config = {
            "version": 2,
            "state_dict_type": "FULL_STATE_DICT",
            "activation_checkpointing": part.gradient_checkpointing,
        }
        return {"fsdp": True, "fsdp_config": config, "activation_checkpointing": False}
    if not part.gradient_checkpointing:
        return {"activation_checkpointing": False}
    return {"activation_checkpointing": True, "activation_checkpointing_kwargs": {"use_reentrant": False}}


def check_parallel(recipe: Recipe, devices: int) -> None:
    """Refuse FSDP where it would not happen.

    Raises:
        UsageError: `parallel: fsdp` without GPUs, on one device, or with mixed number formats.
    """
    import torch

    if recipe.parallel != "fsdp":
        return
    if not torch.cuda.is_available():
        text = "parallel: fsdp needs GPUs; on CPUs the launcher runs plain DDP and says nothing"
        raise UsageError(f"{text}. Use parallel: auto (python -m ... --set parallel=auto)")
    if devices < 2:
        raise UsageError(
            "parallel: fsdp needs several devices: torchrun --nproc-per-node N -m trainer.sft ...; or parallel: auto"
        )
    if "bf16" in (recipe.align.frozen_precision, recipe.sft.frozen_precision):
        raise UsageError(
            "parallel: fsdp shards weights of one number format; set frozen_precision: fp32 in both stages"
        )
