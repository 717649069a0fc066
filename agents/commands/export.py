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
) -> None:
    """Write a run in another layout. Example: python -m agents export runs/demo --format llava --out exports/llava"""
    from agents.output.layouts import export_layout

    for path in export_layout(run, format, out, pack):
        stdout.print(str(path), soft_wrap=True)
