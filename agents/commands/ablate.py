"""`python -m agents ablate`: the whole system against arms with a part left out."""

from typing import Annotated

import typer

from agents.commands.key import ready_key
from agents.commands.options import EXAMPLE
from agents.config import RunConfig
from tools.registry import BACKENDS, TRANSLATORS
from tools.terminal.cli import stdout, takes_settings

HELP = (
    "Which agent matters: the whole system against arms with a part left out, one run folder each below --out; "
    "ablation.md and ablation.json compare them.\n\n" + EXAMPLE.format(verb="ablate") + " --instructions all"
)

CONTROLS = (entry.name for entry in TRANSLATORS.entries() if entry.traits.get("kind") == "control")
ARMS_HELP = (
    "Arms, comma between; default: all that leave something out: full, no-debate, no-caption-debate, no-evidence, "
    f"no-mining, no-scorer, blind-judge, {', '.join(CONTROLS)}, best-of-n."
)


@takes_settings(RunConfig)
def ablate(
    config: RunConfig,
    arms: Annotated[str, typer.Option(help=ARMS_HELP, metavar="ARM[,ARM]")] = "",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Delete the arms' runs in --out first (asks); replies and other files stay.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Compare the whole system with parts of it left out."""
    from agents.running.ablate import ARMS, render_page, run_ablation, write_ablation
    from agents.running.progress import ProgressBar
    from agents.store.folders import has_run_files

    ready_key(config, config.out / "full")
    is_asked = fresh and not yes and any(has_run_files(config.out / arm) for arm in ARMS)
    if is_asked and not typer.confirm(f"Delete the runs in {config.out}?", err=True):
        raise typer.Exit(1)
    names = [name.strip() for name in arms.split(",") if name.strip()] or list(ARMS)
    with ProgressBar() as bar:
        results = run_ablation(config, names, bar, fresh=fresh)
    stdout.print(render_page(results), soft_wrap=True)
    if results[0].cost_usd_per_accepted is None and BACKENDS.get_trait(config.backend, "judges_by_checks"):
        stdout.print(
            f"the {config.backend} backend's judge and the column of contradictions are the same checks, so only arms "
            "without that judge can show any",
            style="yellow",
        )
    for path in write_ablation(results, config.out):
        stdout.print(str(path), soft_wrap=True)
