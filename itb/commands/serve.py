"""`python -m itb serve`: a benchmark and what models answered, in the browser."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from itb.commands.options import SOURCES, BenchFolder, parse_sources
from tools.prompts.option import PACK_FLAGS
from tools.terminal.cli import stdout

HELP = (
    "Look at answers in the browser: tasks and models, down to one question and what was said to it.\n\n"
    "Example: python -m itb serve benchmarks/itb runs/chance.jsonl runs/model.jsonl"
)


def serve(
    bench: BenchFolder,
    predictions: Annotated[list[Path], typer.Argument(help="Predictions files of `itb eval`.")],
    source: Annotated[
        list[str] | None,
        typer.Option(help=f"NAME=DIR: where the images of a source are, if they were not copied. {SOURCES}."),
    ] = None,
    partial: Annotated[bool, typer.Option("--partial", help="Show although an evaluation is not finished.")] = False,
    pack: Annotated[
        Path | None, typer.Option(*PACK_FLAGS, help="Pack that titles the bands; default: as the benchmark says.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port to listen on; 0 is any that is free.", min=0, max=65535)] = 7860,
    host: Annotated[
        str, typer.Option(help="Address to listen on; another than this machine's own needs STUDIO_PASSWORD to be set.")
    ] = "127.0.0.1",
) -> None:
    """Look at answers in the browser."""
    from itb.report import make_report
    from itb.studio.answers import Answers
    from itb.studio.tab import make_page
    from tools.web import Address, serve

    address, roots = Address(host, port), parse_sources(source or [])
    address.read_password()  # before what takes longer
    made = make_report(predictions, bench, partial, pack)
    page = make_page(Answers(made, replace(made.bench, roots=roots)))
    serve(page, address, lambda text: stdout.print(text, soft_wrap=True))
