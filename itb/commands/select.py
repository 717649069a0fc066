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
    survey: Annotated[
        bool, typer.Option("--survey", help="Survey published datasets as Appendix A of the paper does.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "--charts", help="Draw the survey of Appendix A into this folder.")
    ] = None,
) -> None:
    """Rate datasets by Eq. 1 of the paper, D = 0.4 Q + 0.6 N, or survey those that there are.

    Example: python -m itb select --source flir=data/FLIR_ADAS_1_3 --source mine=data/mine=12
    """
    if survey or out is not None:
        show_survey(out)
    if source:
        select_and_show(source, sample, quality, seed)
    elif out is None and not survey:
        raise UsageError("nothing to do: give --source NAME=DIR (one for each dataset), or --survey")


def show_survey(out: Path | None) -> None:
    """Print how the surveyed datasets are spread, and draw it into a folder."""
    from itb.report.charts import FACETS, ORIGIN, count_facets, draw_charts, load_survey

    rows = load_survey()
    drawn = None if out is None else draw_charts(out, rows)
    table = Table(
        "", "value", "datasets", "of these in doubt", title=f"surveyed datasets: {len(rows)} rows", title_justify="left"
    )
    for facet, counts in count_facets(rows).items():
        for place, (value, share) in enumerate(counts.items()):
            table.add_row("" if place else FACETS[facet], value, str(sum(share)), str(share.doubtful or ""))
        table.add_section()
    stdout.print(table)
    known = [row.categories for row in rows.values() if row.categories is not None]
    stdout.print(f"categories: {min(known)} to {max(known)}, unknown of {len(rows) - len(known)} (the paper: 1 to 47)")
    stdout.print(ORIGIN, soft_wrap=True)
    if drawn is not None:
        stdout.print(str(drawn), soft_wrap=True)


def parse_candidates(values: Sequence[str]) -> list[tuple[str, Path, int | None]]:
    """`flir=DIR`, `mine=DIR`, or `mine=DIR=12` with the number of its categories.

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
    _show_ratings(ratings, "Q-Align" if quality == "qalign" else "embedded measure, not Q-Align")
    return ratings


def _show_ratings(ratings: "Sequence[Rating]", measure: str) -> None:
    table = Table("dataset", f"Q ({measure})", "images", "N", "D, Q and N scaled", "D, raw", title_justify="left")
    for rating in ratings:
        number = "unknown" if rating.categories is None else str(rating.categories)
        scores = ("unknown" if value is None else f"{value:.3f}" for value in (rating.scaled, rating.raw))
        table.add_row(rating.name, f"{rating.quality:.3f}", str(rating.sampled), number, *scores)
    stdout.print(table)
    unknown = [rating.name for rating in ratings if rating.categories is None]
    if unknown:
        why = "nothing is annotated there and no number was given (NAME=DIR=CATEGORIES), so they have no D"
        stdout.print(f"N unknown: {', '.join(unknown)}: {why}", style="yellow", soft_wrap=True)
    rated = [(rating.raw, rating.name) for rating in ratings if rating.raw is not None]
    by_raw = [name for _, name in sorted(rated, key=lambda row: (-row[0], row[1]))]
    if by_raw != [rating.name for rating in ratings if rating.raw is not None]:
        names = ", ".join(by_raw)
        stdout.print(f"the raw reading of D = 0.4 Q + 0.6 N ranks otherwise: {names}", style="yellow", soft_wrap=True)
