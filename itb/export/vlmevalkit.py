"""VLMEvalKit's layout: one TSV with the pictures inside (base64), options in columns A, B, C, ...

It knows multiple choice and yes/no; counts and measures go into a second file as open questions.
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
OPEN = "ITB_VQA.tsv"


def write(rows: Iterable[ExportRow], owned: Owned) -> list[Path]:
    """Write both files; a file without rows is not written."""
    tables: dict[str, list[dict[str, Any]]] = {CHOICES: [], OPEN: []}
    for row in rows:
        table = tables[CHOICES if list_choices(row.item) else OPEN]
        table.append({"index": len(table), **_describe(row, owned.path)})
    filled = {name: table for name, table in tables.items() if table}
    owned.add(*filled)
    return [_write(owned.path / name, table) for name, table in filled.items()]


def list_choices(item: Item) -> tuple[str, ...]:
    """What a question offers one of: its options, or yes and no; empty for an open one."""
    reader = find_reader(item.form)
    return reader.list_candidates(item.options, None) if reader.is_choice else ()


def _describe(row: ExportRow, out: Path) -> dict[str, Any]:
    item = row.item
    options = list_choices(item)
    answer = LETTERS[options.index(item.answer)] if options else item.answer
    return {
        "image": _encode([out / name for name in row.images]),
        "question": item.question if options else row.request,
        **dict(zip(LETTERS, options, strict=False)),
        "answer": answer,
        "category": item.task,
        "itb_id": item.id,
    }


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
