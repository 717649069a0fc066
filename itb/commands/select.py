"""`python -m itb select`: datasets rated by Eq. 1 of the paper."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.table import Table

from itb.commands.options import SOURCES
from tools.errors import UsageError
from tools.terminal.cli import stderr, stdout

if TYPE_CHECKING:
    from itb.build.selection import Rating


def select(
    source: Annotated[
        list[str] | None, typer.Option(help=f"NAME=DIR, or NAME=DIR=CATEGORIES for a folder of your own; {SOURCES}.")
    ] = None,
    sample: Annotated[
        int, typer.Option("--sample", "--images", help="Images sampled of each dataset (paper: 100).", min=1)
    ] = 100,
    quality: Annotated[
        Literal["embedded", "qalign"], typer.Option(help="Q: Q-Align (paper, pyiqa), or an embedded measure.")
    ] = "embedded",
    seed: Annotated[int, typer.Option(help="Seed of the sample.")] = 0,
    out: Annotated[
        Path | None, typer.Option("--out", "--charts", help="Draw the survey of Appendix A into this folder.")
    ] = None,
) -> None:
    """Rate datasets by Eq. 1 of the paper, D = 0.4 Q + 0.6 N.

    Example: python -m itb select --source flir=data/FLIR_ADAS_1_3 --source mine=data/mine=12
    """
    if out is not None:
        from itb.report.charts import draw_charts, load_survey

        stdout.print(str(draw_charts(out, load_survey())), soft_wrap=True)
    if source:
        select_and_show(source, sample, quality, seed)
    elif out is None:
        raise UsageError("nothing to do: give --source NAME=DIR (one for each dataset), or --out DIR")


def parse_candidates(values: Sequence[str]) -> list[tuple[str, Path, int | None]]:
    """`flir=DIR`, or `mine=DIR=12` with the number of its categories.

    Raises:
        UsageError: another form.
    """
    found = []
    for value in values:
        name, _, rest = value.partition("=")
        folder, _, count = rest.rpartition("=") if rest.rpartition("=")[2].isdigit() and "=" in rest else (rest, "", "")
        if not name or not folder:
            raise UsageError(f"--source {value}: expected NAME=DIR, or NAME=DIR=CATEGORIES for a folder of your own")
        found.append((name, Path(folder), int(count) if count else None))
    return found


def select_and_show(values: Sequence[str], images: int, quality: str, seed: int) -> "list[Rating]":
    """Rate datasets by Eq. 1 and print the ranking."""
    from itb.build.selection import make_qalign, measure_embedded, open_dataset_candidate, rate

    measure = make_qalign() if quality == "qalign" else measure_embedded
    candidates = []
    for name, root, categories in parse_candidates(values):
        stderr.print(f"reading {name}")
        candidates.append(open_dataset_candidate(name, root, categories))
    ratings = rate(candidates, measure, images, seed)
    shown = "Q-Align" if quality == "qalign" else "embedded measure, not Q-Align"
    table = Table("dataset", f"Q ({shown})", "images", "N", "D, Q and N scaled", "D, raw", title_justify="left")
    for rating in ratings:
        numbers = (f"{rating.quality:.3f}", str(rating.sampled), str(rating.categories))
        table.add_row(rating.name, *numbers, f"{rating.scaled:.3f}", f"{rating.raw:.3f}")
    stdout.print(table)
    by_raw = sorted(ratings, key=lambda rating: (-rating.raw, rating.name))
    if [rating.name for rating in by_raw] != [rating.name for rating in ratings]:
        names = ", ".join(rating.name for rating in by_raw)
        stdout.print(f"the raw reading of D = 0.4 Q + 0.6 N ranks otherwise: {names}", style="yellow", soft_wrap=True)
    return ratings
