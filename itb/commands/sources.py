"""What `itb sources` and `itb select` print."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from itb.build.gather import list_sources, takes
from itb.build.selection import Rating, make_qalign, measure_embedded, open_candidate, rate
from itb.tasks import list_tasks
from tools.datasets import AnnotatedImage, find_dataset, open_dataset
from tools.errors import UsageError
from tools.terminal.cli import stderr, stdout


def show_sources() -> None:
    """Every dataset: terms, and the tree that is expected."""
    table = Table("name", "band", "polarity", "tasks", "licence", title="sources", title_justify="left")
    known = {name: find_dataset(name).facts for name in list_sources()}
    for name, facts in known.items():
        star = "" if facts.is_in_paper else " (beyond the paper)"
        fed = ", ".join(task.name for task in list_tasks() if takes(task, name))
        table.add_row(name + star, facts.band, facts.polarity, fed, Text(facts.licence))
    stdout.print(table)
    for name, facts in known.items():
        stdout.print(f"[bold]{name}[/bold]  {facts.title}", soft_wrap=True)
        stdout.print(facts.tree.rstrip(), markup=False, soft_wrap=True)
        stdout.print(f"{facts.how} Cite: {facts.citation}.", style="dim", markup=False, soft_wrap=True)


def show_found(sources: dict[str, Path]) -> None:
    """What is on disk, counted by reading it.

    Raises:
        MissingError, UsageError: a folder does not hold its dataset, or there is no such source.
    """
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


def select_and_show(values: Sequence[str], images: int, quality: str, seed: int) -> list[Rating]:
    """Rate datasets by Eq. 1 and print the ranking."""
    measure = make_qalign() if quality == "qalign" else measure_embedded
    candidates = []
    for name, root, categories in parse_candidates(values):
        stderr.print(f"reading {name}")
        candidates.append(open_candidate(name, root, categories))
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
