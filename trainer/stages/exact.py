"""What both trainers share: the loss, the order of the samples, checkpoints that resume exactly, and measurements.

Hugging Face's own resume is silently wrong for LLaVA (transformers issue 43701: names change between saving and
loading, and loading is not strict). Here a checkpoint holds the trained tensors alone, under the names they have in
memory, and must match them one by one.
"""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from tools.errors import ToolkitError
from trainer.checkpoints import STAGING, WEIGHTS, explain_disk, load_weights, publish, rotate, save_weights
from trainer.stages.freezing import list_trained
from trainer.stages.losses import compute_loss
from trainer.stages.memory import measure_memory_gb
from trainer.stages.refused import RejectLog

if TYPE_CHECKING:
    from trainer.stages.feeds import Feed
    from trainer.stages.order import EpochOrder


class Throughput:
    """Tokens and samples a second between two log lines."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._tokens = self._samples = 0

    def add(self, tokens: int, samples: int) -> None:
        """Count one batch of all devices together."""
        self._tokens += tokens
        self._samples += samples

    def take(self) -> dict[str, float]:
        """The rates since the last call; counting starts anew."""
        seconds = max(time.perf_counter() - self._start, 1e-9)
        rates = {
            "tokens_per_second": round(self._tokens / seconds, 1),
            "samples_per_second": round(self._samples / seconds, 3),
            "memory_gb": round(measure_memory_gb(), 3),
        }
        self._start, self._tokens, self._samples = time.perf_counter(), 0, 0
        return rates


class ExactMixin:
    """Goes before `transformers.Trainer` or `trl.SFTTrainer` in a class's bases."""

    order: "EpochOrder"
    reject_log: RejectLog
    throughput: Throughput
    feed: "Feed"

    def prepare_exactness(self, order: "EpochOrder", reject_log: RejectLog, feed: "Feed") -> None:
        """Set what the loop needs beside the base trainer's arguments; call it once, after construction."""
        self.order, self.reject_log, self.throughput, self.feed = order, reject_log, Throughput(), feed
        self.model_accepts_loss_kwargs = True  # count the supervised tokens of the whole step and pass them on

    def _get_train_sampler(self, train_dataset: Any = None) -> "EpochOrder":
        return self.order

    def compute_loss(
        self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> torch.Tensor:
        """See `losses.compute_loss`. DDP averages gradients, so the loss is scaled by the number of devices."""
        this: Any = self
        self.reject_log.add(inputs.pop("unreadable", ()))
        devices = this.accelerator.num_processes
        self.throughput.add(inputs["input_ids"].numel() * devices, len(inputs["input_ids"]) * devices)
        batch = self.feed.feed(inputs)
        with self.feed.explain():
            loss: torch.Tensor = compute_loss(model, batch, num_items_in_batch) * devices
        if not torch.isfinite(loss.detach()):
            step = this.state.global_step + 1
            text = f"step {step}: the loss is {loss.item()}; nothing of this step is kept"
            raise ToolkitError(f"{text}. Lower learning_rate, or use precision: fp32; then start with --fresh")
        return loss

    def _run_epoch(self, *args: Any, **kwargs: Any) -> None:
        """Nothing more when the last step is made: Trainer would make another one after a kill at the very end."""
        this: Any = self
        if this.state.global_step >= this.state.max_steps:
            this.control.should_training_stop = True
            return
        super()._run_epoch(*args, **kwargs)  # type: ignore[misc]

    def floating_point_ops(self, inputs: dict[str, Any]) -> int:
        """Nothing: Trainer's estimate walks over all parameters at every step and counts frozen ones as trained."""
        return 0

    def create_model_card(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the card is written by `python -m trainer.export`."""

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Add rates and memory to a line about training steps."""
        this: Any = super()
        this.log({**logs, **self.throughput.take()} if "loss" in logs else logs, start_time)

    def _get_output_dir(self, trial: Any) -> str:
        """Where checkpoints are written: beside their final place while they are unfinished."""
        this: Any = self
        folder = Path(this.args.output_dir)
        return str(folder / STAGING if getattr(self, "_is_staging", False) else folder)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """Write a checkpoint beside, then rename it, then delete old ones.

        Raises:
            ToolkitError: the disk is full; earlier checkpoints stand.
        """
        this: Any = self
        folder = Path(this.args.output_dir)
        name = f"checkpoint-{this.state.global_step}"
        self._is_staging = True
        try:
            with explain_disk(folder / name, "earlier checkpoints are whole"):
                super()._save_checkpoint(model, trial)  # type: ignore[misc]
                self.wait_for_all()
                if this.is_world_process_zero():
                    publish(folder / STAGING / name, folder / name)
                    rotate(folder, this.args.save_total_limit)
        finally:
            self._is_staging = False
        self.wait_for_all()

    def wait_for_all(self) -> None:
        """Wait until every process is here."""
        this: Any = self
        this.accelerator.wait_for_everyone()

    def _save(self, output_dir: str | None = None, state_dict: dict[str, torch.Tensor] | None = None) -> None:
        """Save the trained tensors; `state_dict` is given when a sharded model was gathered."""
        this: Any = self
        if not this.args.should_save:
            return
        folder = Path(output_dir or this.args.output_dir)
        folder.mkdir(parents=True, exist_ok=True)
        trained = list_trained(this.model)
        save_weights({name: (state_dict or trained)[name] for name in trained}, folder / WEIGHTS)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Load the trained tensors strictly; a sharded model goes through accelerate, which is strict by itself."""
        this: Any = self
        if this.is_fsdp_enabled:
            super()._load_from_checkpoint(resume_from_checkpoint, model)  # type: ignore[misc]
            return
        load_weights(list_trained(this.model), Path(resume_from_checkpoint) / WEIGHTS)
