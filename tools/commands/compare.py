"""`python -m tools compare-translators`: translators against real registered images."""

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Literal

import typer

from tools.commands.options import Changes, read_changes
from tools.registry.fields import OneOf
from tools.terminal.cli import stdout

TRANSLATORS_HELP = f"Names, comma separated, {OneOf('translator').describe()}; by default those that need nothing."


def compare(
    data: Annotated[Path, typer.Option(help="Folder with RoadScene, LLVIP, MSRS, M3FD as they are distributed.")],
    translators: Annotated[str, typer.Option(help=TRANSLATORS_HELP, show_default=False)] = "",
    changes: Changes = None,
    half: Annotated[
        Literal["held-out", "tuning"], typer.Option(help="RoadScene frames: those `prior` was tuned on, or the others.")
    ] = "held-out",
    limit: Annotated[int | None, typer.Option(help="Pairs of each dataset.", min=1)] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "--json", help="Write the figures there as well, as a JSON file.")
    ] = None,
) -> None:
    """Compare translators with real registered images of the modality.

    Example: python -m tools compare-translators --data ../shared/data
    """
    from tools.compare import compare_translators, hold_report_file, print_report
    from tools.files import write_text

    names = tuple(name.strip() for name in translators.split(",") if name.strip())
    with hold_report_file(out) if out else nullcontext():
        report = compare_translators(data, names, read_changes(changes, "translator"), half=half, limit=limit)
        print_report(report, stdout)
        if out:
            write_text(out, report.model_dump_json(indent=1) + "\n")
