"""A predictions file: lines appended as replies come, put into the benchmark's order at the end.

It holds nothing that hangs on the clock, so a run that was killed and went on ends with the bytes of one that never
stopped. Beside it, `<its name>.manifest.json` says what was asked of which model, `<its name>.timing.json` how long it
took.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from itb.ask import Key
from itb.records import Prediction
from tools.errors import MissingError, ToolkitError, UsageError
from tools.manifest import read_object

Json = Mapping[str, Any]


class PredictionsFile:
    """Predictions on disk, locked while they are worked on; a context manager.

    Attributes:
        path: the file.
        done: what it held when it was opened, by item and variant.

    Raises:
        UsageError: it cannot be written, or a line of it is no prediction.
        ToolkitError: another process works on it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = path.with_name(f".{path.name}.lock").open("a")  # stays: deleting it would let two in
            self._file = path.open("ab")
        except OSError as error:
            raise UsageError(f"--out {path}: cannot be written ({error}); name another file") from error

    def __enter__(self) -> Self:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ToolkitError(f"{self.path}: another process writes to it; wait, or use another --out") from error
        self._drop_torn_line()
        self.done = {Key(row.item, row.variant): row for row in read_predictions(self.path)}
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._lock.close()

    def append(self, rows: Iterable[Prediction]) -> None:
        """Add predictions; they survive the death of this process from here on.

        Raises:
            ToolkitError: the disk is full.
        """
        try:
            self._file.write(b"".join(write_row(row) for row in rows))
            self._file.flush()
        except OSError as error:
            raise ToolkitError(f"{self.path}: {error}; make room and run the same command again") from error

    def finish(self, order: Iterable[Key]) -> list[Prediction]:
        """Put the lines into `order`, those it does not name behind them; gives them all."""
        rows = {Key(row.item, row.variant): row for row in read_predictions(self.path)}
        wanted = [key for key in order if key in rows]
        others = sorted(rows.keys() - set(wanted))
        result = [rows[key] for key in (*wanted, *others)]
        content = b"".join(write_row(row) for row in result)
        if content != self.path.read_bytes():
            write_whole(self.path, content)
            self._file.close()
            self._file = self.path.open("ab")
        return result

    def _drop_torn_line(self) -> None:
        """A process that was killed while it wrote leaves half a line."""
        content = self.path.read_bytes()
        if content and not content.endswith(b"\n"):
            os.truncate(self.path, content.rfind(b"\n") + 1)


def read_predictions(path: Path) -> list[Prediction]:
    """All lines of a predictions file.

    Raises:
        MissingError: there is no such file.
        UsageError: a line is no prediction, or an item and variant stand twice.
    """
    if not path.is_file():
        raise MissingError(f"{path}: no predictions there; `python -m itb eval ... --out {path}` makes them")
    rows, seen = [], set()
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            row = Prediction.model_validate_json(line)
        except ValidationError as error:
            raise UsageError(
                f"{path}:{number}: no prediction ({error.errors()[0]['msg']}); mend or delete the line, or start again "
                "with --fresh"
            ) from error
        key = Key(row.item, row.variant)
        if key in seen:
            raise UsageError(f"{path}:{number}: a second prediction for {row.item!r} {row.variant!r}; delete one")
        seen.add(key)
        rows.append(row)
    return rows


def write_row(row: Prediction) -> bytes:
    """A prediction's line; what is as usual is left out."""
    return row.model_dump_json(exclude_defaults=True).encode() + b"\n"


def manifest_path(path: Path) -> Path:
    """The manifest beside a predictions file."""
    return _sibling(path, "manifest.json")


def timing_path(path: Path) -> Path:
    """The timings beside a predictions file."""
    return _sibling(path, "timing.json")


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of the predictions at `path`; empty when there is none.

    Raises:
        UsageError: it is not a JSON object.
    """
    file = manifest_path(path)
    return read_object(file, "start again with --fresh") if file.is_file() else {}


def write_json(path: Path, content: Json) -> None:
    """Write a JSON file whole or not at all."""
    write_whole(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())


def write_whole(path: Path, content: bytes) -> None:
    """Readers see the old file or the whole new one.

    Raises:
        ToolkitError: the disk is full.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise ToolkitError(f"{path}: cannot be written ({error}); make room and run again") from error


def note_time(path: Path, count: int, seconds: float) -> None:
    """Add a session to the timings, which stand apart as no clock says the same twice; killed ones leave no note."""
    file = timing_path(path)
    sessions = json.loads(file.read_bytes())["sessions"] if file.is_file() else []
    if count:
        write_json(file, {"sessions": [*sessions, {"questions": count, "seconds": round(seconds, 3)}]})


def clear_predictions(path: Path) -> None:
    """Delete a predictions file and what stands beside it."""
    for file in (path, manifest_path(path), timing_path(path)):
        file.unlink(missing_ok=True)


def _sibling(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}.{ending}")
