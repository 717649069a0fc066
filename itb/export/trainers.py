"""The layouts of trainers made elsewhere, for fine-tuning on the train split: one question and its answer a row."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from itb.export.llava import say_answer
from itb.export.rows import ExportRow
from tools.conversations import Turn
from tools.conversations.trainers import Sample, TrainerLayout, write_sets
from tools.files import Owned

NAME = "itb"


def write(
    rows: Iterable[ExportRow], owned: Owned, layout: TrainerLayout, answers: Literal["letter", "text"]
) -> list[Path]:
    """Write the set `itb`; pictures lie beside it, in `trl-parquet` also in its rows."""
    samples = (
        Sample(
            row.item.id,
            row.image,
            owned.path / row.image,
            (Turn("user", row.request), Turn("assistant", say_answer(row, answers))),
        )
        for row in rows
    )
    return write_sets(
        owned, layout, {NAME: samples}, "a benchmark of the toolkit, the split that is there to be trained on"
    )
