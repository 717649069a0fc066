"""`python -m agents refilter`: a finished run once more under its final rule book."""

from pathlib import Path
from typing import Annotated

import typer

from agents.commands.options import RunFolder
from agents.commands.run import summarise
from tools.prompts.option import PACK_FLAGS


def refilter(
    run: RunFolder,
    out: Annotated[Path, typer.Option(help="Folder of the new run; again on the same folder to go on.")],
    pack: Annotated[Path | None, typer.Option(*PACK_FLAGS, help="The pack of the run, where it is another.")] = None,
    base_url: Annotated[str | None, typer.Option(help="The endpoint, where it has moved.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Images under way at once; changes nothing.", min=1)] = None,
) -> None:
    """Filter again under the final rules. Example: python -m agents refilter runs/demo --out runs/again"""
    from agents.running.derived.refilter import refilter_run
    from agents.running.progress import ProgressBar

    with ProgressBar() as bar:
        manifest = refilter_run(run, out, {"pack": pack, "base_url": base_url, "concurrency": concurrency}, bar)
    summarise(out, manifest)
