"""The settings of an evaluation: one description of each serves code, `--help` and `--config`."""

from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from itb.answers import Parsing
from itb.records import Context, TaskName, find_foreign
from itb.tasks import order_tasks
from tools.endpoint import KEY_VARIABLE
from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PACK_ALIASES
from tools.registry import CHECKPOINT_WAYS, EVALUATED_MODELS, TASKS, OneOf

KEY_HINT = f"put the key into the environment variable {KEY_VARIABLE} (--key-variable names another)"
Protocol = Literal["generate", "likelihood"]
Precision = Literal["auto", "fp32", "bf16", "fp16"]
ImageBackend = Literal["pillow", "torchvision"]


def _field(panel: str, default: Any, description: str, *, is_yaml_only: bool = False, **more: Any) -> Any:
    extra: dict[str, Any] = {"panel": panel, "is_yaml_only": is_yaml_only}
    return Field(default, description=description, json_schema_extra=extra, **more)


def list_models() -> str:
    """What `--model` takes, in words: names, then what is no name."""
    entries = EVALUATED_MODELS.entries()
    names = ", ".join(entry.name for entry in entries if "takes" not in entry.traits)
    return "; ".join([names, *(str(entry.traits["values"]) for entry in entries if "takes" in entry.traits)])


class EvalSettings(BaseModel):
    """Everything an evaluation can be told. None of the defaults is in the paper, which names the metric alone."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    model: str = _field(
        "Options",
        ...,
        f"{list_models()}.",
    )
    model_name: str | None = _field("Model", None, "What an endpoint calls the model.")
    protocol: Protocol = _field(
        "Model", "generate", "generate: the reply is parsed; likelihood: the most likely answer counts."
    )
    batch: int = _field("Model", 16, "Questions at once of a checkpoint.", ge=1)
    device: str | None = _field("Model", None, "cpu, cuda or cuda:N; the first GPU when there is one.")
    dtype: Precision = _field("Model", "auto", "auto is the checkpoint's own on a GPU, fp32 on a processor.")
    image_processor: ImageBackend = _field(
        "Model",
        "pillow",
        "Which of transformers' image processors of a checkpoint, where it has both; they differ by a grey level, and "
        "lmms-eval takes torchvision's.",
    )
    way: str | None = _field(
        "Model",
        None,
        f"How a checkpoint is run: one of {', '.join(CHECKPOINT_WAYS.names())}; left out, the fast one where it proves "
        "itself.",
    )
    concurrency: int = _field("Model", 32, "Requests to an endpoint at once.", ge=1, le=1024)
    key_variable: str = _field("Model", KEY_VARIABLE, "Environment variable with the key of an endpoint.")
    options: dict[str, Any] = _field(
        "Model", {}, "What else an endpoint is sent; null takes an option out.", is_yaml_only=True
    )
    max_new_tokens: int | None = _field("Model", None, "Longest reply; the prompt file's when left out.", ge=1, le=4096)
    executor: Literal["local", "ray"] = _field(
        "Model",
        "local",
        "ray: share a checkpoint's questions among actors of a Ray cluster; changes nothing in the predictions.",
    )
    address: str | None = _field(
        "Model", None, "With --executor ray: the cluster, HOST:PORT or auto; without it this machine alone."
    )
    actors: int | None = _field("Model", None, "With --executor ray: how many; as many as there is room for.", ge=1)
    actor_gpus: float | None = _field(
        "Model", None, "GPUs of each actor, a part of one too; one where the cluster has any.", ge=0
    )
    actor_cpus: float = _field("Model", 1.0, "Processors of each actor.", gt=0)
    seed: int = _field("Model", 0, "Seed of the chance baseline's draws.")

    out: Path = _field("Options", ..., "Predictions (JSONL); run again on the same file to go on.")
    split: Literal["train", "test", "all"] = _field("Options", "test", "Which items are asked.")
    task: str | None = _field("Options", None, f"Only these tasks, with commas between: {OneOf('task').describe()}.")
    limit: int | None = _field("Options", None, "Only the first N items of each task; can grow later.", ge=1)
    source: str | None = _field(
        "Questions", None, "NAME=DIR with commas between: where the images of a source are, if they were not copied."
    )
    pack: Path = _field(
        "Questions",
        DEFAULT_PACK,
        "Modality pack with context.md and itb/ask.md.",
        validation_alias=PACK_ALIASES,
    )
    context: Context = _field("Questions", "off", "on, off or both: with the pack's paragraph on what its images show.")
    rotate_options: bool = _field("Questions", False, "Ask again with the options at every other place.")
    perturb: str | None = _field(
        "Questions",
        None,
        "Ask again with changed images: polarity, colour-iron, colour-rainbow, colour-arctic, gain, noise, resolution, "
        "jpeg, with commas between.",
    )
    parsing: Parsing = _field("Questions", "lenient", "lenient finds the answer in a sentence; strict takes it alone.")

    @field_validator("task")
    @classmethod
    def _check_tasks(cls, value: str | None) -> str | None:
        unknown = [name for name in split_list(value) if name not in TASKS.names() and not find_foreign(name)]
        if unknown:
            raise ValueError(f"there is no task {unknown[0]!r}; known: {', '.join(TASKS.names())}")
        return value

    @field_validator("model")
    @classmethod
    def _check_addresses(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            return value
        for url in split_list(value):
            parts = urlsplit(url)
            if parts.username or parts.password or parts.query:
                raise ValueError(f"an address with a password or a query would be written down; {KEY_HINT}")
            if parts.scheme not in ("http", "https") or not parts.netloc:
                raise ValueError(f"{url!r} is no address such as http://localhost:8000/v1")
        return value

    @field_validator("source")
    @classmethod
    def _check_sources(cls, value: str | None) -> str | None:
        wrong = [part for part in split_list(value) if "=" not in part]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is not NAME=DIR, e.g. flir=data/FLIR_ADAS_1_3")
        return value

    @property
    def tasks(self) -> tuple[TaskName, ...]:
        """The tasks named; empty for all."""
        return tuple(order_tasks(split_list(self.task)))

    @property
    def roots(self) -> dict[str, Path]:
        """Folder of each source that was named."""
        return {name: Path(folder) for name, _, folder in (part.partition("=") for part in split_list(self.source))}


def split_list(text: str | None) -> list[str]:
    """The parts of a list with commas, without blanks around them."""
    return [part.strip() for part in (text or "").split(",") if part.strip()]
