"""`python -m agents preview`: the first conversations of a run, of which nothing is kept."""

from typing import Annotated

import typer

from agents.commands.key import ready_key
from agents.commands.options import EXAMPLE
from agents.config import RunConfig
from tools.terminal.cli import stdout, takes_settings

HELP = (
    "Do the first images of a run and show the conversations; nothing is kept.\n\n"
    + EXAMPLE.format(verb="preview")
    + " 3"
)


@takes_settings(RunConfig)
def preview(config: RunConfig, count: Annotated[int, typer.Argument(help="How many images.", min=1)] = 3) -> None:
    """Do the first images and show the conversations."""
    from agents.running.plan import run_preview

    ready_key(config)
    for page in run_preview(config, count):
        stdout.print(page)
