"""Arguments that several commands share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from tools.errors import UsageError
from tools.registry import DATASETS

SOURCES = "NAME is one of " + ", ".join(
    entry.name for entry in DATASETS.entries() if not entry.traits.get("is_visible")
)
BenchFolder = Annotated[Path, typer.Argument(help="A benchmark folder.")]


def parse_sources(texts: Sequence[str]) -> dict[str, Path]:
    """`NAME=DIR` of each dataset.

    Raises:
        UsageError: another form, or a name given twice.
    """
    found: dict[str, Path] = {}
    for text in texts:
        name, equals, folder = text.partition("=")
        if not (name and equals and folder):
            raise UsageError(f"--source {text!r}: expected NAME=DIR, e.g. --source flir=data/FLIR_ADAS_1_3")
        if name in found:
            raise UsageError(f"--source {name} is given twice; put both datasets' files under one folder")
        found[name] = Path(folder)
    return found
