"""`python -m itb picture`: a benchmark at a glance."""

from pathlib import Path
from typing import Annotated

import typer

from itb.commands.options import BenchFolder
from tools.terminal.cli import stdout

HELP = (
    "Draw one example of each task as a single picture.\n\nExample: python -m itb picture benchmarks/itb --out itb.png"
)


def picture(
    bench: BenchFolder,
    out: Annotated[Path, typer.Option(help="PNG or JPEG file to write.")],
) -> None:
    """Draw one example of each task as a single picture."""
    from itb.benchmark.bench import load_bench
    from itb.report.picture import draw_bench

    stdout.print(str(draw_bench(load_bench(bench), out)), soft_wrap=True)
