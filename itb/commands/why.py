"""`python -m itb why`: where a question comes from."""

from typing import Annotated

import typer

from itb.commands.options import BenchFolder
from tools.terminal.cli import stdout

HELP = (
    "Say where a question comes from: annotation, transforms, wording, licence.\n\n"
    "Example: python -m itb why benchmarks/itb locate-flir-FLIR_00006-0"
)


def why(bench: BenchFolder, id: Annotated[str, typer.Argument(help="A question's id.")]) -> None:
    """Say where a question comes from."""
    from itb.benchmark.bench import load_bench
    from itb.report.why import explain_item, find_item

    read = load_bench(bench)
    for line in explain_item(read, find_item(read, id)):
        stdout.print(line, soft_wrap=True)
