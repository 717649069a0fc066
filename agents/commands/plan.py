"""`python -m agents plan`: what a run will do."""

from agents.commands.options import EXAMPLE
from agents.config import RunConfig
from tools.terminal.cli import stdout, takes_settings

HELP = "Say what a run will do: images, debates, requests, cost and time.\n\n" + EXAMPLE.format(verb="plan")


@takes_settings(RunConfig)
def plan(config: RunConfig) -> None:
    """Say what a run will do."""
    from agents.running.plan import make_plan, show_plan

    stdout.print(show_plan(make_plan(config)))
