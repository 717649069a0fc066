"""`python -m itb audit`: what can be said against a benchmark."""

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from itb.commands.options import BenchFolder
from tools.errors import UsageError
from tools.terminal.bars import track
from tools.terminal.cli import stdout

if TYPE_CHECKING:
    from itb.build.audit import Audit, TaskAudit
    from itb.build.train_check import TrainCheck

HELP = (
    "Report what can be said against a benchmark; rewrites its audit.json.\n\n"
    "Example: python -m itb audit benchmarks/itb"
)
AUDIT_LEGEND = (
    "chance: a uniform guess, empty where the answers cannot be listed; majority: the commonest answer of the train "
    "split (others' benchmarks have none: of the other groups, in five folds); blind: answers learned there from the "
    "questions alone, 95 %: its interval; alone: questions outside of balanced blocks, in which nothing but the images "
    "tells the answers apart"
)
FRAMINGS_LEGEND = (
    "of 100 questions whose answer rests on boxes: those with at least {:.0f} % of each box in view / and {:.0f} "
    "pixels a side (geometric mean), when the image is fitted to a square so large; tasks without such questions "
    "are left out"
)


def audit(
    bench: BenchFolder,
    train: Annotated[
        Path | None,
        typer.Option(
            help="A run, a training set's JSON or a folder: are its images, changed or not, in the test split?"
        ),
    ] = None,
    images: Annotated[Path | None, typer.Option(help="Folder of the images that the rows of --train name.")] = None,
) -> None:
    """Report what can be said against a benchmark."""
    if images and not train:
        raise UsageError("--images names the folder of the images of --train; name that as well")
    audit_and_show(bench, train, images)


def audit_and_show(bench: Path, train: Path | None = None, images: Path | None = None) -> None:
    """Audit, rewrite audit.json, print the table.

    Args:
        train: training images to be compared with the test split.
        images: folder that they are named below.

    Raises:
        UsageError: the audit.json that is there is someone else's.
        ToolkitError: another process works in the benchmark.
    """
    from itb.benchmark.bench_files import write_json
    from itb.benchmark.folders import ITEMS_FILE
    from itb.build.audit import AUDIT_FILE, audit_bench
    from itb.build.train_check import describe_check, list_leaks
    from tools.files import check_file, clear_unfinished, hold

    with hold(bench, "benchmark") if (bench / ITEMS_FILE).is_file() else nullcontext():
        found = audit_bench(bench)
        check = _compare(bench, train, images) if train else None
        found = found.model_copy(update={"train": describe_check(check)}) if check else found
        check_file(bench / AUDIT_FILE, _is_audit, "an audit of this toolkit", flag=None)
        clear_unfinished(bench / AUDIT_FILE)
        write_json(bench / AUDIT_FILE, found.model_dump(mode="json"))
    show_audit(found)
    for line in list_leaks(check) if check else ():
        stdout.print(line, soft_wrap=True, markup=False)


def _compare(bench: Path, train: Path, images: Path | None) -> "TrainCheck":
    from itb.benchmark.bench import load_bench
    from itb.build.train_check import check_train

    return check_train(load_bench(bench), train, images, lambda paths: track(paths, "training images"))


def _is_audit(path: Path) -> bool:
    from tools.files.json_text import find_object

    return find_object(path).keys() >= {"tasks", "leaked_groups"}


def show_audit(audit: "Audit") -> None:
    """Print what the audit found."""
    from itb.build.framing_check import LEAST_PIXELS, LEAST_VISIBLE

    stdout.print(_draw_audit(audit))
    stdout.print(AUDIT_LEGEND, style="dim", soft_wrap=True)
    stdout.print(_draw_cheap(audit))
    stdout.print(_draw_framings(audit))
    stdout.print(FRAMINGS_LEGEND.format(100 * LEAST_VISIBLE, LEAST_PIXELS), style="dim", soft_wrap=True)
    for line in _list_findings(audit):
        stdout.print(line, soft_wrap=True)


def _draw_audit(audit: "Audit") -> Table:
    from itb.tasks import name_task

    table = open_table("audit (accuracies on test, in percent)")
    for name in ("task", "train", "test", "chance", "majority", "blind", "95 %", "alone"):
        table.add_column(name, justify="left" if name == "task" else "right")
    for task, entry in audit.tasks.items():
        counts = (entry.train, entry.test)
        rates = (_percent(entry.chance), _percent(entry.majority), _percent(entry.blind))
        table.add_row(name_task(task), *map(str, counts), *rates, _bounds(entry), str(entry.alone or ""))
    return table


def _draw_cheap(audit: "Audit") -> Table:
    """What each cheap answer gets right; `*` where it beats chance by more than the margin, beyond its interval."""
    from itb.tasks import name_task

    names = list(dict.fromkeys(name for entry in audit.tasks.values() for name in entry.cheap))
    table = open_table("cheap answers, fitted to the train split (right on test, in percent; * far above chance)")
    table.add_column("task")
    for name in ("chance", *names):
        table.add_column(name.replace(" ", "\n"), justify="right", no_wrap=True)
    for task, entry in audit.tasks.items():
        shown = [
            f"{100 * found.right:.0f}{'*' if found.is_too_good else ''}" if (found := entry.cheap.get(name)) else ""
            for name in names
        ]
        table.add_row(name_task(task), _percent(entry.chance), *shown)
    return table


def _draw_framings(audit: "Audit") -> Table:
    """In percent of the items with evidence: in view / in view and large enough."""
    from itb.build.framing_check import FRAMINGS, SIZES
    from itb.tasks import name_task

    table = open_table("answerable after framing (percent in view/also large enough)")
    names = [f"{framing} {size}" for framing in FRAMINGS for size in SIZES]
    table.add_column("task")
    for name in names:
        table.add_column(name.replace(" ", "\n"), justify="right", no_wrap=True)
    for task, entry in audit.tasks.items():
        if entry.framings:
            rows = (entry.framings[name] for name in names)
            table.add_row(
                name_task(task),
                *(f"{100 * row.in_view / row.items:.0f}/{100 * row.large / row.items:.0f}" for row in rows),
            )
    return table


def open_table(title: str) -> Table:
    """An empty table in the way of these commands: no borders, two blanks between columns."""
    return Table(
        title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1), collapse_padding=True
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def _bounds(entry: "TaskAudit") -> str:
    if entry.blind_interval is None:
        return ""
    low, high = entry.blind_interval
    return f"{100 * low:.0f}-{100 * high:.0f}"


def _list_findings(audit: "Audit") -> Iterator[str]:
    from itb.tasks import name_task

    yield f"leakage: {len(audit.leaked_groups)} groups, {len(audit.leaked_images)} images on both sides of the split"
    if audit.alike_count is not None:
        yield f"near-duplicates across the split: {audit.alike_count}"
    for first, second in audit.alike_across:
        yield f"  {first} looks like {second}"
    yield f"repeated questions: {len(audit.repeated)}; contradictory ones: {len(audit.contradictory)}"
    for folder, count in audit.drawn_images.items():
        yield f"images made by the build: {folder}: {count}"
    for remark in audit.remarks:
        about, _, what = remark.partition(": ")
        yield f"remark: {name_task(about) + ': ' + what if what else remark}"
