"""Alignment, stage 1 of the paper: `python -m trainer.align --help`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from tools.errors import UsageError
from tools.terminal.cli import make_app, run_app, stdout
from trainer.commands.options import (
    MORE,
    Changes,
    Config,
    Data,
    DryRun,
    Fresh,
    Images,
    Model,
    OutputDir,
    Pack,
    PrintConfig,
    Yes,
    ask_first,
    check_model,
    read_recipe,
    show_recipe,
)
from trainer.commands.vlm import forecast_model, train_model
from trainer.recipe import Recipe

EXAMPLE = (
    "Train the align layer on captions (paper 5, stage 1): that of a new model put together from --llm and --tower, or "
    "with --model that of any vision-language model. Run again on the same --out to go on.\n\n"
    "Example: python -m trainer.align --config tiny.yaml --llm tiny/llm --tower tiny/tower --data runs/demo "
    "--out runs/align\n\nOn several devices: torchrun --nproc-per-node 4 -m trainer.align ..."
)
app = make_app(EXAMPLE)
Mode = Annotated[
    Literal["direct", "indirect"] | None,
    typer.Option(help="direct: on images of the modality; indirect: on photographs, then the towers are swapped."),
]
ImageTower = Annotated[
    Path | None,
    typer.Option(
        "--image-tower", "--image_tower", rich_help_panel=MORE, help="Folder of the visible tower, for indirect."
    ),
]


@app.command(help=EXAMPLE)
def align(  # noqa: PLR0913, PLR0917
    config: Config,
    data: Data,
    output_dir: OutputDir,
    mode: Mode = None,
    llm: Annotated[Path | None, typer.Option(help="Folder of the language model.")] = None,
    tower: Annotated[Path | None, typer.Option(help="Folder of the modality's tower.")] = None,
    image_tower: ImageTower = None,
    model: Model = None,
    images: Images = None,
    pack: Pack = None,
    changes: Changes = None,
    dry_run: DryRun = False,
    fresh: Fresh = False,
    yes: Yes = False,
    print_config: PrintConfig = False,
) -> None:
    """Train the align layer."""
    recipe = read_recipe(
        config,
        changes,
        align__mode=mode,
        model__llm=llm,
        model__tower=tower,
        model__image_tower=image_tower,
        data__images=images,
        data__pack=pack,
    )
    if print_config:
        show_recipe(recipe)
        return
    _check_model(model, llm, tower, image_tower)
    if dry_run:
        _forecast(recipe, data, model)
        return
    from trainer.folders import ALIGNED

    ask_first(output_dir, ALIGNED, fresh, yes)
    if model is not None:
        train_model("align", recipe, data, model, output_dir, fresh=fresh)
        return
    from trainer.stages.align_run import run_align

    run_align(recipe, data, output_dir, fresh=fresh)


def _check_model(model: Path | None, *parts: Path | None) -> None:
    """Whether the model to train is named in one way only."""
    check_model(model)
    if model is not None and any(parts):
        raise UsageError("--model is a whole model; leave out --llm, --tower and --image-tower")


def _forecast(recipe: Recipe, data: Path, model: Path | None) -> None:
    """Show what training would do; end as it would."""
    from trainer.commands.dryrun import forecast_align
    from trainer.commands.forecast_table import show_forecast

    forecast = forecast_model("align", recipe, data, model) if model else forecast_align(recipe, data)
    stdout.print(show_forecast(forecast))
    forecast.refuse()


def main() -> None:
    """Run the command line."""
    run_app(app, "python -m trainer.align")


if __name__ == "__main__":
    main()
