"""`python -m itb export`: a benchmark in another tool's layout."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from itb.commands.options import BenchFolder
from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PackOption
from tools.terminal.cli import stderr, stdout


def export(
    bench: BenchFolder,
    format: Annotated[
        Literal["lmms-eval", "vlmevalkit", "llava", "trl", "trl-parquet", "ms-swift", "llamafactory"],
        typer.Option(help="Whose layout."),
    ],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    split: Annotated[
        Literal["train", "test", "all"] | None,
        typer.Option(help="Which items; default: test for lmms-eval and vlmevalkit, else train."),
    ] = None,
    pack: PackOption = DEFAULT_PACK,
    answers: Annotated[
        Literal["letter", "text"],
        typer.Option(help="What is learned: how a right option is said; as ask.md asks for it."),
    ] = "letter",
) -> None:
    """Write a benchmark in another tool's layout.

    Example: python -m itb export benchmarks/itb --format lmms-eval --out exports/itb
    """
    from itb.export import choose_split, export_bench, find_leak

    for path in export_bench(bench, format, out, split, pack, answers):
        stdout.print(str(path), soft_wrap=True)
    if leak := find_leak(format, choose_split(format, split)):
        stderr.print(f"WARNING: {leak}", style="bold red", soft_wrap=True)
