"""Commands of the benchmark: `python -m itb --help`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from itb.models.settings import EvalSettings
from tools.errors import UsageError
from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PACK_FLAGS, PackOption
from tools.registry import TASKS, parse_entry_changes
from tools.terminal.cli import make_app, run_app, stdout, takes_settings

app = make_app("The Infrared Template Benchmark, ITB: build it from real datasets, evaluate models on it, report.")
SET_HELP = "A setting of a task, e.g. the largest count that is asked; repeatable."
BenchFolder = Annotated[Path, typer.Argument(help="A benchmark folder.")]


@app.callback()
def _itb() -> None:
    """Keep the verbs' names even when there is one."""


@app.command()
def sources(
    source: Annotated[list[str] | None, typer.Option(help="NAME=DIR of a dataset: count what is there.")] = None,
) -> None:
    """List the datasets ITB is built from, or what of them is on disk.

    Example: python -m itb sources --source flir=data/FLIR_ADAS_1_3
    """
    from itb.commands.build import parse_sources
    from itb.commands.sources import show_found, show_sources

    if source:
        show_found(parse_sources(source))
    else:
        show_sources()


@app.command()
def select(
    source: Annotated[
        list[str] | None, typer.Option(help="NAME=DIR, or NAME=DIR=CATEGORIES for a folder of your own.")
    ] = None,
    images: Annotated[int, typer.Option(help="Sampled of each dataset (paper: 100).", min=1)] = 100,
    quality: Annotated[
        Literal["embedded", "qalign"], typer.Option(help="Q: Q-Align (paper, pyiqa), or an embedded measure.")
    ] = "embedded",
    seed: Annotated[int, typer.Option(help="Of the sample.")] = 0,
    charts: Annotated[Path | None, typer.Option(help="Draw the survey of Appendix A into this folder.")] = None,
) -> None:
    """Rate datasets by Eq. 1 of the paper, D = 0.4 Q + 0.6 N.

    Example: python -m itb select --source flir=data/FLIR_ADAS_1_3 --source mine=data/mine=12
    """
    if charts is not None:
        from itb.report.charts import draw_charts, load_survey

        stdout.print(str(draw_charts(charts, load_survey())), soft_wrap=True)
    if source:
        from itb.commands.sources import select_and_show

        select_and_show(source, images, quality, seed)
    elif charts is None:
        raise UsageError("nothing to do: give --source NAME=DIR (one for each dataset), or --charts DIR")


@app.command(
    help="Build the benchmark from datasets in their original layout; run again on the same --out to go on.\n\n"
    "Example: python -m itb build --source flir=data/FLIR_ADAS_1_3 --source llvip=data/LLVIP --out benchmarks/itb"
)
def build(
    source: Annotated[list[str], typer.Option(help="NAME=DIR of a dataset; give one for each.")],
    out: Annotated[Path, typer.Option(help="Folder of the benchmark.")],
    count: Annotated[
        str, typer.Option(help="all; plan (the paper's counts); or a number of questions a task.")
    ] = "all",
    seed: Annotated[int, typer.Option(help="Seed of all draws.")] = 0,
    pack: PackOption = DEFAULT_PACK,
    copy_images: Annotated[
        bool, typer.Option("--copy-images/--link", help="Copy the images, or link to them.")
    ] = False,
    near_duplicates: Annotated[
        bool,
        typer.Option("--near-duplicates/--no-near-duplicates", help="Hash all images to keep their like together."),
    ] = True,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help=SET_HELP, metavar="task.NAME.SETTING=VALUE")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Delete the benchmark in --out first (asks); other files stay.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Build the benchmark."""
    from itb.benchmark.folders import BENCHMARK, has_bench_files
    from itb.build.build import BuildSettings
    from itb.commands.build import build_and_show, parse_sources
    from tools.files import check_folder

    changes = parse_entry_changes(TASKS, settings or ())
    told = BuildSettings(parse_sources(source), out, count, seed, pack, copy_images, near_duplicates, changes)
    check_folder(out, BENCHMARK)
    is_asked = fresh and not yes and has_bench_files(out)
    if is_asked and not typer.confirm(f"Delete the benchmark in {out}?", err=True):
        raise typer.Exit(1)
    build_and_show(told, fresh)


@app.command(
    help="Report what can be said against a benchmark; rewrites its audit.json.\n\n"
    "Example: python -m itb audit benchmarks/itb"
)
def audit(bench: BenchFolder) -> None:
    """Report what can be said against a benchmark."""
    from itb.commands.build import audit_and_show

    audit_and_show(bench)


@app.command(
    name="eval",
    help="Put the questions of a benchmark to a model; run again on the same --out to go on.\n\n"
    "Example: python -m itb eval benchmarks/itb --model checkpoints/mine --out runs/mine.jsonl",
)
@takes_settings(EvalSettings)
def evaluate(
    settings: EvalSettings,
    bench: BenchFolder,
    fresh: Annotated[bool, typer.Option("--fresh", help="Delete what is in --out first (asks).")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put the questions of a benchmark to a model."""
    from itb.commands.eval import evaluate_and_show
    from itb.evaluate.predictions import check_predictions, clear_predictions

    if fresh:
        check_predictions(settings.out)
    if fresh and settings.out.exists():
        if not yes and not typer.confirm(f"Delete the predictions in {settings.out}?", err=True):
            raise typer.Exit(1)
        clear_predictions(settings.out)
    evaluate_and_show(bench, settings)


@app.command(
    help="Score predictions: tables for terminal, Markdown, LaTeX and JSON, and a page to look at.\n\n"
    "Example: python -m itb report runs/chance.jsonl runs/model.jsonl --bench benchmarks/itb --out runs/report"
)
def report(
    predictions: Annotated[list[Path], typer.Argument(help="Predictions files of `itb eval`.")],
    bench: Annotated[Path, typer.Option(help="The benchmark that they answer.")],
    out: Annotated[Path, typer.Option(help="Folder for the report.")],
    partial: Annotated[bool, typer.Option("--partial", help="Report although an evaluation is not finished.")] = False,
    pack: Annotated[
        Path | None, typer.Option(*PACK_FLAGS, help="Pack that titles the bands; default: as the benchmark says.")
    ] = None,
) -> None:
    """Score predictions."""
    from itb.benchmark.folders import REPORT
    from itb.report import make_report, write_report
    from itb.report.terminal import show_tables
    from tools.files import check_folder

    check_folder(out, REPORT)
    made = make_report(predictions, bench, partial, pack)
    show_tables([table for table in made.tables if not table.title.startswith("By ")])
    for path in write_report(made, out):
        stdout.print(str(path), soft_wrap=True)


@app.command()
def export(
    bench: BenchFolder,
    format: Annotated[Literal["lmms-eval", "vlmevalkit", "llava"], typer.Option(help="Whose layout.")],
    out: Annotated[Path, typer.Option(help="Folder to write.")],
    split: Annotated[
        Literal["train", "test", "all"] | None, typer.Option(help="Default: train for llava, test for the others.")
    ] = None,
    pack: PackOption = DEFAULT_PACK,
    answers: Annotated[
        Literal["letter", "text"], typer.Option(help="llava: how a right option is said; as ask.md asks for it.")
    ] = "letter",
) -> None:
    """Write a benchmark in another tool's layout.

    Example: python -m itb export benchmarks/itb --format lmms-eval --out exports/itb
    """
    from itb.export import export_bench

    for path in export_bench(bench, format, out, split, pack, answers):
        stdout.print(str(path), soft_wrap=True)


def main() -> None:
    """Run the command line."""
    run_app(app, "python -m itb")


if __name__ == "__main__":
    main()
