"""Training sets for trainers made elsewhere, TRL, ms-swift and LLaMA-Factory: the one writer, and the one reader.

    sets = {"captions": samples, "instructions": more}     # of `Sample`
    write_sets(owned, "ms-swift", sets, "a run of agents", notes)

TRL's rows are `prompt`, `completion` and `images`, one an answer; those of the two others are the same: `messages` with
`<image>` in the text, and `images`. Beside the rows lie a README.md with the one command for the tool, and what the
tool wants to be told.
"""

from tools.conversations.trainers.read import ExportedRow, choose_set, count_rows, name_trainer, read_export
from tools.conversations.trainers.samples import Sample
from tools.conversations.trainers.write import LAYOUTS, TrainerLayout, write_sets

__all__ = [
    "LAYOUTS",
    "ExportedRow",
    "Sample",
    "TrainerLayout",
    "choose_set",
    "count_rows",
    "name_trainer",
    "read_export",
    "write_sets",
]
