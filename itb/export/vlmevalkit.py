"""VLMEvalKit's layout: one TSV with the pictures inside (base64), options in columns A, B, C, ...

It knows multiple choice and yes/no; counts and measures go into a second file as open questions. What its classes for
own files (CustomMCQDataset, CustomVQADataset) read, by its source: a picture stands once, and further rows about it
name the `index` of the first; a row of several pictures has names for all of them in `image_path`, and where one row
has, all have; a file is open-ended by its name; pandas reads the cells.
"""

import base64
import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from itb.answers import find_reader
from itb.benchmark.ask import LETTERS
from itb.export.rows import ExportRow
from itb.records import Item
from tools.files import Owned, replace_file

CHOICES = "ITB_MCQ.tsv"
OPEN = "ITB_OpenEnded.tsv"
MISSING = frozenset({"N/A", "NA", "NULL", "NaN", "None", "<NA>", "n/a", "nan", "null"})
"""Words that pandas takes for an empty cell; an option of that name would not be shown."""


def write(rows: Iterable[ExportRow], owned: Owned) -> list[Path]:
    """Write both files; a file without rows is not written."""
    tables: dict[str, list[dict[str, Any]]] = {CHOICES: [], OPEN: []}
    shown: dict[tuple[str, tuple[str, ...]], int] = {}
    for row in rows:
        name = CHOICES if list_choices(row.item) else OPEN
        index = len(tables[name])
        first = shown.setdefault((name, row.images), index)
        image = str(first) if first < index else _encode([owned.path / each for each in row.images])
        tables[name].append({"index": index, "image": image, "image_path": list(row.images), **_describe(row)})
    filled = {name: _drop_paths(table) for name, table in tables.items() if table}
    owned.add(*filled)
    return [_write(owned.path / name, table) for name, table in filled.items()]


def list_choices(item: Item) -> tuple[str, ...]:
    """What a question offers one of: its options, or yes and no; empty for an open one."""
    reader = find_reader(item.form)
    return reader.list_candidates(item.options, None) if reader.is_choice else ()


def _drop_paths(table: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Names of pictures are for rows of several: without one, VLMEvalKit names them itself."""
    if any(len(row["image_path"]) > 1 for row in table):
        return [row | {"image_path": str([Path(name).name for name in row["image_path"]])} for row in table]
    return [{name: value for name, value in row.items() if name != "image_path"} for row in table]


def _describe(row: ExportRow) -> dict[str, Any]:
    item = row.item
    options = list_choices(item)
    answer = LETTERS[options.index(item.answer)] if options else item.answer
    return {
        "question": item.question if options else row.request,
        **dict(zip(LETTERS, map(_keep, options), strict=False)),
        "answer": answer,
        "category": item.task,
        "itb_id": item.id,
    }


def _keep(option: str) -> str:
    """A space behind a word that would read as no option at all."""
    return f"{option} " if option in MISSING else option


def _encode(files: Sequence[Path]) -> str:
    """A picture in base64; several as VLMEvalKit writes them, a list of texts."""
    pictures = [base64.b64encode(file.read_bytes()).decode() for file in files]
    return pictures[0] if len(pictures) == 1 else str(pictures)


def _write(path: Path, table: list[dict[str, Any]]) -> Path:
    columns = list(dict.fromkeys(name for row in table for name in row))
    with replace_file(path) as file, io.TextIOWrapper(file, encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, columns, delimiter="\t", restval="")
        writer.writeheader()
        writer.writerows(table)
    return path
