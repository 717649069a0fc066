"""How batches are made and go into a model.

`llava` for Infrared-LLaVA, `peer` for the paper's peers, `vlm` for the models of other makers.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from trainer.stages.freezing import PartName


class Feed(Protocol):
    """What a stage of training asks of the kind of its model."""

    def name_part(self, parameter: str, /) -> PartName:
        """The part of the model that a parameter belongs to."""

    def begin(self, paths: Sequence[Path], cache: Path | None, arguments: Any) -> Any:
        """The collator of training.

        Args:
            paths: of all pictures; cache: folder for what the frozen parts make of them, None for none.
            arguments: of the trainer, for its device and its processes.
        """

    def feed(self, inputs: dict[str, Any]) -> dict[str, Any]:
        """A batch of the collator as the model takes it."""

    def explain(self) -> AbstractContextManager[None]:
        """Turns what a model raises of settings that it cannot take into one sentence."""

    def end(self) -> None:
        """Put everything back as it was."""
