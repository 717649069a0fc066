"""`python -m agents bill`: what a run's replies cost, and who asked for them."""

from agents.commands.options import RunFolder
from tools.terminal.cli import stdout


def bill(run: RunFolder) -> None:
    """Say what a run has cost, by role, model, way and day, and for an accepted sample.

    Example: python -m agents bill runs/coco
    """
    from agents.running.cost.bill import read_bill, show_bill

    stdout.print(show_bill(read_bill(run)))
