"""`python -m tools photographs`: the demo's photographs."""

from pathlib import Path
from typing import Annotated

import typer

from tools.terminal.cli import stdout


def photographs(out: Annotated[Path, typer.Option(help="Folder for the photographs and their annotations.")]) -> None:
    """Collect the demo's photographs from installed packages, with captions and boxes, and settings to run on them.

    Example: python -m tools photographs --out runs/demo-photographs
    """
    from tools.photographs import collect_photographs, write_settings

    stdout.print(str(write_settings(out, collect_photographs(out))), soft_wrap=True)
