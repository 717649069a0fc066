"""`--pack DIR`, the same in every command that reads a modality pack; `--prompts` is its older name."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import AliasChoices

PACK_NAMES = ("pack", "prompts")
PACK_FLAGS = tuple(f"--{name}" for name in PACK_NAMES)
PACK_ALIASES = AliasChoices(*PACK_NAMES)
"""For a field `pack` of settings: a configuration file may use either name."""
PACK_HELP = "Modality pack: folder of modality.yaml, prompts, lexicon, seed rules and wordings."
PACK_OPTION = typer.Option(*PACK_FLAGS, help=PACK_HELP)
PackOption = Annotated[Path, PACK_OPTION]
