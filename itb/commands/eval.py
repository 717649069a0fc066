"""What `python -m itb eval` shows: a bar while it asks, a table when it is done."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

from itb.evaluate.evaluate import Progress, run_eval
from itb.models.settings import EvalSettings
from itb.records import Prediction
from tools.terminal.bars import LiveBar
from tools.terminal.cli import stdout


class EvalBar(LiveBar):
    """The progress of an evaluation, on stderr."""

    def __init__(self) -> None:
        super().__init__("outcome")
        self._right = self._failed = self._count = 0
        self._task = self._bar.add_task("questions", total=None, outcome="", visible=False)

    def start(self, total: int, done: int) -> None:
        """Begin at what is answered already."""
        self._bar.update(self._task, total=total, completed=done, visible=done < total)

    def hear(self, row: Prediction) -> None:
        """Count one prediction."""
        self._count += 1
        self._right += row.is_correct
        self._failed += row.failure is not None
        outcome = f"right {self._right / self._count:.0%}, without answer {self._failed}"
        self._bar.update(self._task, advance=1, outcome=outcome)


def evaluate_and_show(bench: Path, settings: EvalSettings) -> None:
    """Run an evaluation and print its table."""
    with EvalBar() as bar:
        manifest = run_eval(bench, settings, Progress(bar.start, bar.hear))
    stdout.print(make_table(manifest))
    for line in list_remarks(settings.out, manifest):
        stdout.print(line, soft_wrap=True)


def make_table(manifest: Mapping[str, Any]) -> Table:
    """One row a task and variant."""
    model = manifest["frozen"]["model"]
    table = Table(title=f"{model['name']}, {manifest['frozen']['protocol']}", title_justify="left")
    for name in ("task", "variant", "n", "accuracy", "without answer"):
        table.add_column(name, justify="left" if name in ("task", "variant") else "right")
    for group in manifest["results"]["groups"]:
        failures = ", ".join(f"{kind} {count}" for kind, count in group["failures"].items())
        table.add_row(group["task"], group["variant"], str(group["n"]), f"{group['accuracy']:.1%}", failures)
    return table


def list_remarks(out: Path, manifest: Mapping[str, Any]) -> list[str]:
    """What a reader of the table has to know."""
    notes = [f"{name.replace('_', ' ')}: {value}" for name, value in manifest["model_notes"].items() if value]
    spoilt = manifest["asked"].get("not_asked")
    left_out = [f"not asked under a perturbation that changes the answer: {spoilt}"] if spoilt else []
    return [*notes, *left_out, f"predictions in {out}"]
