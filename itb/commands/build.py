"""`python -m itb build`: what was read, what was taken, what can be said against it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import TaskID
from rich.table import Table
from rich.text import Text

from itb.commands.audit import open_table, show_audit
from itb.commands.options import SOURCES, parse_sources
from tools.errors import UsageError
from tools.manifest import say
from tools.prompts import DEFAULT_PACK
from tools.prompts.option import PackOption
from tools.registry import TASKS, parse_entry_changes
from tools.terminal.bars import LiveBar
from tools.terminal.cli import stderr, stdout

if TYPE_CHECKING:
    from itb.build.build import BuildSettings, Built

HELP = (
    "Build the benchmark from datasets in their original layout; run again on the same --out to go on.\n\n"
    "Example: python -m itb build --source flir=data/FLIR_ADAS_1_3 --source llvip=data/LLVIP --out benchmarks/itb"
)
MORE = "Details"
UNREAD_NOTE = (
    "Each could be anything: these images are asked for no count, nothing that is absent and no relation "
    "(uncertain_object). A name that is meant as a known one is mended in the dataset's `names`."
)
PLAN_LEGEND = (
    "there: what could be asked; taken: what is; wanted: by the plan, of the whole task; share %: the task's part of "
    "the questions of the paper's tasks, empty for others; (stand-in): rendered in place of the paper's dataset"
)
SET_HELP = "A setting of a task, e.g. the largest count that is asked; repeatable."


CountOption = Annotated[str, typer.Option(help="all; plan (the paper's counts); or a number of questions a task.")]
HashOption = Annotated[
    bool,
    typer.Option(
        "--near-duplicates/--no-near-duplicates",
        rich_help_panel=MORE,
        help="Hash all images to keep their like together.",
    ),
]
PaperOption = Annotated[
    bool,
    typer.Option("--paper", help="The paper's protocol: its tasks, sources and counts, split by question."),
]
GuessableOption = Annotated[
    bool,
    typer.Option(
        "--allow-guessable",
        rich_help_panel=MORE,
        help="Keep questions that can be answered without the image, outside ITB Avg.",
    ),
]


EvidenceOption = Annotated[
    float,
    typer.Option(
        "--min-evidence-pixels",
        min=0,
        rich_help_panel=MORE,
        help="Ask nothing whose answer rests on a smaller box: its side in pixels at 336 x 336.",
    ),
]


def build(  # noqa: PLR0913, PLR0917 - a parameter an option
    source: Annotated[list[str], typer.Option(help=f"NAME=DIR of a dataset; give one for each; {SOURCES}.")],
    out: Annotated[Path, typer.Option(help="Folder of the benchmark.")],
    count: CountOption = "all",
    seed: Annotated[int, typer.Option(help="Seed of all draws.")] = 0,
    pack: PackOption = DEFAULT_PACK,
    copy_images: Annotated[
        bool, typer.Option("--copy-images/--link", rich_help_panel=MORE, help="Copy the images, or link to them.")
    ] = False,
    near_duplicates: HashOption = True,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help=SET_HELP, rich_help_panel=MORE, metavar="task.NAME.SETTING=VALUE")
    ] = None,
    paper: PaperOption = False,
    allow_guessable: GuessableOption = False,
    min_evidence_pixels: EvidenceOption = 0.0,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Delete the benchmark in --out first (asks); other files stay.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Build the benchmark."""
    from itb.benchmark.folders import BENCHMARK, has_bench_files
    from itb.build.build import BuildSettings
    from tools.files import check_folder

    changes = parse_entry_changes(TASKS, settings or ())
    build_settings = BuildSettings(
        parse_sources(source),
        out,
        count,
        seed,
        pack,
        copy_images,
        near_duplicates,
        changes,
        paper,
        allow_guessable,
        min_evidence_pixels,
    )
    check_folder(out, BENCHMARK)
    is_asked = fresh and not yes and has_bench_files(out)
    if is_asked and not typer.confirm(f"Delete the benchmark in {out}?", err=True):
        raise typer.Exit(1)
    build_and_show(build_settings, fresh)


class ProgressBar(LiveBar):
    """Progress on stderr."""

    def __init__(self) -> None:
        super().__init__()
        self._tasks: dict[str, TaskID] = {}

    def read(self, source: str, frames: int) -> None:
        """So many frames of a source were read."""
        self.step(f"reading {source}", frames, 0)

    def step(self, name: str, done: int, total: int) -> None:
        """Of a step, so many are done; a total of 0 is unknown."""
        if name not in self._tasks:
            self._tasks[name] = self._bar.add_task(name, total=total or None)
        self._bar.update(self._tasks[name], completed=done)


