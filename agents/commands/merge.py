"""`python -m agents merge`: shards of one job as one run."""

from pathlib import Path
from typing import Annotated

import typer

from agents.commands.run import summarise
from tools.terminal.cli import stdout


def merge(
    runs: Annotated[list[Path], typer.Argument(help="All shards of one job, each finished.")],
    out: Annotated[Path, typer.Option(help="Folder of the merged run.")],
) -> None:
    """Put shards together. Example: python -m agents merge runs/s1 runs/s2 --out runs/all"""
    from agents.review.carried import Carried
    from agents.running.derived.merge import merge_runs
    from agents.running.progress import ProgressBar

    with ProgressBar() as bar:
        manifest = merge_runs(runs, out, bar)
    summarise(out, manifest)
    for sentence in Carried(runs).tell(out):
        stdout.print(sentence, style="yellow", soft_wrap=True)
