"""The prompts of the backend that asks a language model: which role asks with which, proved to fit."""

from pathlib import Path

from agents.backends.prompt_uses import PROMPT_USES
from agents.config import Role
from tools.errors import MissingError, UsageError
from tools.prompts import DEFAULT_PACK
from tools.prompts.folder import load_prompts
from tools.prompts.prompt import Prompt

PROMPT_ROLES: dict[str, Role] = {
    "caption_filter": "caption",
    "conversation": "task",
    "description": "task",
    "reasoning": "task",
    "sensor": "task",
    "caption_image": "caption",
    "debate": "judge",
    "rule_mining": "rules",
}


def load_used_prompts(folder: Path) -> dict[str, Prompt]:
    """The prompts that this backend asks with, proved to fit their use; those that a pack may lack only where it has
    them."""
    prompts = load_prompts(folder)
    problems = []
    for name in PROMPT_ROLES:
        output, inputs, is_optional = PROMPT_USES[name]
        if name not in prompts and is_optional:
            continue
        if name not in prompts:
            raise explain_missing(folder, name)
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
    return {name: prompts[name] for name in PROMPT_ROLES if name in prompts}


def explain_missing(folder: Path, name: str) -> MissingError:
    """What to do about a prompt that a pack lacks."""
    return MissingError(f"{folder}/{name}.md: no such prompt; copy it from {DEFAULT_PACK}")
