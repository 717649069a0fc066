"""Checkpoints in the Hugging Face layout; what asks them is `itb.models.hf`, imported only when one is named."""

from itb.benchmark.bench import Bench
from itb.models.adapter import Model
from itb.models.kind import ModelKind
from itb.models.settings import EvalSettings


def open_named(settings: EvalSettings, bench: Bench, max_new_tokens: int) -> Model:
    """The checkpoint that the settings name.

    Raises:
        MissingError, UsageError: as `open_checkpoint`.
    """
    from itb.models.hf import open_checkpoint

    return open_checkpoint(settings.model, settings, max_new_tokens)


KIND = ModelKind(open_named, can_score=True, packages=("torch", "transformers"), is_sharded=True)
