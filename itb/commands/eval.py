"""`python -m itb eval`: a bar while it asks, a table when it is done."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from itb.commands.options import BenchFolder
from itb.models.settings import EvalSettings
from tools.errors import ToolkitError
from tools.manifest import say
from tools.terminal.bars import LiveBar
from tools.terminal.cli import stdout, takes_settings

if TYPE_CHECKING:
    from itb.records import Prediction

RECIPES = Path(__file__).parents[1] / "recipes"
HELP = (
    "Put the questions of a benchmark to a model; run again on the same --out to go on.\n\n"
    "Example: python -m itb eval benchmarks/itb --model checkpoints/mine --out runs/mine.jsonl"
)


@takes_settings(EvalSettings, recipes=RECIPES)
def evaluate(
    settings: EvalSettings,
    bench: BenchFolder,
    fresh: Annotated[bool, typer.Option("--fresh", help="Delete what is in --out first (asks).")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put the questions of a benchmark to a model."""
    from itb.evaluate.predictions import check_predictions, clear_predictions

    if fresh:
        check_predictions(settings.out)
    if fresh and settings.out.exists():
        if not yes and not typer.confirm(f"Delete the predictions in {settings.out}?", err=True):
            raise typer.Exit(1)
        clear_predictions(settings.out)
    evaluate_and_show(bench, settings)


class EvalBar(LiveBar):
    """The progress of an evaluation, on stderr."""

    def __init__(self) -> None:
        super().__init__("outcome")
        self._places = ""
        self._right = self._failed = self._missed = self._count = 0
        self._task = self._bar.add_task("questions", total=None, outcome="", visible=False)

    def start(self, total: int, done: int) -> None:
        """Begin at what is answered already."""
        self._bar.update(self._task, total=total, completed=done, visible=done < total)

    def miss(self, error: str) -> None:
        """Count one question without a reply."""
        self._missed += 1
        self._show()

    def hear(self, row: "Prediction") -> None:
        """Count one prediction."""
        self._count += 1
        self._right += row.is_correct
        self._failed += row.failure is not None
        self._show()

    def place(self, text: str) -> None:
        """Show where it is answered, from the next question on."""
        self._places = f", {text}"

    def _show(self) -> None:
        right = f"right {self._right / self._count:.0%}, " if self._count else ""
        errors = f", errors {self._missed}" if self._missed else ""
        self._bar.update(self._task, advance=1, outcome=f"{right}without answer {self._failed}{errors}{self._places}")


def evaluate_and_show(bench: Path, settings: EvalSettings) -> None:
    """Run an evaluation and print its table."""
    from itb.evaluate.evaluate import Progress, run_eval

    with EvalBar() as bar:
        manifest = run_eval(bench, settings, Progress(bar.start, bar.hear, bar.miss, bar.place))
    stdout.print(make_table(manifest))
    for line in list_remarks(settings.out, manifest):
        stdout.print(line, soft_wrap=True, markup=False)
    errors = manifest["results"].get("errors")
    if errors:
        raise ToolkitError(explain_errors(settings.out, errors, manifest["asked"]["questions"]))


def explain_errors(out: Path, errors: Mapping[str, Any], asked: int) -> str:
    """How many questions got no reply, the commonest reason, and what to do."""
    from itb.evaluate.predictions import errors_path

    reason = next(iter(errors["reasons"]))
    return (
        f"{errors['questions']} of {asked} questions got no reply and have no prediction; most often: {reason}. "
        f"All are in {errors_path(out)}; the same command asks them again"
    )


def make_table(manifest: Mapping[str, Any]) -> Table:
    """One row a task and variant."""
    from itb.tasks import name_task

    model = manifest["frozen"]["model"]
    errors = manifest["results"].get("errors", {}).get("questions")
    state = f", incomplete: {errors} errors" if errors else ""
    limit = manifest["asked"].get("limit_per_task")
    part = f", partial: at most {limit} a task" if limit else ""
    title = Text(f"{model['name']}, {manifest['frozen']['protocol']}{part}{state}")
    table = Table(title=title, title_justify="left")
    groups = manifest["results"]["groups"]
    named = ("task", "variant") if any(group["variant"] for group in groups) else ("task",)
    for name in (*named, "n", "accuracy", "without answer"):
        table.add_column(name, justify="left" if name in named else "right")
    for group in groups:
        failures = ", ".join(f"{kind} {count}" for kind, count in group["failures"].items())
        variant = (group["variant"] or "as it stands",) if "variant" in named else ()
        table.add_row(name_task(group["task"]), *variant, str(group["n"]), f"{group['accuracy']:.1%}", failures)
    return table


def name_tasks(value: Any) -> Any:
    """A note by task (`scene`), or by task and form of answer (`scene/option`), with the tasks' titles."""
    if not isinstance(value, Mapping):
        return value
    return {_name_kind(key): inner for key, inner in value.items()}


def _name_kind(key: str) -> str:
    from itb.records import find_foreign
    from itb.tasks import name_task

    task, _, form = key.partition("/") if find_foreign(key) is None else (key, "", "")
    return f"{name_task(task)}{f' ({form})' if form else ''}"


def list_remarks(out: Path, manifest: Mapping[str, Any]) -> list[str]:
    """What a reader of the table has to know."""
    told = {name.replace("_", " "): name_tasks(value) for name, value in manifest["model_notes"].items() if value}
    notes = [f"{name}: {say(value)}" for name, value in told.items()]
    spoilt = manifest["asked"].get("not_asked")
    left_out = [f"not asked under a perturbation that changes the answer: {say(spoilt)}"] if spoilt else []
    return [*notes, *left_out, f"predictions in {out}"]
