"""Prompts for people: a table of them, and one of them on its sample."""

from collections.abc import Iterable
from pathlib import Path

from rich.console import Group
from rich.rule import Rule as Line
from rich.table import Table
from rich.text import Text

from agents.commands.prompts.sample import fill_prompt, load_sample
from tools.errors import UsageError
from tools.prompts.folder import load_prompts
from tools.prompts.front_matter import name_nearest
from tools.prompts.prompt import Prompt, PromptMessage

CHARACTERS_PER_TOKEN = 4
STYLES = {"system": "magenta", "user": "cyan", "assistant": "green"}


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
