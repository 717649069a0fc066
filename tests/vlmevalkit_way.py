"""An export for VLMEvalKit read as its classes for own files read one, in few lines of our own.

Facts from its source (vlmeval/dataset: image_base.py, image_mcq.py, __init__.py): pandas reads the TSV; an `image` of
at most 64 characters is the `index` of the row that has the picture; a list of pictures needs a list of names in
`image_path`, and a row without any is an error where the column exists; A and B make a table multiple choice, else the
file's name must say `openended` to be asked as open questions; options are the columns A, B, ... that are not empty.
"""

import ast
import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pandas
from PIL import Image

LONGEST_REFERENCE = 64


class Shown(NamedTuple):
    """A row, its pictures and its options by letter."""

    row: dict[str, Any]
    images: list[Image.Image]
    options: dict[str, str]


def is_open(path: Path) -> bool:
    """Whether the rows are asked as open questions; a table that is neither is refused."""
    columns = set(pandas.read_csv(path, sep="\t", nrows=1).columns)
    if {"A", "B"} <= columns:
        return False
    assert "openended" in path.stem.lower(), f"{path.name} would be asked as multiple choice"
    return True


def read_table(path: Path) -> Iterator[Shown]:
    """Every row as it would be shown."""
    rows = pandas.read_csv(path, sep="\t").to_dict("records")
    cells = {str(row["index"]): str(row["image"]) for row in rows}
    for row in rows:
        cell = str(row["image"])
        cell = cell if len(cell) > LONGEST_REFERENCE else cells[cell]
        assert len(cell) > LONGEST_REFERENCE, row["index"]
        texts = _read_list(cell)
        if "image_path" in row:
            names = _read_list(row["image_path"])
            assert len(names) == len(set(names)) == len(texts)
        else:
            assert len(texts) == 1
        images = [Image.open(io.BytesIO(base64.b64decode(text))) for text in texts]
        options = {key: str(row[key]) for key in "ABCDEFGH" if not pandas.isna(row.get(key))}
        yield Shown(row, images, options)


def _read_list(cell: object) -> list[str]:
    assert isinstance(cell, str), "an empty cell is an error there"
    return [str(each) for each in ast.literal_eval(cell)] if cell[0] == "[" and cell[-1] == "]" else [cell]
