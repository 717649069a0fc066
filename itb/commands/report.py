"""`python -m itb report`: predictions scored, as tables and a page."""

from pathlib import Path
from typing import Annotated

import typer

from tools.prompts.option import PACK_FLAGS
from tools.terminal.cli import stdout

HELP = (
    "Score predictions: tables for terminal, Markdown, LaTeX and JSON, and a page to look at.\n\n"
    "Example: python -m itb report runs/chance.jsonl runs/model.jsonl --bench benchmarks/itb --out runs/report"
)


def report(
    predictions: Annotated[list[Path], typer.Argument(help="Predictions files of `itb eval`.")],
    bench: Annotated[Path, typer.Option(help="The benchmark that they answer.")],
    out: Annotated[Path, typer.Option(help="Folder for the report.")],
    partial: Annotated[bool, typer.Option("--partial", help="Report although an evaluation is not finished.")] = False,
    pack: Annotated[
        Path | None, typer.Option(*PACK_FLAGS, help="Pack that titles the bands; default: as the benchmark says.")
    ] = None,
) -> None:
    """Score predictions."""
    from itb.benchmark.folders import REPORT
    from itb.report import make_report, write_report
    from itb.report.terminal import show_tables
    from tools.files import check_folder

    check_folder(out, REPORT)
    made = make_report(predictions, bench, partial, pack)
    show_tables([table for table in made.tables if not table.title.startswith("By ")])
    for path in write_report(made, out):
        stdout.print(str(path), soft_wrap=True)
