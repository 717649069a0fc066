"""`python -m agents export`: a run in another layout."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from agents.commands.options import RunFolder
from tools.prompts.option import PACK_FLAGS
from tools.terminal.cli import stdout


def export(
    run: RunFolder,
    format: Annotated[
        Literal["llava", "authors", "parquet", "trl", "trl-parquet", "ms-swift", "llamafactory"],
        typer.Option(help="Layout of the files."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the files.")],
    pack: Annotated[
        Path | None, typer.Option(*PACK_FLAGS, help="Pack with other caption_requests.yaml; default: the run's own.")
    ] = None,
    reviewed: Annotated[
        Literal["only", "prefer"] | None,
        typer.Option(
            help="Texts as people left them: only what they accepted or edited, or also what nobody reviewed. What "
            "they differ about is left out and counted."
        ),
    ] = None,
) -> None:
    """Write a run in another layout. Example: python -m agents export runs/demo --format llava --out exports/llava"""
    from agents.output.layouts import export_layout

    for path in export_layout(run, format, out, pack, reviewed):
        stdout.print(str(path), soft_wrap=True)
