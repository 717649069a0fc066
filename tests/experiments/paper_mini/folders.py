"""The experiment's folder: which one is its own."""

import json
from pathlib import Path

from tools.files import Claim


def recognise_miniature(folder: Path) -> tuple[str, ...] | None:
    """Whether a folder from before the marker is an experiment of the paper in miniature: the first mark says so."""
    mark = next(iter(sorted((folder / "marks").rglob("*.json"))), None)
    try:
        return () if mark is not None and json.loads(mark.read_bytes()).keys() >= {"command", "cpu_seconds"} else None
    except (OSError, ValueError, AttributeError):
        return None


def is_counts(path: Path) -> bool:
    """Whether a file holds the counts of `in_words`."""
    try:
        found = json.loads(path.read_bytes())
        return all(counts.keys() == {"asked", "right"} for counts in found.values())
    except (OSError, ValueError, AttributeError):
        return False


MINIATURE = Claim(
    "miniature",
    "python tests/experiments/paper_mini run",
    recognise_miniature,
    ("prompts", "dev", "parts", "test", "s[0-9]*", "features", "logs", "marks", "report.*"),
)
