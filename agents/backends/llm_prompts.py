"""The prompts of the backend that asks a language model: which role asks with which, proved to fit."""

from collections.abc import Mapping
from pathlib import Path

from agents.backends.prompt_uses import NOTES, PROMPT_USES
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
    "debate_alone": "judge",
    "judge_captions": "judge",
    "rule_mining": "rules",
}


def load_used_prompts(folder: Path) -> dict[str, Prompt]:
    """The prompts that this backend asks with, proved to fit their use; those that a pack may lack only where it has
    them."""
    prompts = load_prompts(folder)
    problems = []
    for name in (NOTES, *PROMPT_ROLES):
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
        if NOTES in prompt.inputs and NOTES not in prompts:
            problems.append(explain_missing_notes(prompt))
    if problems:
        raise UsageError("\n".join(problems))
    return {name: prompts[name] for name in PROMPT_ROLES if name in prompts}


def load_notes(folder: Path) -> Prompt | None:
    """What writer and judge are told of an image; None in a pack whose prompts list captions and boxes themselves."""
    return load_prompts(folder).get(NOTES)


def find_judge_prompt(prompts: Mapping[str, Prompt], judge: str) -> str:
    """The prompt that instructions are judged with: a judge of the text alone has its own, where the pack has it."""
    return "debate_alone" if judge == "text-only" and "debate_alone" in prompts else "debate"


def explain_missing_notes(prompt: Prompt) -> str:
    """What to do about a prompt that wants the notes of a pack that has none."""
    return f"{prompt.path}: wants the input {NOTES!r}, which {NOTES}.md gives; copy it from {DEFAULT_PACK}"


def explain_missing(folder: Path, name: str) -> MissingError:
    """What to do about a prompt that a pack lacks."""
    remedy = ", or give --debate instructions" if name == "judge_captions" else ""
    return MissingError(f"{folder}/{name}.md: no such prompt; copy it from {DEFAULT_PACK}{remedy}")
