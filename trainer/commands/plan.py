"""`python -m trainer.plan`: what fits on a GPU, answered without weights and without a GPU."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.errors import UsageError
from tools.terminal.cli import make_app, run_app, stdout
from trainer.commands.options import CONFIG_HELP, Changes, read_recipe

if TYPE_CHECKING:
    from rich.table import Table

    from trainer.commands.planning import Plan
    from trainer.model.sizes import Sizes
    from trainer.recipe import Recipe

EXAMPLE = (
    "Say which stage fits on a GPU, and with which settings; needs no weights.\n\n"
    "Examples: python -m trainer.plan --llm-size 7b --gpu 24; "
    "python -m trainer.plan --model qwen3-vl-8b --gpu 24 --tflops 60"
)
ESTIMATES = "Estimates"
LlmSize = Annotated[
    str | None, typer.Option(help="A LLaVA with a language model of 7b or 13b, of a folder, or of a config.json.")
]
WholeModel = Annotated[
    str | None,
    typer.Option(
        "--model", help="Any vision-language model: a folder, or a published shape; default: the recipe's shape."
    ),
]
CaptionTokens = Annotated[
    int, typer.Option(min=1, rich_help_panel=ESTIMATES, help="Tokens of a caption and its question, the image apart.")
]
DialogueTokens = Annotated[
    int, typer.Option(min=1, rich_help_panel=ESTIMATES, help="Tokens of an instruction dialogue, the image apart.")
]
Samples = Annotated[
    int, typer.Option(min=1, rich_help_panel=ESTIMATES, help="Samples of each stage, for a guess of the hours.")
]
Throughput = Annotated[
    float | None,
    typer.Option(min=0.001, rich_help_panel=ESTIMATES, help="Tokens a second that you measured, all GPUs together."),
]
Tflops = Annotated[
    float | None,
    typer.Option(
        min=0.001, rich_help_panel=ESTIMATES, help="10^12 operations a second that training reaches, all GPUs."
    ),
]
app = make_app(EXAMPLE)


@app.command(help=EXAMPLE)
def plan(  # noqa: PLR0913, PLR0917 - a parameter an option
    gpu: Annotated[float, typer.Option(min=0.1, help="GB of one GPU.")],
    llm_size: LlmSize = None,
    model: WholeModel = None,
    config: Annotated[Path, typer.Option(help=CONFIG_HELP)] = Path("paper.yaml"),
    picture: Annotated[str, typer.Option(help="With --model: WIDTHxHEIGHT of the pictures.")] = "640x512",
    tower: Annotated[Path | None, typer.Option(help="Folder of a vision tower; without it ViT-L/14.")] = None,
    devices: Annotated[int, typer.Option(min=1, help="GPUs.")] = 1,
    caption_tokens: CaptionTokens = 100,
    dialogue_tokens: DialogueTokens = 400,
    samples: Samples = 500_000,
    throughput: Throughput = None,
    tflops: Tflops = None,
    changes: Changes = None,
) -> None:
    """Say which stage fits on a GPU."""
    from trainer.commands.planning import USABLE, plan_stages

    recipe = read_recipe(config, changes)
    sizes, image = _find(llm_size, model, tower, picture, recipe)
    language = sizes.language.parameters
    plans = list(plan_stages(recipe, sizes, gpu, devices, (caption_tokens, dialogue_tokens)))
    stdout.print(_draw(plans, gpu))
    parts = f"language model {language:,} parameters, tower {sizes.tower:,}, align layer {sizes.align_layer:,}"
    stdout.print(f"{parts}; {image} fills {sizes.image_tokens:,} tokens", soft_wrap=True)
    stdout.print(f"estimates in GB of 2**30 bytes; fits: the peak is at most {USABLE:.0%} of the GPU", soft_wrap=True)
    _print_hours(plans, samples, throughput, tflops)


def _find(
    llm_size: str | None, model: str | None, tower: Path | None, picture: str, recipe: "Recipe"
) -> "tuple[Sizes, str]":
    """Sizes of what was named, and in words what picture they hold for."""
    from trainer.commands.planning import find_sizes, find_whole
    from trainer.model.shapes.pictures import parse_size

    if llm_size is not None and model is not None:
        raise UsageError("--llm-size and --model: a LLaVA is put together from parts, another model is whole; give one")
    if llm_size is not None:
        return find_sizes(llm_size, tower, recipe), "an image"
    whole = model or recipe.model.shape
    if whole is None:
        raise UsageError("give --llm-size 7b (a LLaVA), --model NAME (any model), or a recipe that names a shape")
    size = parse_size(picture)
    return find_whole(whole, size), f"an image of {size}"


def _print_hours(plans: "list[Plan]", samples: int, throughput: float | None, tflops: float | None) -> None:
    """Guesses, only where a speed was told."""
    for each in plans:
        if throughput is not None:
            hours = each.count_hours(samples, throughput)
            stdout.print(f"{each.name}: about {hours:,.1f} h for {samples:,} samples at {throughput:,.0f} tokens/s")
        if tflops is not None:
            hours = each.count_hours_at(samples, tflops * 1e12)
            work = f"{each.operations / 1e12:,.1f} x 10^12 operations a sample"
            stdout.print(f"{each.name}: about {hours:,.1f} h for {samples:,} samples at {tflops:g} TFLOP/s ({work})")


def _draw(plans: "list[Plan]", gpu: float) -> "Table":
    from rich.table import Table

    table = Table(title=f"on a GPU of {gpu:g} GB", title_justify="left")
    for head in ("stage", "weights", "gradients", "optimizer", "activations", "peak", "fits", "settings"):
        table.add_column(head, overflow="fold")
    for each in plans:
        sizes = [f"{gigabytes:.1f}" for _, gigabytes in each.memory.list_parts()[:4]]
        stage = each.name.partition(",")[0]
        flag = str(each.part.gradient_checkpointing).lower()
        settings = (
            f"{stage}.device_batch={each.cut.device_batch} (x {each.cut.accumulation} accumulated) "
            f"{stage}.gradient_checkpointing={flag}"
        )
        table.add_row(each.name, *sizes, f"{each.memory.total_gb:.1f}", "yes" if each.fits else "no", settings)
    return table


def main() -> None:
    """Run the command line."""
    run_app(app, "python -m trainer.plan")


if __name__ == "__main__":
    main()
