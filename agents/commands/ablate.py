"""`python -m agents ablate`: the whole system against arms with a part left out."""

from typing import Annotated

import typer

from agents.commands.options import EXAMPLE
from agents.config import RunConfig, place_key
from tools.registry import BACKENDS
from tools.terminal.cli import stdout, takes_settings

HELP = (
    "Which agent matters: the whole system against arms with a part left out, one run folder each below --out; "
    "ablation.md and ablation.json compare them.\n\n" + EXAMPLE.format(verb="ablate") + " --instructions all"
)


@takes_settings(RunConfig)
def ablate(
    config: RunConfig,
    arms: Annotated[str, typer.Option(help="Arms, comma between; default: all of them.")] = "",
) -> None:
    """Compare the whole system with parts of it left out."""
    from agents.running.ablate import ARMS, render_markdown, run_ablation, write_ablation
    from agents.running.progress import ProgressBar

    place_key(config)
    names = [name.strip() for name in arms.split(",") if name.strip()] or list(ARMS)
    with ProgressBar() as bar:
        results = run_ablation(config, names, bar)
    stdout.print(render_markdown(results), soft_wrap=True, markup=False)
    if results[0].cost_usd_per_accepted is None and BACKENDS.get_trait(config.backend, "judges_by_checks"):
        stdout.print(
            f"the {config.backend} backend's judge and the column of contradictions are the same checks, so only arms "
            "without that judge can show any",
            style="yellow",
        )
    for path in write_ablation(results, config.out):
        stdout.print(str(path), soft_wrap=True)
