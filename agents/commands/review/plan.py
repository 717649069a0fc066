"""`python -m agents review-plan`: a sample for people that bounds the error of a run's accepted texts."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.commands.options import RunFolder
from agents.notation import parse_percent
from tools.errors import UsageError
from tools.terminal.cli import say, stdout

if TYPE_CHECKING:
    from agents.review.book import ReviewBook
    from agents.review.plan import Plan


def review_plan(
    run: RunFolder,
    error: Annotated[str | None, typer.Option(help="Share of faulty texts to be excluded; 2% by default.")] = None,
    confidence: Annotated[str | None, typer.Option(help="Confidence of the bound; 95% by default.")] = None,
    allow: Annotated[
        int | None, typer.Option(help="So many faults may be found; more of them need a larger sample.", min=0)
    ] = None,
    by_kind: Annotated[
        bool, typer.Option("--by-kind", help="A sample and a bound for captions and each kind of instruction.")
    ] = False,
    objected: Annotated[
        int | None,
        typer.Option(help="Texts that the debate agent objected to, mixed in for `agents agreement`.", min=0),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the sample.")] = None,
) -> None:
    """Draw a plan for reviewers, or say what the reviews of the run's plan prove so far.

    Without settings the plan that is there is told. Example: python -m agents review-plan runs/demo --error 2%
    """
    from agents.review import plan as plans
    from agents.review.book import ReviewBook
    from agents.store.folders import RUN
    from agents.store.run_store import RunStore
    from tools.files import check_folder, own_folder

    claim = replace(RUN, flag="RUN")
    if run.exists():
        check_folder(run, claim)
    given: dict[str, Any] = {"allowed": allow, "by_kind": by_kind or None, "objected": objected, "seed": seed}
    given |= {"error": _read(error, "--error"), "confidence": _read(confidence, "--confidence")}
    chosen = {name: value for name, value in given.items() if value is not None}
    with RunStore(run) as store:
        population = plans.read_population(store)
    plan = plans.find_plan(run)
    if plan is None or chosen:
        plan = plans.draw_plan(population, plans.make_settings(chosen))
        with own_folder(run, claim):
            stdout.print(str(plans.write_plan(run, plan)), soft_wrap=True)
    _tell(run, plan, ReviewBook(run), population.digest)


def _tell(run: Path, plan: "Plan", book: "ReviewBook", digest: str) -> None:
    """Say what the plan asks for, what the reviews of it prove so far, and how to review what is left."""
    from agents.review.reached import assess_plan, list_open
    from agents.review.tables import tell_plan, tell_reached

    lines = [*tell_plan(plan)]
    if any(entry.key in book for entry in plan.entries):
        lines += tell_reached(plan, assess_plan(plan, book), digest != plan.digest)
    if digest == plan.digest and list_open(plan, book):
        lines.append(f"Review them in the browser: python -m agents serve {run}, section Review")
    for line in lines:
        say(line)


def _read(value: str | None, flag: str) -> float | None:
    try:
        return None if value is None else parse_percent(value)
    except ValueError as error:
        raise UsageError(f"{flag}: {error}") from error
