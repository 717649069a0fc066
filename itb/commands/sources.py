"""`python -m itb sources`: the datasets ITB is built from, and what of them is on disk."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from itb.commands.options import SOURCES, parse_sources
from tools.terminal.cli import stdout


def sources(
    source: Annotated[
        list[str] | None, typer.Option(help=f"NAME=DIR of a dataset: count what is there; {SOURCES}.")
    ] = None,
) -> None:
    """List the datasets ITB is built from, or what of them is on disk.

    Example: python -m itb sources --source flir=data/FLIR_ADAS_1_3
    """
    if source:
        show_found(parse_sources(source))
    else:
        show_sources()


def show_sources() -> None:
    """Every dataset: terms, and the tree that is expected."""
    from itb.build.gather import list_sources, takes
    from itb.tasks import list_tasks
    from tools.datasets import find_dataset

    table = Table("name", "band", "polarity", "tasks", "licence", title="sources", title_justify="left")
    known = {name: find_dataset(name).facts for name in list_sources()}
    for name, facts in known.items():
        star = "" if facts.is_in_paper else " (beyond the paper)"
        fed = ", ".join(task.name for task in list_tasks() if takes(task, name))
        table.add_row(name + star, facts.band, facts.polarity, fed, Text(facts.licence))
    stdout.print(table)
    for name, facts in known.items():
        stdout.print(Text.assemble((name, "bold"), f"  {facts.title}"), soft_wrap=True)
        stdout.print(facts.tree.rstrip(), soft_wrap=True)
        stdout.print(f"{facts.how} Cite: {facts.citation}.", style="dim", soft_wrap=True)


def show_found(sources: dict[str, Path]) -> None:
    """What is on disk, counted by reading it.

    Raises:
        MissingError, UsageError: a folder does not hold its dataset, or there is no such source.
    """
    from tools.datasets import AnnotatedImage, open_dataset

    table = Table("name", "layout", "frames", "boxes", "labelled", "groups", "rejects", title_justify="left")
    for name, root in sources.items():
        opened = open_dataset(name, root)
        images, rejects = [], Counter[str]()
        for entry in opened.stream():
            if isinstance(entry, AnnotatedImage):
                images.append(entry)
            else:
                rejects[entry.code] += 1
        boxes, labelled = sum(len(image.boxes) for image in images), sum(bool(image.labels) for image in images)
        groups = len({image.group for image in images})
        counts = (len(images), boxes, labelled, groups)
        shown = ", ".join(f"{code} {count}" for code, count in sorted(rejects.items())) or "none"
        table.add_row(name, opened.layout, *(f"{count:,}" for count in counts), shown)
    stdout.print(table)