def build_and_show(settings: "BuildSettings", fresh: bool = False) -> None:
    """Build, and say what there is and what is missing."""
    from itb.build.build import build_bench
    from itb.build.guessing import list_refusals

    with ProgressBar() as progress:
        built = build_bench(settings, progress, fresh)
    for line in describe_rejects(built):
        stderr.print(line, style="yellow", soft_wrap=True)
    stdout.print(draw_plan(built))
    stdout.print(PLAN_LEGEND, style="dim", soft_wrap=True, markup=False)
    if built.gathered.doubtful:
        stdout.print(draw_unread(built))
        stdout.print(UNREAD_NOTE, markup=False, soft_wrap=True)
    for line in list_refusals(built.refused):
        stdout.print(line, style="yellow", soft_wrap=True, markup=False)
    for line in describe_absent(built.manifest):
        stdout.print(line, soft_wrap=True)
    show_audit(built.audit)
    stdout.print(f"{len(built.items)} questions in {settings.out}", soft_wrap=True)


def describe_rejects(built: "Built") -> Iterator[str]:
    """One line for each source and code."""
    for source, codes in sorted(built.gathered.rejects.items()):
        for code, count in sorted(codes.items()):
            yield f"{source}: {count} x {code}, e.g. {built.gathered.examples[source][code]}"


def draw_plan(built: "Built") -> Table:
    """What was taken of what there is, task by task and source by source."""
    from itb.build.plan import SPLITS
    from itb.tasks import list_paper_tasks, name_task

    table = open_table("questions")
    for name in ("task", "source", "there", "taken", *SPLITS, "wanted", "share %"):
        table.add_column(name, justify="left" if name in ("task", "source") else "right")
    paper = list_paper_tasks()
    for line in filter(lambda line: line.available, built.plan.lines):
        splits = [str(built.plan.take[line.task, line.source, split]) for split in SPLITS]
        share = f"{built.plan.describe_share(line.task):.2f}" if line.task in paper else ""
        wanted = "" if line.wanted is None else str(line.wanted)
        remark = " (stand-in)" if line.is_stand_in else " (not the paper's)" if line.is_beyond_paper else ""
        table.add_row(
            name_task(line.task), line.source + remark, str(line.available), str(line.taken), *splits, wanted, share
        )
    return table


def draw_unread(built: "Built") -> Table:
    """Objects that could not be read, by why and by the name that the dataset gives them."""
    table = open_table("objects that could not be read")
    for column in ("source", "why", "name", "objects", "in images"):
        table.add_column(column, justify="right" if column in ("objects", "in images") else "left")
    for source, frames in sorted(built.gathered.doubtful.items()):
        for number, ((code, name), count) in enumerate(sorted(built.gathered.unread[source].items())):
            table.add_row(source, code, Text(name), str(count), "" if number else str(frames))
    return table


def describe_absent(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Tasks that are not there, what falls short, and whether ITB Avg is defined."""
    from itb.build.manifest import NOT_PAPERS
    from itb.tasks import name_task

    tasks, short, average = manifest["tasks"], manifest["short"], manifest["itb_avg"]
    if not (isinstance(tasks, dict) and isinstance(short, dict) and isinstance(average, dict)):
        raise UsageError("the manifest lacks tasks, short or itb_avg; build the benchmark again")
    for task, described in tasks.items():
        if "absent_because" in described and described["absent_because"] != NOT_PAPERS:
            yield f"absent: {name_task(task)}: {described['absent_because']}"
    for line in manifest["plan"]:
        if not line["available"] and "absent_because" not in tasks[line["task"]]:
            passed = tasks[line["task"]]["passed_over"].get(line["source"], {})
            yield f"nothing of {line['source']}: {name_task(line['task'])}: passed over: {say(passed)}"
    for task, missing in short.items():
        yield f"short: {name_task(task)}: {missing} questions fewer than wanted"
    for source, cuts in manifest["undecided_cuts"].items():
        yield f"{source} is one recording: {cuts} cuts between frames that follow each other may part one drive"
    yield from _describe_average(average)


def _describe_average(average: Mapping[str, Any]) -> Iterator[str]:
    from itb.tasks import name_task, say_names

    kept = ", ".join(map(name_task, average.get("tasks", ())))
    if not average["is_defined"]:
        yield f"ITB Avg is undefined: {say_names(average.get('because', 'no question of the six tasks'))}"
    elif average.get("protocol") == "paper":
        yield f"ITB Avg (paper protocol) is the mean of {kept}"
    elif average.get("without"):
        yield f"ITB Avg is the mean of {kept}, without {', '.join(map(name_task, average['without']))}"
