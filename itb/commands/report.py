"""`python -m itb report`: predictions scored, as tables and a page."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.errors import UsageError
from tools.prompts.option import PACK_FLAGS
from tools.terminal.cli import stdout

if TYPE_CHECKING:
    from itb.others.scoring import Judge

HELP = (
    "Score predictions: tables for terminal, Markdown, LaTeX and JSON, and a page to look at.\n\n"
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
    judge_url: Annotated[
        str | None,
        typer.Option(help="Address of an endpoint whose model reads replies where their makers have one do it."),
    ] = None,
    judge_name: Annotated[str | None, typer.Option(help="What that endpoint calls its model.")] = None,
) -> None:
    """Score predictions."""
    from itb.benchmark.folders import REPORT
    from itb.report import make_report, write_report
    from itb.report.terminal import show_tables
    from tools.files import check_folder

    check_folder(out, REPORT)
    made = make_report(predictions, bench, partial, pack, prepare_judge(judge_url, judge_name, pack, out))
    show_tables([table for table in made.tables if not table.title.startswith("By ")])
    for path in write_report(made, out):
        stdout.print(str(path), soft_wrap=True)


def prepare_judge(
    address: str | None, name: str | None, pack: Path | None, out: Path
) -> "Callable[[Sequence[str]], Judge] | None":
    """What asks a judge about replies, and keeps what it says in the report's folder; None where none is wanted.

    Raises:
        UsageError: one of address and name is missing.
        MissingError: the pack does not say what a judge is asked, or a key is missing.
    """
    if address is None and name is None:
        return None
    if not address or not name:
        raise UsageError("--judge-url and --judge-name go together: an endpoint's address, and what it calls its model")
    from itb.benchmark.folders import REPORT
    from itb.others.judging import JUDGED_FILE, EndpointJudge
    from tools.endpoint.connection import EndpointConfig
    from tools.files import own_folder
    from tools.prompts import DEFAULT_PACK

    judge = EndpointJudge(EndpointConfig(base_urls=(address.rstrip("/"),)), name, pack or DEFAULT_PACK)

    def ask(replies: "Sequence[str]") -> "Judge":
        with own_folder(out, REPORT) as owned:
            owned.add(JUDGED_FILE)
            return judge.judge_all(replies, out / JUDGED_FILE)

    return ask
