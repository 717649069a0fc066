"""Pictures that fail in the middle of training: counted, named once, and kept in `rejected.jsonl`."""

import json
from collections.abc import Iterable
from pathlib import Path

from tools.files import explain_disk
from tools.files.json_text import decode_object
from tools.files.text import TextFault, iterate_lines
from trainer.data.collate import Unreadable
from trainer.data.precheck import FILE
from trainer.data.samples import Reject


class RejectLog:
    """Appends to `rejected.jsonl`; a sample that was named before, also by an earlier run, is not named again."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._known = {"filler"} | {reject.id for reject in read_training_rejects(self._path)}

    @property
    def count(self) -> int:
        """Samples that were named in training."""
        return len(self._known) - 1

    def add(self, items: Iterable[Unreadable]) -> None:
        """Note the pictures that a batch could not read."""
        fresh = [item for item in items if item.id not in self._known]
        if not fresh:
            return
        self._known.update(item.id for item in fresh)
        rows = (Reject(item.id, item.code, item.reason, "train")._asdict() for item in fresh)
        with explain_disk(self._path), self._path.open("a", encoding="utf-8") as file:
            file.write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def read_training_rejects(path: Path) -> list[Reject]:
    """The rows of `rejected.jsonl` that training added; a line that a kill cut off is left out."""
    if not path.is_file():
        return []
    found = []
    for _, line in iterate_lines(path):
        try:
            row = decode_object(line)
        except TextFault:
            continue
        if row.get("where") == "train" and row.keys() == set(Reject._fields):
            found.append(Reject(**row))
    return found
