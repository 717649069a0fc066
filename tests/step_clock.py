"""CPU seconds of training, step by step, for the scripts that compare trainers."""

import time
from typing import Any


class Clock:
    """CPU seconds at the end of each step."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def wrap(self, trainer: Any) -> Any:
        """The trainer, ticking."""
        from transformers import TrainerCallback

        times = self.times

        class Tick(TrainerCallback):
            def on_step_end(self, *_: Any, **__: Any) -> None:
                times.append(time.process_time())

        trainer.add_callback(Tick())
        return trainer
