"""`python -m agents prompts`: list and show the prompt files of a modality pack, and check the whole pack."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.rule import Rule as Line
from rich.table import Table
from rich.text import Text

from agents.backends.slots import SLOTS
from agents.commands.pack_check import examine_pack
from agents.commands.prompts_sample import fill_prompt, load_sample
from tools.errors import ToolkitError, UsageError
from tools.prompts import Examination, Prompt, PromptMessage, examine_prompts, load_prompts, prompts_digest
from tools.prompts.front_matter import name_nearest
from tools.prompts.option import PackOption
from tools.prompts.pack import DEFAULT_PACK
from tools.terminal.cli import make_app, stdout

CHARACTERS_PER_TOKEN = 4
STYLES = {"system": "magenta", "user": "cyan", "assistant": "green"}

prompts_app = make_app("The prompt files: list them, check them, show one on a sample. First: `prompts list`.")


@prompts_app.command("list")
def list_command(pack: PackOption = DEFAULT_PACK) -> None:
    """List the prompts. Example: python -m agents prompts list"""
    stdout.print(show_prompts(load_prompts(pack).values()))
    stdout.print(f"digest of the folder: {prompts_digest(pack)}")


@prompts_app.command("check")
def check_command(pack: PackOption = DEFAULT_PACK) -> None:
    """Prove every file of a pack. Example: python -m agents prompts check --pack prompts/mine"""
    stdout.print(check_prompts(pack), soft_wrap=True, markup=False)


@prompts_app.command("render")
def render_command(
    prompt: Annotated[str, typer.Argument(metavar="ID", help="A prompt, e.g. debate.")],
    pack: PackOption = DEFAULT_PACK,
) -> None:
    """Show a prompt on a sample, as a model gets it. Example: python -m agents prompts render debate"""
    stdout.print(render_prompt(prompt, pack), soft_wrap=True)


def show_prompts(prompts: Iterable[Prompt]) -> Table:
    """A table: id, version, inputs, output, sampling, digest."""
    table = Table(
        "id", "version", "inputs", "output", "sampling", "digest", box=None, padding=(0, 1), header_style="bold"
    )
    for prompt in prompts:
        sampling = prompt.sampling
        cells = (
            prompt.id,
            str(prompt.version),
            ", ".join(prompt.inputs),
            prompt.output,
            f"T={sampling.temperature:g} n={sampling.n} max={sampling.max_tokens}",
            prompt.digest[:8],
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


def check_prompts(prompts_dir: Path) -> str:
    """Load and render everything in a folder; what was found when it is sound.

    Raises:
        UsageError: lists every problem, of the prompts, the sample and the pack's other files.
        MissingError: there is no such folder, or no prompt in it.
    """
    found = examine_prompts(prompts_dir)
    problems = [*found.problems, *_check_slots(prompts_dir, found), *_check_rendering(prompts_dir, found)]
    sizes, others = examine_pack(prompts_dir)
    problems += others
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise UsageError("\n".join([f"{count} in {prompts_dir}", *problems]))
    return (
        f"OK: {len(found.prompts)} prompts, a lexicon of {sizes.categories} categories and {sizes.seed_rules} seed "
        f"rules in {prompts_dir}, digest {prompts_digest(prompts_dir)}"
    )


def _check_slots(prompts_dir: Path, found: Examination) -> list[str]:
    problems = []
    for name, slots in SLOTS.items():
        prompt = found.prompts.get(name)
        if prompt is None:
            if not (prompts_dir / f"{name}.md").exists():
                problems.append(f"{prompts_dir}: the prompt {name}.md is missing; copy it from {DEFAULT_PACK}.")
            continue
        if prompt.output != slots.output:
            problems.append(f"{prompt.path}: the output is {prompt.output!r}; the agents read {slots.output!r} there.")
        unknown = [name for name in prompt.inputs if name not in slots.inputs]
        if unknown:
            problems.append(
                f"{prompt.path}: there is nothing to put into {', '.join(unknown)}; "
                f"this prompt is given: {', '.join(slots.inputs)}."
            )
    return problems


def _check_rendering(prompts_dir: Path, found: Examination) -> list[str]:
    try:
        sample = load_sample(prompts_dir)
    except ToolkitError as error:
        return [str(error)]
    problems = []
    for name, prompt in found.prompts.items():
        if name not in SLOTS or set(prompt.inputs) <= set(SLOTS[name].inputs):
            try:
                fill_prompt(prompt, sample)
            except UsageError as error:
                problems.append(str(error))
    return problems


def render_prompt(prompt_id: str, prompts_dir: Path) -> Group:
    """A prompt on the sample of its folder, section by section, with an estimate of its tokens.

    Raises:
        UsageError: no such prompt, or the folder has problems.
    """
    prompts = load_prompts(prompts_dir)
    if prompt_id not in prompts:
        hint = name_nearest(prompt_id, prompts)
        raise UsageError(f"no prompt {prompt_id!r} in {prompts_dir}; {hint}there are: {', '.join(prompts)}")
    prompt, sample = prompts[prompt_id], load_sample(prompts_dir)
    messages = fill_prompt(prompt, sample)
    parts = [part for place, message in enumerate(messages, 1) for part in _show_message(place, messages[-1], message)]
    return Group(Text(f"{prompt.id}, version {prompt.version}, on the {sample.about}"), *parts, _count(messages))


def _show_message(place: int, last: PromptMessage, message: PromptMessage) -> tuple[Text | Line, ...]:
    meaning = " (the request)" if message is last else " (example)" if message.role != "system" else ""
    style = STYLES[message.role]
    title = Text(f" {place} {message.role}{meaning} ", style=f"bold {style}")
    return Text(), Line(title, align="left", style=style), Text(message.content)


def _count(messages: tuple[PromptMessage, ...]) -> Text:
    characters = sum(len(message.content) for message in messages)
    fixed = sum(len(message.content) for message in messages[:-1])
    tokens, cached = characters // CHARACTERS_PER_TOKEN, fixed // CHARACTERS_PER_TOKEN
    return Text(
        f"\nabout {tokens} tokens, of which about {cached} are the same in every request "
        f"(an estimate: characters / {CHARACTERS_PER_TOKEN})",
        style="yellow",
    )
