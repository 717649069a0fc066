"""Folders of saved models: what has to be there is there, and what is damaged is one sentence.

Everything that transformers loads for the trainer is loaded inside `explain_loading`.
"""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from transformers import AutoConfig, PretrainedConfig

from tools.errors import MissingError, UsageError, first_line, join_lines
from tools.files.json_text import read_object
from tools.processors import suggest_model

AGAIN = "copy the folder again"
WEIGHTS = ("*.safetensors", "pytorch_model*.bin")
INDEX = "model.safetensors.index.json"
_ERRORS = (
    OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError,
    ImportError, EOFError, SafetensorError,
)  # fmt: skip
"""What transformers raises on folders that were altered, seen by altering them."""


def read_fields(folder: Path) -> dict[str, Any]:
    """What a model folder's config.json holds.

    Raises:
        MissingError: there is none.
        UsageError: it is no JSON object.
    """
    path = folder / "config.json"
    if not path.is_file():
        advice = suggest_model(folder) or "give the folder of a saved model"
        raise MissingError(f"{folder}: no model folder, config.json is missing; {advice}")
    return read_object(path, AGAIN)


def check_weights(folder: Path) -> None:
    """Whether the weights that a model folder should hold are there; none is opened.

    Raises:
        MissingError: the folder, its config.json, its weights, or a part of them is not there.
        UsageError: the list of the parts is damaged.
    """
    read_fields(folder)
    if not any(next(folder.glob(pattern), None) for pattern in WEIGHTS):
        raise MissingError(f"{folder}: holds no weights (*.safetensors); copy them too")
    index = folder / INDEX
    if index.is_file():
        listed = read_object(index, AGAIN).get("weight_map")
        if not isinstance(listed, dict):
            raise UsageError(f"{index}: names no files (`weight_map`); {AGAIN}")
        absent = sorted({str(name) for name in listed.values() if not (folder / str(name)).is_file()})
        if absent:
            raise MissingError(f"{folder}: {len(absent)} files of its weights are missing, e.g. {absent[0]}; copy them")


@contextmanager
def explain_loading(folder: Path, what: str, remedy: str = AGAIN) -> Iterator[None]:
    """Turn what transformers says of a damaged folder into one sentence.

    Args:
        what: is loaded, e.g. `the tower`.

    Raises:
        UsageError: it could not be loaded.
    """
    try:
        yield
    except pickle.UnpicklingError as error:
        raise UsageError(
            f"{folder}: {what} cannot be loaded: its weights are a pickle that holds more than tensors, whose code is "
            "not run; convert it to safetensors where you trust it"
        ) from error
    except _ERRORS as error:
        raise UsageError(f"{folder}: {what} cannot be loaded ({join_lines(error)}); {remedy}") from error
    except Exception as error:
        if not _is_of_config(error):
            raise
        raise UsageError(f"{folder}: {what} cannot be loaded ({join_lines(error)}); {remedy}") from error


def _is_of_config(error: Exception) -> bool:
    """Whether it shares no base with Python's errors: complaints of a configuration's checks, tokenizers and Jinja."""
    return type(error) is Exception or type(error).__module__.startswith(("huggingface_hub.", "jinja2."))


def read_model_config(path: Path) -> PretrainedConfig:
    """The configuration of a model's folder, or of a config.json of any name.

    Raises:
        MissingError, UsageError: it is not there, or of an unknown kind.
    """
    from trainer.model import baselines, connectors  # noqa: F401 - make our model types known

    if path.is_file():
        fields = read_object(path, AGAIN)
        kind = fields.pop("model_type", None)
        if not isinstance(kind, str):
            raise UsageError(f"{path}: names no `model_type`; give the config.json of a saved model")
        with explain_loading(path, "the configuration"):
            make: Any = AutoConfig.for_model
            return check_config(make(kind, **fields), path)
    read_fields(path)
    with explain_loading(path, "its config.json"):
        load: Any = AutoConfig.from_pretrained
        return check_config(load(str(path)), path)


def check_config(config: Any, path: Path) -> PretrainedConfig:
    """A configuration whose sizes are sizes.

    Raises:
        UsageError: one is none.
    """
    for part in (config.get_text_config(), getattr(config, "vision_config", None)):
        for name in ("hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "patch_size"):
            value = getattr(part, name, 1)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise UsageError(f"{path}: its config.json says {name} = {value!r:.60}, which is no size; {AGAIN}")
    return config  # type: ignore[no-any-return]


def read_vision_config(folder: Path) -> Any:
    """The configuration of a vision tower: of its own folder, LanguageBind's too, or of a whole model.

    Raises:
        MissingError, UsageError: it is not there, or says nothing of a tower.
    """
    fields = read_fields(folder)
    if str(fields.get("model_type", "")).startswith("LanguageBind"):
        from transformers import CLIPVisionConfig

        from tools.languagebind.folder import read_config

        make: Any = CLIPVisionConfig
        return make(**read_config(folder / "config.json").vision)
    config = read_model_config(folder)
    vision = getattr(config, "vision_config", config)
    if not hasattr(vision, "patch_size") or not hasattr(vision, "image_size"):
        raise UsageError(
            f"{folder}: a model of the type `{config.model_type}` sees nothing; name the folder of a tower"
        )
    return vision


def explain_file(path: Path, error: BaseException) -> UsageError:
    """The error of a file of tensors that cannot be read."""
    return UsageError(f"{path}: cannot be read: truncated or damaged ({first_line(error)}); copy it again")
