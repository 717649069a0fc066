"""Commands of the benchmark: `python -m itb --help`."""

from pathlib import Path
from typing import Annotated

import typer

from itb.eval_settings import EvalSettings
from tools.cli import make_app, run_app, takes_settings

app = make_app("The Infrared Template Benchmark, ITB: build it from real datasets, evaluate models on it, report.")


@app.callback()
def _itb() -> None:
    """Keep the verbs' names even when there is one."""


@app.command(
    name="eval",
    help="Put the questions of a benchmark to a model; run again on the same --out to go on.\n\n"
    "Example: python -m itb eval benchmarks/itb --model checkpoints/infrared-llava --out runs/infrared-llava.jsonl",
)
@takes_settings(EvalSettings)
def evaluate(
    settings: EvalSettings,
    bench: Annotated[Path, typer.Argument(help="A benchmark folder.")],
    fresh: Annotated[bool, typer.Option("--fresh", help="Delete what is in --out first (asks).")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put the questions of a benchmark to a model."""
    from itb.eval_command import evaluate_and_show
    from itb.predictions import clear_predictions

    if fresh and settings.out.exists():
        if not yes and not typer.confirm(f"Delete the predictions in {settings.out}?", err=True):
            raise typer.Exit(1)
        clear_predictions(settings.out)
    evaluate_and_show(bench, settings)


def main() -> None:
    """Run the command line."""
    run_app(app, "python -m itb")


if __name__ == "__main__":
    main()
