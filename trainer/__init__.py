"""Infrared-LLaVA: alignment and fine-tuning (paper 5).

The rooms, ground to top: `recipe`, `recipe_file` (settings), `folders`, `checkpoints` (what is on disk), `data` (rows
to batches), `model` (towers, align layers, families), `stages` (alignment, instruction tuning), `output` (card, export,
chat), `parts` (stand-ins, small towers and language models), `commands`.
"""

from pathlib import Path

import tools  # noqa: F401 - before any import of transformers: see tools/torchvision_repair.py

COMMAND_ROOMS = ("commands", "output", "parts")
"""`python -m trainer.align`, `trainer.export`, `trainer.tiny`: a command is found by name, in whichever of these rooms.

`python -m trainer` lists them.
"""

__path__ += [str(Path(__file__).with_name(room)) for room in COMMAND_ROOMS]
