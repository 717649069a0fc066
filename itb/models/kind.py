"""What kinds of models there are to be evaluated: which values of `--model` mean which, and how each is opened."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from itb.benchmark.bench import Bench
from itb.models.adapter import Model
from itb.models.settings import EvalSettings, list_models
from tools.errors import MissingError, UsageError
from tools.registry import EVALUATED_MODELS, Entry


@dataclass(frozen=True)
class ModelKind:
    """A kind of model.

    Attributes:
        open: the model that the settings name, for a benchmark and replies of so many tokens at most.
        can_score: whether it knows how likely an answer is, as `--protocol likelihood` needs.
        packages: whose versions shape its replies.
        is_sharded: it computes, so that many machines may each hold one and share the questions about images.
    """

    open: Callable[[EvalSettings, Bench, int], Model]
    can_score: bool = False
    packages: tuple[str, ...] = ()
    is_sharded: bool = False


def find_kind(settings: EvalSettings) -> ModelKind:
    """The kind of what `--model` names: an entry of this name, else the one listed last that takes such a value.

    Raises:
        MissingError: none takes it.
        UsageError: it cannot be asked under the protocol.
    """
    value = settings.model
    named = [entry for entry in EVALUATED_MODELS.entries() if "takes" not in entry.traits and entry.name == value]
    found = named or [entry for entry in reversed(EVALUATED_MODELS.entries()) if takes(entry, value)]
    if not found:
        raise MissingError(
            f"--model {value}: no such checkpoint folder or file of replies, nor anything else that can be asked; "
            f"--model takes: {list_models()}"
        )
    kind: ModelKind = EVALUATED_MODELS.load(found[0].name)
    if settings.protocol == "likelihood" and not kind.can_score:
        raise UsageError(
            f"--protocol likelihood needs a model's weights, and --model {value} has none here; give a checkpoint, or "
            "leave --protocol out"
        )
    return kind


def takes(entry: Entry, value: str) -> bool:
    """Whether a value that is no name can mean an entry: a file, a folder, or text of a pattern that is no path."""
    path = Path(value)
    checks: dict[str, Callable[[], bool]] = {"file": path.is_file, "folder": path.is_dir}
    is_mistyped = path.parent != Path() and path.parent.is_dir() and not path.exists()
    return any(
        checks[form]() if form in checks else bool(re.fullmatch(form, value)) and not path.exists() and not is_mistyped
        for form in entry.traits.get("takes", ())
    )
