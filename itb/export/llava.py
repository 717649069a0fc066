"""LLaVA's layout, for fine-tuning on the train split: a JSON list of conversations, and the pictures."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from itb.answers import find_reader
from itb.export.rows import ExportRow
from tools.files import Owned, write_text


def write(rows: Iterable[ExportRow], owned: Owned, answers: Literal["letter", "text"]) -> list[Path]:
    """Write `itb.json`; options are answered by letter or text, everything else by the answer itself."""
    made = [
        {
            "id": row.item.id,
            "image": row.image if len(row.images) == 1 else list(row.images),
            "conversations": [
                {"from": "human", "value": show_images(row)},
                {"from": "gpt", "value": say_answer(row, answers)},
            ],
        }
        for row in rows
    ]
    path = owned.path / "itb.json"
    owned.add(path.name)
    write_text(path, json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    return [path]


def show_images(row: ExportRow) -> str:
    """The request with a mark for each picture, where it is shown."""
    marks = "\n".join(["<image>"] * len(row.images))
    is_text_first = row.item.foreign is not None and row.item.foreign.is_text_first
    return f"{row.request}\n{marks}" if is_text_first else f"{marks}\n{row.request}"


def say_answer(row: ExportRow, answers: Literal["letter", "text"]) -> str:
    """What is learned: an option by its letter or its text, everything else as it is."""
    item = row.item
    if item.options and answers == "text":
        return item.answer
    return find_reader(item.form).say(item.answer, item.options)[0]
