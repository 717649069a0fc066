"""`python -m agents picture`: one image's way, or an instruction of each kind, as a single picture."""

from pathlib import Path
from typing import Annotated

import typer

from agents.commands.options import RunFolder
from tools.terminal.cli import stdout


def picture(
    run: RunFolder,
    out: Annotated[Path, typer.Option(help="PNG or JPEG file to write.")],
    id: Annotated[
        str | None, typer.Argument(help="An image (139), or one of its rows; without it, an instruction of each kind.")
    ] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of the photographs, when it has moved.")] = None,
) -> None:
    """Draw one image's way as a single picture. Example: python -m agents picture runs/demo 6 --out six.png"""
    from agents.output.picture import draw_picture
    from agents.output.picture.kinds import draw_kinds

    made = draw_kinds(run, out) if id is None else draw_picture(run, id, out, images)
    stdout.print(str(made), soft_wrap=True)
