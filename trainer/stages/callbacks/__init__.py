"""What happens beside the steps: the epoch's order, log lines at checkpoints, the progress bar, the proof of FSDP."""

from typing import Any

from transformers import TrainerCallback

from tools.errors import UsageError
from tools.terminal.bars import make_bar
from trainer.stages.order import EpochOrder


class LogAtSaves(TrainerCallback):
    """Logs whenever a checkpoint is saved.

    A log line is the mean loss since the line before it. Were a run killed between two lines, the resumed one would
    average over fewer steps; with a line at each checkpoint both write the same numbers.
    """

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        """Ask for a line."""
        control.should_log = control.should_log or control.should_save
        return control


class SetEpoch(TrainerCallback):
    """Tells the order which epoch begins, also when a run is resumed inside a later one."""

    def __init__(self, order: EpochOrder) -> None:
        self._order = order

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """The epoch follows from the steps that were made."""
        per_epoch = len(self._order) // (args.train_batch_size * args.gradient_accumulation_steps * args.world_size)
        self._order.set_epoch(state.global_step // per_epoch)


class ProveSharding(TrainerCallback):
    """Stops when FSDP was asked for and the model is not sharded."""

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        """Look for sharded tensors."""
        from torch.distributed.tensor import DTensor

        if not any(isinstance(parameter, DTensor) for parameter in model.parameters()):
            raise UsageError("parallel: fsdp was asked for, but no parameter is sharded; use parallel: auto")


class ShowProgress(TrainerCallback):
    """A bar on stderr: steps, loss, tokens and samples a second, memory."""

    def __init__(self, title: str) -> None:
        self._bar = make_bar("note")
        self._task = self._bar.add_task(title, total=None, note="")

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start at the step that is done already."""
        if state.is_world_process_zero:
            self._bar.update(self._task, total=state.max_steps, completed=state.global_step)
            self._bar.start()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """One step more."""
        self._bar.update(self._task, completed=state.global_step)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any) -> None:
        """Show the newest line."""
        if logs and "loss" in logs:
            rates = f"{logs['tokens_per_second']:,.0f} tokens/s {logs['samples_per_second']:.1f} samples/s"
            self._bar.update(self._task, note=f"loss {logs['loss']:.4f} {rates} {logs['memory_gb']:.1f} GB")

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Leave the bar as it stands."""
        self.stop()

    def stop(self) -> None:
        """Give the terminal back, also after an error."""
        self._bar.stop()
