"""LLaVA's layout, for fine-tuning on the train split: a JSON list of conversations, and the pictures."""

import json
from collections.abc import Iterable
from pathlib import Path

from itb.ask import LETTERS
from itb.export.rows import ExportRow


def write(rows: Iterable[ExportRow], out: Path) -> list[Path]:
    """Write `itb.json`; options are answered by letter, everything else by the answer itself."""
    made = [
        {
            "id": row.item.id,
            "image": row.image,
            "conversations": [
                {"from": "human", "value": f"<image>\n{row.request}"},
                {"from": "gpt", "value": _answer(row)},
            ],
        }
        for row in rows
    ]
    path = out / "itb.json"
    path.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return [path]


def _answer(row: ExportRow) -> str:
    item = row.item
    return LETTERS[item.options.index(item.answer)] if item.form == "option" else item.answer.capitalize()
