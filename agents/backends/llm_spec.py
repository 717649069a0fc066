"""What the backend that asks a language model needs: models and sampling by role, and its prompts, proved to fit."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from agents.config import Role, RoleSettings
from agents.prompts_command import SLOTS
from tools.endpoint.connection import EndpointConfig
from tools.errors import MissingError, UsageError
from tools.prompts import Prompt, load_prompts
from tools.prompts.texts import read_texts

DESCRIPTION_REQUESTS = "description_requests.yaml"
PROMPT_ROLES: dict[str, Role] = {
    "caption_filter": "caption",
    "conversation": "task",
    "description": "task",
    "reasoning": "task",
    "debate": "judge",
    "rule_mining": "rules",
}


class LlmSpec(NamedTuple):
    """What the backend needs besides prompts and lexicon; travels to other processes, and holds no key.

    Attributes:
        run: the run folder that image paths are relative to.
        skips_clean: captions in which the lexicon finds nothing are not sent, but for a share of them.
        skips_failed: what the endpoint does not answer becomes a reject.
    """

    model: str
    endpoint: EndpointConfig
    run: Path
    roles: Mapping[Role, RoleSettings] = {}
    judge: Literal["findings", "text-only", "vision"] = "findings"
    content_attempts: int = 2
    skips_clean: bool = False
    skips_failed: bool = False

    def find_model(self, role: Role) -> str:
        """The model of a role."""
        settings = self.roles.get(role)
        return (settings and settings.model) or self.model

    def find_options(self, role: Role, prompt: Prompt) -> dict[str, Any]:
        """How a role samples: its own settings, else the prompt's."""
        own = self.roles.get(role) or RoleSettings()
        sampling = prompt.sampling
        options: dict[str, Any] = {
            "temperature": sampling.temperature if own.temperature is None else own.temperature,
            "max_tokens": own.max_tokens or sampling.max_tokens,
            **own.options,
        }
        return {name: value for name, value in options.items() if value is not None}

    def describe(self) -> str:
        """Everything here that decides replies."""
        parts = [self.model, f"judge={self.judge}", f"attempts={self.content_attempts}"]
        parts += [
            f"{role}={json.dumps(own.model_dump(exclude_unset=True))}" for role, own in sorted(self.roles.items())
        ]
        return " ".join(parts)


def load_used_prompts(folder: Path) -> dict[str, Prompt]:
    """The prompts that this backend asks with, proved to fit their use."""
    prompts = load_prompts(folder)
    problems = []
    for name in PROMPT_ROLES:
        if name not in prompts:
            raise MissingError(f"{folder}/{name}.md: no such prompt; copy it from prompts/infrared")
        output, inputs = SLOTS[name]
        prompt = prompts[name]
        if prompt.output != output:
            problems.append(f"{prompt.path}: its output is {prompt.output!r}, here it has to be {output!r}")
        problems += [
            f"{prompt.path}: wants the input {given!r}, there are: {', '.join(inputs)}"
            for given in prompt.inputs
            if given not in inputs
        ]
    if problems:
        raise UsageError("\n".join(problems))
    return {name: prompts[name] for name in PROMPT_ROLES}


def load_description_requests(folder: Path) -> tuple[str, ...]:
    """The requests of `description_requests.yaml`.

    Raises:
        MissingError: there is no such file.
        UsageError: it is not a list of texts.
    """
    path = folder / DESCRIPTION_REQUESTS
    if not path.is_file():
        raise MissingError(f"{path}: no such file; copy it from prompts/infrared")
    return read_texts(path, "requests", "Describe what this image shows.")
