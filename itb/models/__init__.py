"""What can be evaluated: one small file a kind, one line in the table `EVALUATED_MODELS`, imported when asked for."""

from itb.benchmark.bench import Bench
from itb.models.adapter import Model, Reply, Unit
from itb.models.kind import ModelKind, find_kind
from itb.models.settings import EvalSettings

__all__ = ["Model", "ModelKind", "Reply", "Unit", "find_kind", "open_model"]


def open_model(settings: EvalSettings, bench: Bench, max_new_tokens: int) -> Model:
    """The model that `--model` names.

    Raises:
        MissingError: there is no such folder, file, weights or key.
        UsageError: it cannot be asked in this way.
    """
    return find_kind(settings).open(settings, bench, max_new_tokens)
