"""`python -m agents picture`: one image's way as a single picture."""

from pathlib import Path
from typing import Annotated

import typer

from agents.commands.options import RowId, RunFolder
from tools.terminal.cli import stdout


def picture(
    run: RunFolder,
    id: RowId,
    out: Annotated[Path, typer.Option(help="PNG or JPEG file to write.")],
    images: Annotated[Path | None, typer.Option(help="Folder of the photographs, when it has moved.")] = None,
) -> None:
    """Draw one image's way as a single picture. Example: python -m agents picture runs/demo 6 --out six.png"""
    from agents.output.picture import draw_picture

    stdout.print(str(draw_picture(run, id, out, images)), soft_wrap=True)
