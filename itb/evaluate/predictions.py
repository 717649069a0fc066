"""A predictions file: lines appended as replies come, put into the benchmark's order at the end.

It holds nothing that hangs on the clock, so a run that was killed and went on ends with the bytes of one that never
stopped. Beside it, `<its name>.manifest.json` says what was asked of which model, `<its name>.timing.json` how long it
took, and `<its name>.errors.jsonl`, while there are such, which questions got no reply, and why: these are no
predictions, and the next run asks them again.
"""

import functools
import json
import os
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, Self

from itb.benchmark.ask import Key
from itb.records import Missed, Prediction
from tools.errors import MissingError, ToolkitError, UsageError
from tools.files import check_file, clear_unfinished, explain_disk, hold, make_parent, write_bytes, write_text
from tools.files.database import set_aside
from tools.files.json_text import decode_json, decode_record, find_object, read_object
from tools.files.text import TextFault, split_lines
from tools.terminal.cli import stderr

Json = Mapping[str, Any]
ERROR = "error"
"""The failure under which older files hold questions without a reply."""
HEAD = b'{"item":"'
"""How every line begins that was written here."""
PARTS_OF_MANIFEST = (("frozen",), ("frozen", "model"), ("asked",), ("results",), ("results", "errors"))
"""What reports and evaluations look into, each a JSON object where it is there."""


class PredictionsFile:
    """Predictions on disk, locked while they are worked on; a context manager.

    Attributes:
        path: the file.
        done: what it held when it was opened, by item and variant.
        missed: questions of this run that got no reply.

    Raises:
        UsageError: it cannot be written, a line of it is no prediction, or a file beside it is someone else's.
        ToolkitError: another process works on it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held = ExitStack()

    def __enter__(self) -> Self:
        with self._held as held:
            make_parent(self.path)
            held.enter_context(hold(self.path))
            for file in (self.path, manifest_path(self.path), timing_path(self.path), errors_path(self.path)):
                clear_unfinished(file)
            _set_times_aside(timing_path(self.path))
            begun = read_begun(self.path)
            kept = [row for row in begun.rows if row.failure != ERROR]
            if len(kept) < len(begun.rows):
                write_bytes(self.path, b"".join(map(write_row, kept)))
            self._open()
            if begun.torn and len(kept) == len(begun.rows):
                os.truncate(self.path, begun.whole)
            self.done = {Key(row.item, row.variant): row for row in kept}
            self.missed: dict[Key, Missed] = {}
            self._held = held.pop_all()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._file.close()
        if kind is not None and self.missed:  # stopped half-way: what is known of the errors is told all the same
            self._write_missed(self.missed.values())
        self._held.close()

    def _open(self) -> None:
        try:
            self._file = self.path.open("ab")
        except OSError as error:
            raise UsageError(f"--out {self.path}: cannot be written ({error}); name another file") from error

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
        """Put the lines into `order`, those it does not name behind them; gives them all. Errors go to their file."""
        order = list(order)
        self._write_missed([self.missed[key] for key in order if key in self.missed])
        rows = {Key(row.item, row.variant): row for row in read_predictions(self.path)}
        wanted = [key for key in order if key in rows]
        others = sorted(rows.keys() - set(wanted))
        result = [rows[key] for key in (*wanted, *others)]
        content = b"".join(write_row(row) for row in result)
        if content != self.path.read_bytes():
            write_bytes(self.path, content)
            self._file.close()
            self._open()
        return result

    def miss(self, key: Key, error: str) -> None:
        """Note that a question got no reply."""
        self.missed[key] = Missed(item=key.item, variant=key.variant, error=error)

    def _write_missed(self, rows: Iterable[Missed]) -> None:
        file, content = errors_path(self.path), b"".join(write_row(row) for row in rows)
        with explain_disk(file):
            if content:
                write_bytes(file, content)
            else:
                file.unlink(missing_ok=True)


class Begun(NamedTuple):
    """What a predictions file holds: rows, the bytes of their lines, and half a line that a killed process left."""

    rows: list[Prediction]
    whole: int
    torn: bytes


def read_begun(path: Path) -> Begun:
    """A predictions file that is to go on, empty when there is none; nothing is changed.

    Raises:
        UsageError: it, or a file beside it, is something else, or a line of it is damaged.
    """
    check_file(manifest_path(path), functools.partial(_has_key, "frozen"), "the manifest of an evaluation")
    check_file(timing_path(path), _are_times, "the timing of an evaluation")
    check_file(path, lambda path: True, "a file")
    content = path.read_bytes() if path.is_file() else b""
    whole = content.rfind(b"\n") + 1
    rows, torn = _parse_rows(path, content[:whole]), content[whole:]
    if torn and not _is_torn(torn):
        raise UsageError(f"{path}: is there and is not a file of predictions; move it, or name another with --out")
    return Begun(rows, whole, torn)


def _is_torn(text: bytes) -> bool:
    """Whether it is the beginning of a prediction's line, or all of it but its end."""
    try:
        decode_json(text)
    except TextFault:
        return text[: len(HEAD)] == HEAD[: len(text)]
    return _is_row(text)


