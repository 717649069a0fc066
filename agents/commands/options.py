"""Arguments and an example that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

EXAMPLE = (
    "Example: python -m agents {verb} --captions annotations/captions_val2017.json --instances "
    "annotations/instances_val2017.json --images val2017 --out runs/val"
)
RunFolder = Annotated[Path, typer.Argument(help="A run folder.")]
RowId = Annotated[str, typer.Argument(help="An image (139), pair (139-0), instruction (139-conversation) or rule.")]
