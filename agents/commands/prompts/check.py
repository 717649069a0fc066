"""What `prompts check` proves: the prompts, what the agents put into them, the sample, and the pack's other files."""

from pathlib import Path

from agents.backends.llm_prompts import explain_missing_notes
from agents.backends.prompt_uses import NOTES, PROMPT_USES
from agents.commands.prompts.pack import examine_pack
from agents.commands.prompts.sample import fill_prompt, load_sample
from tools.errors import ToolkitError, UsageError
from tools.prompts import DEFAULT_PACK
from tools.prompts.folder import Examination, examine_prompts, prompts_digest


def check_prompts(prompts_dir: Path) -> str:
    """Load and render everything in a folder; what was found when it is sound.

    Raises:
        UsageError: lists every problem, of the prompts, the sample and the pack's other files.
        MissingError: there is no such folder, or no prompt in it.
    """
    found = examine_prompts(prompts_dir)
    problems = [*found.problems, *_check_uses(prompts_dir, found), *_check_rendering(prompts_dir, found)]
    sizes, others = examine_pack(prompts_dir)
    problems += others
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise UsageError("\n".join([f"{count} in {prompts_dir}", *problems]))
    reverted = f" ({sizes.reverted} rules reverted)" if sizes.reverted else ""
    return (
        f"OK: {len(found.prompts)} prompts, a lexicon of {sizes.categories} categories and {sizes.seed_rules} seed "
        f"rules{reverted} in {prompts_dir}, digest {prompts_digest(prompts_dir)}"
    )


def _check_uses(prompts_dir: Path, found: Examination) -> list[str]:
    problems = []
    for name, use in PROMPT_USES.items():
        prompt = found.prompts.get(name)
        if prompt is None:
            if not use.is_optional and not (prompts_dir / f"{name}.md").exists():
                problems.append(f"{prompts_dir}: the prompt {name}.md is missing; copy it from {DEFAULT_PACK}.")
            continue
        if prompt.output != use.output:
            problems.append(f"{prompt.path}: the output is {prompt.output!r}; the agents read {use.output!r} there.")
        unknown = [name for name in prompt.inputs if name not in use.inputs]
        if unknown:
            problems.append(
                f"{prompt.path}: there is nothing to put into {', '.join(unknown)}; "
                f"this prompt is given: {', '.join(use.inputs)}."
            )
        if NOTES in prompt.inputs and not (prompts_dir / f"{NOTES}.md").exists():
            problems.append(f"{explain_missing_notes(prompt)}.")
    return problems


def _check_rendering(prompts_dir: Path, found: Examination) -> list[str]:
    try:
        sample = load_sample(prompts_dir)
    except ToolkitError as error:
        return [str(error)]
    problems = []
    for name, prompt in found.prompts.items():
        if name not in PROMPT_USES or set(prompt.inputs) <= set(PROMPT_USES[name].inputs):
            try:
                fill_prompt(prompt, sample)
            except ToolkitError as error:
                problems.append(str(error))
    return list(dict.fromkeys(problems))
