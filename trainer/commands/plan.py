"""`python -m trainer.plan`: what fits on a GPU, answered without weights and without a GPU."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.terminal.cli import make_app, run_app, stdout
from trainer.commands.options import CONFIG_HELP, Changes, read_recipe

if TYPE_CHECKING:
    from rich.table import Table

    from trainer.commands.planning import Plan

EXAMPLE = (
    "Say which stage fits on a GPU, and with which settings; needs no weights.\n\n"
    "Example: python -m trainer.plan --llm-size 7b --gpu 24"
)
ESTIMATES = "Estimates"
app = make_app(EXAMPLE)


@app.command(help=EXAMPLE)
def plan(
    llm_size: Annotated[str, typer.Option(help="7b, 13b, a model's folder, or a config.json.")],
    gpu: Annotated[float, typer.Option(min=0.1, help="GB of one GPU.")],
    config: Annotated[Path, typer.Option(help=CONFIG_HELP)] = Path("paper.yaml"),
    tower: Annotated[Path | None, typer.Option(help="Folder of a vision tower; without it ViT-L/14.")] = None,
    devices: Annotated[int, typer.Option(min=1, help="GPUs.")] = 1,
    caption_tokens: Annotated[
        int,
        typer.Option(min=1, rich_help_panel=ESTIMATES, help="Tokens of a caption and its question, the image apart."),
    ] = 100,
    dialogue_tokens: Annotated[
        int, typer.Option(min=1, rich_help_panel=ESTIMATES, help="Tokens of an instruction dialogue, the image apart.")
    ] = 400,
    samples: Annotated[
        int, typer.Option(min=1, rich_help_panel=ESTIMATES, help="Samples of each stage, for a guess of the hours.")
    ] = 500_000,
    throughput: Annotated[
        float | None,
        typer.Option(
            min=0.001, rich_help_panel=ESTIMATES, help="Tokens a second that you measured, all GPUs together."
        ),
    ] = None,
    changes: Changes = None,
) -> None:
    """Say which stage fits on a GPU."""
    from trainer.commands.planning import USABLE, find_sizes, plan_stages

    recipe = read_recipe(config, changes)
    sizes = find_sizes(llm_size, tower, recipe)
    language = sizes.language.parameters
    plans = list(plan_stages(recipe, sizes, gpu, devices, (caption_tokens, dialogue_tokens)))
    stdout.print(_draw(plans, gpu))
    parts = f"language model {language:,} parameters, tower {sizes.tower:,}, align layer {sizes.align_layer:,}"
    stdout.print(f"{parts}; an image fills {sizes.image_tokens} tokens", soft_wrap=True)
    stdout.print(f"estimates in GB of 2**30 bytes; fits: the peak is at most {USABLE:.0%} of the GPU", soft_wrap=True)
    for each in plans:
        if throughput is not None:
            hours = each.count_hours(samples, throughput)
            stdout.print(f"{each.name}: about {hours:,.1f} h for {samples:,} samples at {throughput:,.0f} tokens/s")


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