def _is_row(line: bytes) -> bool:
    try:
        decode_record(line, Prediction)
    except TextFault:
        return False
    return True


def read_predictions(path: Path) -> list[Prediction]:
    """All lines of a predictions file.

    Raises:
        MissingError: there is no such file.
        UsageError: a line is no prediction, or an item and variant stand twice.
    """
    if not path.is_file():
        raise MissingError(f"{path}: no predictions there; `python -m itb eval ... --out {path}` makes them")
    return _parse_rows(path, path.read_bytes())


def _parse_rows(path: Path, content: bytes) -> list[Prediction]:
    rows, seen = [], set()
    for number, line in split_lines(content):
        try:
            row = decode_record(line, Prediction)
        except TextFault as error:
            raise UsageError(
                f"{path}:{number}: no prediction ({error}); mend or delete the line, start again "
                "with --fresh, or name another --out"
            ) from error
        key = Key(row.item, row.variant)
        if key in seen:
            raise UsageError(f"{path}:{number}: a second prediction for {row.item!r} {row.variant!r}; delete one")
        seen.add(key)
        rows.append(row)
    return rows


def write_row(row: Prediction | Missed) -> bytes:
    """A record's line; what is as usual is left out."""
    return row.model_dump_json(exclude_defaults=True).encode() + b"\n"


def manifest_path(path: Path) -> Path:
    """The manifest beside a predictions file."""
    return _sibling(path, "manifest.json")


def timing_path(path: Path) -> Path:
    """The timings beside a predictions file."""
    return _sibling(path, "timing.json")


def errors_path(path: Path) -> Path:
    """The questions without a reply, beside a predictions file."""
    return _sibling(path, "errors.jsonl")


def read_manifest(path: Path) -> dict[str, Any]:
    """The manifest of the predictions at `path`; empty when there is none.

    Raises:
        UsageError: it is not a JSON object, or a part of it is none.
    """
    file, again = manifest_path(path), "start again with --fresh"
    found = read_object(file, again) if file.is_file() else {}
    for names in PARTS_OF_MANIFEST:
        part: Any = found
        for name in names:
            part = part.get(name, {})
            if not isinstance(part, dict):
                raise UsageError(f"{file}: `{'.'.join(names)}` is no JSON object; {again}")
    return found


def write_json(path: Path, content: Json) -> None:
    """Write a JSON file whole or not at all."""
    write_text(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def note_time(path: Path, count: int, seconds: float) -> None:
    """Add a session to the timings, which stand apart as no clock says the same twice; killed ones leave no note."""
    file = timing_path(path)
    sessions = find_object(file).get("sessions") or []
    if count:
        write_json(file, {"sessions": [*sessions, {"questions": count, "seconds": round(seconds, 3)}]})


def _are_times(path: Path) -> bool:
    """Whether a file holds times, or did before it was damaged."""
    return _has_key("sessions", path) or _are_torn(path)


def _are_torn(path: Path) -> bool:
    """Whether a file of times is no longer one: not JSON, or without a list."""
    content = path.read_bytes()
    sessions = find_object(path).get("sessions")
    return b'"sessions"' in content and not isinstance(sessions, list)


def _set_times_aside(path: Path) -> None:
    if path.is_file() and _are_torn(path):
        stderr.print(
            f"{path}: was damaged; it is now {set_aside(path).name}, and times are counted anew",
            markup=False,
            soft_wrap=True,
        )


def check_predictions(path: Path) -> None:
    """Refuse to delete what is not of an evaluation; a file with damaged lines is, when others are whole.

    Raises:
        UsageError: one of the three files is there and is something else.
    """
    check_file(path, _holds_predictions, "a file of predictions")
    is_ours = path.is_file() and path.stat().st_size > 0
    for file, key in ((manifest_path(path), "frozen"), (timing_path(path), "sessions")):
        if not is_ours:
            check_file(file, functools.partial(_has_key, key), f"the {file.name.split('.')[-2]} of an evaluation")


def _holds_predictions(path: Path) -> bool:
    if _has_key("frozen", manifest_path(path)):
        return True
    with path.open("rb") as lines:
        return any(_is_row(line) or (not line.endswith(b"\n") and _is_torn(line)) for line in lines)


def _has_key(key: str, path: Path) -> bool:
    return key in find_object(path)


def clear_predictions(path: Path) -> None:
    """Delete a predictions file and what stands beside it.

    Raises:
        UsageError: one of them is something else; nothing is deleted.
        ToolkitError: another process writes there, or a file cannot be deleted.
    """
    check_predictions(path)
    with hold(path):
        for file in (path, manifest_path(path), timing_path(path), errors_path(path)):
            with explain_disk(file):
                file.unlink(missing_ok=True)


def _sibling(path: Path, ending: str) -> Path:
    return path.with_name(f"{path.name}.{ending}")
