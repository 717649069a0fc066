"""The layouts of trainers made elsewhere, for fine-tuning: one question and its answer a row."""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from itb.export.llava import say_answer
from itb.export.rows import ExportRow
from itb.records import Split
from tools.conversations import Turn
from tools.conversations.trainers import Sample, TrainerLayout, write_sets
from tools.files import Owned

NAME = "itb"
SPLITS: dict[Split | Literal["all"], str] = {
    "train": "its `train` split, which is there to be trained on",
    "test": "its `test` split",
    "all": "its `train` and its `test` split",
}


def write(
    rows: Iterable[ExportRow],
    owned: Owned,
    layout: TrainerLayout,
    answers: Literal["letter", "text"],
    split: Split | Literal["all"],
    warning: str = "",
) -> list[Path]:
    """Write the set `itb`; pictures lie beside it, in `trl-parquet` also in its rows.

    Args:
        split: that the rows are of, as the README says it; warning: what must be read there before all else.
    """
    samples = (
        Sample(
            row.item.id,
            row.image,
            owned.path / row.image,
            (Turn("user", row.request), Turn("assistant", say_answer(row, answers))),
        )
        for row in rows
    )
    source = f"a benchmark of the toolkit, {SPLITS[split]}"
    return write_sets(owned, layout, {NAME: samples}, source, warning=warning)
