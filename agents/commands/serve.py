"""`python -m agents serve`: a run in the browser."""

from pathlib import Path
from typing import Annotated

import typer

from agents.commands.options import RunFolder
from tools.terminal.cli import stdout


def serve(
    run: RunFolder,
    port: Annotated[int, typer.Option(help="Port to listen on; 0 is any that is free.", min=0, max=65535)] = 7860,
    host: Annotated[
        str, typer.Option(help="Address to listen on; another than this machine's own needs STUDIO_PASSWORD to be set.")
    ] = "127.0.0.1",
    images: Annotated[Path | None, typer.Option(help="Folder of the photographs, when it has moved.")] = None,
    keep: Annotated[
        Path | None,
        typer.Option(help="Folder for what is made of the run, never the run itself; default: one in your cache."),
    ] = None,
) -> None:
    """Look at a run in the browser, and try a prompt. Example: python -m agents serve runs/demo"""
    from agents.studio.page import open_page
    from tools.web import Address, serve

    with open_page(run, images, keep) as page:
        serve(page, Address(host, port), lambda text: stdout.print(text, soft_wrap=True))
