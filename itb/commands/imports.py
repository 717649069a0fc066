"""`python -m itb import`: other people's benchmarks."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from itb.commands.audit import open_table
from tools.errors import UsageError
from tools.registry import FOREIGN_BENCHMARKS, parse_entry_changes
from tools.terminal.cli import stderr, stdout

NAMES = ", ".join(FOREIGN_BENCHMARKS.names())
HELP = (
    "Make a benchmark folder of somebody else's benchmark: eval, audit, report, export, why and picture take it.\n\n"
    "Example: python -m itb import if-bench=data/IF-Bench --out benchmarks/if-bench"
)
Benchmarks = Annotated[list[str], typer.Argument(help=f"NAME=DIR of one or more benchmarks; NAME is one of {NAMES}.")]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        help="PREFIX=DIR: what follows PREFIX in an image's path is looked for in DIR; DIR alone takes whole paths.",
    ),
]


def import_command(
    benchmarks: Benchmarks,
    out: Annotated[Path, typer.Option(help="Folder of the benchmark.")],
    map_: Map = None,
    copy_images: Annotated[
        bool, typer.Option("--copy-images/--link", help="Copy the images, or link to them.")
    ] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="A setting of a benchmark; repeatable.", metavar="foreign_benchmark.NAME.SETTING=VALUE"
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Delete the benchmark in --out first (asks); other files stay.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Make a benchmark folder of somebody else's benchmark."""
    from itb.benchmark.folders import IMPORTED, has_bench_files
    from itb.others.importing import ImportSettings, import_benchmarks
    from tools.files import check_folder

    changes = parse_entry_changes(FOREIGN_BENCHMARKS, settings or ())
    told = ImportSettings(parse_benchmarks(benchmarks), out, map_ or (), copy_images, changes)
    check_folder(out, IMPORTED)
    if fresh and not yes and has_bench_files(out) and not typer.confirm(f"Delete the benchmark in {out}?", err=True):
        raise typer.Exit(1)
    made = import_benchmarks(told, fresh)
    for line in describe_missing(made.manifest):
        stderr.print(line, style="yellow", soft_wrap=True, markup=False)
    show_imported(made.manifest)
    stdout.print(f"{len(made.items)} questions in {out}", soft_wrap=True)


def parse_benchmarks(texts: list[str]) -> dict[str, Path]:
    """`NAME=DIR` of each.

    Raises:
        UsageError: another form, an unknown name, or one that is given twice.
    """
    found: dict[str, Path] = {}
    for text in texts:
        name, equals, folder = text.partition("=")
        if not (name and equals and folder):
            raise UsageError(f"{text!r}: expected NAME=DIR, e.g. if-bench=data/IF-Bench; NAME is one of {NAMES}")
        FOREIGN_BENCHMARKS.find(name)
        if name in found:
            raise UsageError(f"{name} is given twice; import each into a folder of its own")
        found[name] = Path(folder)
    return found


def describe_missing(manifest: Mapping[str, Any]) -> Iterator[str]:
    """What is not there, by benchmark, with the commonest reasons."""
    for name, source in manifest["sources"].items():
        if source["without_image"]:
            reason = next(iter(source["missing"]))
            yield f"{name}: {source['without_image']} of {source['questions']} questions lack an image, e.g. {reason}"
        for code, count in source["skipped"].items():
            yield f"{name}: {count} rows are not asked: {code}"


def show_imported(manifest: Mapping[str, Any]) -> None:
    """The questions by task."""
    from itb.tasks import name_task

    table = open_table("questions")
    table.add_column("task")
    table.add_column("questions", justify="right")
    for source in manifest["sources"].values():
        for task, count in source["tasks"].items():
            table.add_row(name_task(task), str(count))
    stdout.print(table)
    for source in manifest["sources"].values():
        for declared, count in source["declared_questions"].items():
            stdout.print(f"{source['title']}: ours in {count} questions: {declared}", soft_wrap=True, markup=False)
