"""`python -m agents refilter`: a finished run once more under its final rule book."""

from pathlib import Path
from typing import Annotated

import typer

from agents.commands.options import RunFolder
from agents.commands.run import summarise
from tools.prompts.option import PACK_FLAGS
from tools.terminal.cli import stdout


def refilter(
    run: RunFolder,
    out: Annotated[Path, typer.Option(help="Folder of the new run; again on the same folder to go on.")],
    pack: Annotated[Path | None, typer.Option(*PACK_FLAGS, help="The pack of the run, where it is another.")] = None,
    base_url: Annotated[str | None, typer.Option(help="The endpoint, where it is not the run's own.")] = None,
    prices: Annotated[Path | None, typer.Option(help="Price table in place of tools/endpoint/prices.yaml.")] = None,
    budget: Annotated[
        float | None,
        typer.Option(
            help="US dollars this run's replies may cost; it stops before, with exit code 4, and goes on later.", min=0
        ),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what would be asked and what it may cost; nothing is written.")
    ] = False,
    concurrency: Annotated[int | None, typer.Option(help="Images under way at once; changes nothing.", min=1)] = None,
) -> None:
    """Filter again under the final rules. Example: python -m agents refilter runs/demo --out runs/again"""
    from agents.running.derived.refilter import refilter_run
    from agents.running.derived.refilter_plan import plan_refilter, show_again
    from agents.running.progress import ProgressBar

    given = {"pack": pack, "base_url": base_url, "prices": prices, "budget": budget, "concurrency": concurrency}
    if plan:
        stdout.print(show_again(plan_refilter(run, out, given)))
        return
    with ProgressBar() as bar:
        manifest = refilter_run(run, out, given, bar)
    summarise(out, manifest)
