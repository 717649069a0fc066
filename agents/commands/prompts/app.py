"""`python -m agents prompts`: list and show the prompt files of a modality pack, and check the whole pack."""

from typing import Annotated

import typer

from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PackOption
from tools.terminal.cli import make_app, stdout

prompts_app = make_app(
    "The prompt files: list them, check them, show one on a sample.\n\nExample: python -m agents prompts list"
)


@prompts_app.command("list")
def list_command(pack: PackOption = DEFAULT_PACK) -> None:
    """List the prompts. Example: python -m agents prompts list"""
    from agents.commands.prompts.show import show_prompts
    from tools.prompts.folder import load_prompts, prompts_digest

    stdout.print(show_prompts(load_prompts(pack).values()))
    stdout.print(f"digest of the folder: {prompts_digest(pack)}")


@prompts_app.command("check")
def check_command(pack: PackOption = DEFAULT_PACK) -> None:
    """Prove every file of a pack. Example: python -m agents prompts check --pack prompts/mine"""
    from agents.commands.prompts.check import check_prompts

    stdout.print(check_prompts(pack), soft_wrap=True)


@prompts_app.command("render")
def render_command(
    prompt: Annotated[str, typer.Argument(metavar="ID", help="A prompt, e.g. debate.")],
    pack: PackOption = DEFAULT_PACK,
) -> None:
    """Show a prompt on a sample, as a model gets it. Example: python -m agents prompts render debate"""
    from agents.commands.prompts.show import render_prompt

    stdout.print(render_prompt(prompt, pack), soft_wrap=True)
