"""Fine-tuning on instructions, stage 2 of the paper: `python -m trainer.sft --help`."""

from pathlib import Path
from typing import Annotated

import typer

from tools.errors import UsageError
from tools.terminal.cli import make_app, run_app, stdout
from trainer.commands.options import (
    Changes,
    Config,
    Data,
    DryRun,
    Fresh,
    Images,
    MixIn,
    Model,
    OutputDir,
    Pack,
    PrintConfig,
    Yes,
    ask_first,
    check_model,
    read_mixture,
    read_recipe,
    show_recipe,
)
from trainer.commands.vlm import forecast_model, train_model
from trainer.recipe import Recipe

EXAMPLE = (
    "Train on instructions (paper 5, stage 2): the model of --align, or with --model any vision-language model. Run "
    "again on the same --out to go on.\n\n"
    "Example: python -m trainer.sft --config tiny.yaml --data runs/demo --align runs/align --out runs/sft\n\n"
    "On several devices: torchrun --nproc-per-node 4 -m trainer.sft --config fsdp.yaml ..."
)
app = make_app(EXAMPLE)


@app.command(help=EXAMPLE)
def sft(  # noqa: PLR0913, PLR0917
    config: Config,
    data: Data,
    output_dir: OutputDir,
    align: Annotated[
        Path | None, typer.Option(help="Output of trainer.align, or a LLaVA-shaped checkpoint folder.")
    ] = None,
    model: Model = None,
    mix_in: MixIn = None,
    images: Images = None,
    pack: Pack = None,
    changes: Changes = None,
    dry_run: DryRun = False,
    fresh: Fresh = False,
    yes: Yes = False,
    print_config: PrintConfig = False,
) -> None:
    """Train on instructions."""
    recipe = read_recipe(config, changes, data__images=images, data__pack=pack, data__mix_in=read_mixture(mix_in))
    if print_config:
        show_recipe(recipe)
        return
    check_model(model)
    if align is not None and model is not None:
        raise UsageError(
            "both --align and --model are given; take one: --align for a checkpoint of trainer.align, --model for any "
            "other vision-language model's folder"
        )
    if align is None and model is None:
        raise UsageError("give --align (a checkpoint of trainer.align) or --model (any vision-language model's folder)")
    if dry_run:
        _forecast(recipe, data, align, model)
        return
    from trainer.folders import TUNED

    ask_first(output_dir, TUNED, fresh, yes)
    if model is not None:
        train_model("sft", recipe, data, model, output_dir, fresh=fresh)
    elif align is not None:
        from trainer.stages.sft_run import run_sft

        run_sft(recipe, data, align, output_dir, fresh=fresh)


def _forecast(recipe: Recipe, data: Path, align: Path | None, model: Path | None) -> None:
    """Show what training would do; end as it would."""
    from trainer.commands.dryrun import forecast_sft
    from trainer.commands.forecast_table import show_forecast

    forecast = forecast_model("sft", recipe, data, model) if model else forecast_sft(recipe, data, align or Path())
    stdout.print(show_forecast(forecast))
    forecast.refuse()


def main() -> None:
    """Run the command line."""
    run_app(app, "python -m trainer.sft")


if __name__ == "__main__":
    main()
