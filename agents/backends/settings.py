"""The settings of the `llm` backend; nothing heavy is imported here."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import Field, field_validator

from agents.config import OPENAI_URL, Role, RoleSettings
from tools.endpoint.connection import split_urls
from tools.records import Record
from tools.registry import CAME_LATER, NOT_FROZEN

if TYPE_CHECKING:
    from tools.endpoint.client import EndpointConfig
    from tools.prompts.prompt import Prompt


def _way(default: Any, description: str, **limits: Any) -> Any:
    """A setting of how the endpoint is reached, which changes no reply."""
    return Field(default, description=description, json_schema_extra=NOT_FROZEN, **limits)


class LlmSettings(Record):
    """Models, sampling, judge and endpoint. Values that the paper does not give are marked so."""

    model: str = Field(min_length=1, description="Model of every role, as the endpoint names it.")
    base_url: str = _way(
        OPENAI_URL, "Where the model is served, up to `/v1`; several servers of one model, comma between."
    )
    key_variable: str = _way("OPENAI_API_KEY", "Environment variable that holds the key; the best place for it.")
    roles: dict[Role, RoleSettings] = Field(
        {},
        description="A role's own model and sampling, in --config only: `roles: {judge: {model: m, temperature: 0}}`; "
        "roles: caption, task, judge, rules.",
    )
    judge: Literal["findings", "text-only", "vision"] = Field(
        "findings",
        description="What the judge is given besides the text: `findings` of checks without a model, `text-only` "
        "nothing (the paper), `vision` findings and the image of the modality.",
    )
    vision: bool = Field(
        False,
        description="Show the caption agent's model an image that came without a caption; what it then says of "
        "brightness is measured where it says it sees it.",
        json_schema_extra=CAME_LATER,
    )
    writer_list: Literal["on", "off"] = Field(
        "off",
        description="Give those who write the list of what the modality cannot show, besides the rules in force. `off` "
        "is the paper's: only the judge has it, so that there is something to object to.",
        json_schema_extra=CAME_LATER,
    )
    notes: Literal["grouped", "raw"] = Field(
        "grouped",
        description="Boxes as writer and judge are told of them: `grouped` by label and counted, with what contradicts "
        "them, `raw` one by one (the paper).",
        json_schema_extra=CAME_LATER,
    )
    recall: Literal["on", "off"] = Field(
        "on",
        description="Tell each request what was objected to and mined earlier in the same image; `off` is the paper's.",
        json_schema_extra=CAME_LATER,
    )
    directives: Literal["on", "off"] = Field(
        "on",
        description="Ask each writer for something of its own besides the task, drawn from the pack's directives.yaml: "
        "length, opening, what to ask; `off` is the paper's.",
        json_schema_extra=CAME_LATER,
    )
    examples: Literal["rotating", "fixed"] = Field(
        "rotating",
        description="Which worked examples writers are shown: one of the prompt's sets, drawn for each image, or "
        "always the first (the paper).",
        json_schema_extra=CAME_LATER,
    )
    content_attempts: int = Field(
        2, ge=1, le=10, description="Times a question is asked until its reply can be parsed. Not in the paper."
    )
    requests_per_minute: float | None = _way(None, "The endpoint's limit; asked no faster.", gt=0)
    tokens_per_minute: float | None = _way(None, "The endpoint's limit; asked no faster.", gt=0)
    timeout: float = _way(120.0, "Seconds before one attempt of a request is given up.", gt=0)
    attempts: int = _way(
        6, "Attempts of a request that times out, is throttled or meets a server's fault.", ge=1, le=100
    )
    skip_failed: bool = _way(
        False, "Reject what the endpoint does not answer after all attempts, instead of stopping the run."
    )
    record: Path | None = _way(
        None, "Write every question's origin and its replies to this file, for the backend `recorded` to play."
    )
    skip_clean_captions: bool = Field(
        False,
        description="Do not send captions in which the lexicon finds nothing. Differs from the paper; the manifest has "
        "what it saves and, from 5 % of them that are sent all the same, what it misses.",
    )

    @field_validator("base_url")
    @classmethod
    def _check_base_url(cls, value: str) -> str:
        split_urls(value)
        return value

    @property
    def needs_images(self) -> str | None:
        """The flag that makes this backend look at images, None when it looks at none."""
        return "--judge vision" if self.judge == "vision" else "--vision" if self.vision else None

    def find_model(self, role: Role) -> str:
        """The model of a role."""
        settings = self.roles.get(role)
        return (settings and settings.model) or self.model

    def list_models(self) -> tuple[str, ...]:
        """The models that are asked."""
        return tuple(sorted({self.find_model(role) for role in get_args(Role)}))

    @property
    def judges_itself(self) -> bool:
        """Whether one model writes and judges."""
        return self.find_model("judge") == self.find_model("task")

    def find_options(self, role: Role, prompt: "Prompt") -> dict[str, Any]:
        """How a role samples: its own settings, else the prompt's."""
        own = self.roles.get(role) or RoleSettings()
        sampling = prompt.sampling
        options: dict[str, Any] = {
            "temperature": sampling.temperature if own.temperature is None else own.temperature,
            "max_tokens": own.max_tokens or sampling.max_tokens,
            **own.options,
        }
        return {name: value for name, value in options.items() if value is not None}

    def make_endpoint(self, concurrency: int) -> "EndpointConfig":
        """How to reach the models."""
        from tools.endpoint.client import EndpointConfig

        return EndpointConfig(
            base_urls=split_urls(self.base_url),
            timeout_seconds=self.timeout,
            attempts=self.attempts,
            concurrency=concurrency,
            requests_per_minute=self.requests_per_minute,
            tokens_per_minute=self.tokens_per_minute,
            key_variable=self.key_variable,
        )

    def describe(self) -> str:
        """Everything here that decides replies."""
        parts = [self.model, f"judge={self.judge}", f"attempts={self.content_attempts}"]
        parts += ["vision"] if self.vision else []
        parts += ["writer-list=on"] if self.writer_list == "on" else []
        parts += ["notes=raw"] if self.notes == "raw" else []
        parts += ["recall=off"] if self.recall == "off" else []
        parts += ["directives=off"] if self.directives == "off" else []
        parts += ["examples=fixed"] if self.examples == "fixed" else []
        parts += [
            f"{role}={json.dumps(own.model_dump(exclude_unset=True))}" for role, own in sorted(self.roles.items())
        ]
        return " ".join(parts)
