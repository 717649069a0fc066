"""Options of a choice that several commands share, and how `--set` is read."""

from typing import Annotated, Any

from tools.errors import UsageError
from tools.registry import SEAMS, parse_changes
from tools.terminal.options import choose_option, set_option, setting_option

ScorerName = Annotated[str, choose_option("scorer", "Which scorer")]
ScorerWeights = Annotated[str | None, setting_option("scorer", "weights", "--scorer-weights", "--weights")]
ScorerDevice = Annotated[str | None, setting_option("scorer", "device")]
Changes = Annotated[list[str] | None, set_option()]


def read_changes(texts: list[str] | None, seam: str) -> dict[str, dict[str, Any]]:
    """What `--set` says, all of it about the one seam at which the command chooses.

    Raises:
        UsageError: it changes an entry of another seam.
    """
    changes = parse_changes(texts or ())
    for other in changes.keys() - {seam}:
        raise UsageError(f"--set {other}: nothing here chooses a {SEAMS[other].name}, only a {SEAMS[seam].name}")
    return changes
