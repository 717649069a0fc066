"""`python -m agents report`: a run as one page."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from agents.commands.options import RunFolder
from tools.terminal.cli import stdout


def report(
    run: RunFolder,
    images: Annotated[Path | None, typer.Option(help="Folder of the photographs, when it has moved.")] = None,
    limit_images: Annotated[int, typer.Option(help="Images on the page, a sample by hash.", min=1)] = 200,
    seed: Annotated[int, typer.Option(help="Seed of the sample.")] = 0,
) -> None:
    """Write RUN/report.html, one self-contained page. Example: python -m agents report runs/demo"""
    from agents.output.report import write_report
    from agents.store.folders import RUN
    from tools.files import own_folder

    is_run = (run / "manifest.json").exists()
    with own_folder(run, replace(RUN, flag="RUN")) if is_run else nullcontext():
        path = write_report(run, images=images, limit_images=limit_images, seed=seed)
    stdout.print(str(path), soft_wrap=True)
