"""`--pack DIR`, the same in every command that reads a modality pack; `--prompts` is its older name."""

from pathlib import Path
from typing import Annotated

import typer

PACK_FLAGS = ("--pack", "--prompts")
PACK_HELP = "Modality pack: folder of modality.yaml, prompts, lexicon, seed rules and wordings."
PackOption = Annotated[Path, typer.Option(*PACK_FLAGS, help=PACK_HELP)]
