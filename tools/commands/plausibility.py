"""`python -m tools plausibility`: whether folders of images look like infrared at all."""

from pathlib import Path
from typing import Annotated

import typer

from tools.terminal.cli import stdout

ALARM = 1


def plausibility(
    folders: Annotated[list[Path], typer.Argument(help="Folders of images, or run folders; each is judged alone.")],
    instances: Annotated[
        Path | None, typer.Option(help="COCO instances file with boxes of persons, joined by file name.")
    ] = None,
    photographs: Annotated[
        Path | None, typer.Option(help="Folder of the registered photographs, joined by name without ending.")
    ] = None,
    polarity: Annotated[str, typer.Option(help="What is bright: white-hot, black-hot or unknown.")] = "unknown",
    unit: Annotated[
        str | None, typer.Option(help="Unit of TIFF, PNG and CSV values: celsius, kelvin, centikelvin or K*N.")
    ] = None,
    limit: Annotated[int, typer.Option(help="Images looked at in each folder, drawn by their names.", min=1)] = 500,
    out: Annotated[Path | None, typer.Option(help="Folder for the page with pictures and the figures as JSON.")] = None,
) -> None:
    """Sound an alarm where a folder of 20 or more images does not look like infrared. Never a gate.

    Exit code 1 is an alarm; 0 is plausible, or that nothing can be said.

    Example: python -m tools plausibility runs/demo --out runs/plausibility
    """
    from tools.files import check_folder
    from tools.plausibility.judge import judge_sources
    from tools.plausibility.page import CLAIM, write_report
    from tools.plausibility.report import print_report
    from tools.plausibility.sources import read_source
    from tools.terminal.bars import make_bar

    if out is not None:
        check_folder(out, CLAIM)
    sources = [read_source(folder, instances, photographs) for folder in folders]
    with make_bar(is_transient=True) as bar:
        task = bar.add_task("images", total=sum(min(limit, len(source.images)) for source in sources))
        report = judge_sources(sources, limit, unit, polarity, step=lambda: bar.advance(task))
    print_report(report, stdout)
    if out is not None:
        stdout.print(f"page: {write_report(report, out, unit, polarity)}", soft_wrap=True)
    if report.has_alarm:
        raise typer.Exit(ALARM)
