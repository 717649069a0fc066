"""Checkpoints in the Hugging Face layout; what asks them is `itb.models.hf`, imported only when one is named."""

from itb.bench import Bench
from itb.eval_settings import EvalSettings
from itb.models.adapter import Model
from itb.models.kind import ModelKind


def open_named(settings: EvalSettings, bench: Bench, max_new_tokens: int) -> Model:
    """The checkpoint that the settings name.

    Raises:
        MissingError, UsageError: as `open_checkpoint`.
    """
    from itb.models.hf import open_checkpoint

    return open_checkpoint(settings.model, settings, max_new_tokens)


KIND = ModelKind(open_named, can_score=True, packages=("torch", "transformers"))
