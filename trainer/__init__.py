"""Infrared-LLaVA: alignment and fine-tuning (paper 5).

The rooms, ground to top: `data` (rows to batches), `model` (towers, align layers, families), `stages` (align, sft),
`output` (card, export, chat, preview), `parts` (stand-ins and small parts), `commands`.
"""

from pathlib import Path

# `python -m trainer.align`, `trainer.export`, `trainer.tiny`: commands are found by name, whichever room they stand in.
__path__ += [str(Path(__file__).with_name(room)) for room in ("commands", "output", "parts")]
