"""One question about every image of a folder: a file of answers that is gone on with where it was left."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from tools.errors import MissingError, RejectError, UsageError, shorten
from tools.files import MARKER_FILE, check_file, clear_unfinished, hold, make_parent, write_bytes, write_text
from tools.files.json_text import decode_record, find_object
from tools.files.text import TextFault, split_lines
from tools.manifest import hash_bytes, say
from tools.records import Record
from tools.registry import describe_plugins
from tools.weights import digest_file
from trainer.output.talk.local import LocalModel, name_folder
from trainer.output.talk.pictures import open_picture
from trainer.output.talk.prompting import Wording

KIND = "a file of answers"
FROZEN = "frozen"
WEIGHTS, TEXTS = (".safetensors", ".bin"), (".json", ".jinja", ".model", ".txt")
"""Endings of a model folder's files that decide its answers."""
HEAD = b'{"image":"'
"""How every line begins."""


class AnswerRow(Record):
    """A line of the file of answers.

    Attributes:
        image: path below the folder.
        error: why there is no answer: the file cannot be read.
    """

    image: str
    answer: str = ""
    error: str = ""


class Asked(NamedTuple):
    """What decides the answers: folder and names of its images, the question as put, how many at once, and the rest.

    Attributes:
        frozen: what may not change while a file of answers grows.
    """

    folder: Path
    names: Sequence[str]
    wording: Wording
    batch: int
    frozen: Mapping[str, Any]


def list_names(folder: Path) -> list[str]:
    """Every image below a folder.

    Raises:
        MissingError: no such folder, or none in it.
    """
    from tools.datasets.folder.reader import list_files

    names = [path.relative_to(folder).as_posix() for path in list_files(folder)] if folder.is_dir() else []
    if not names:
        raise MissingError(f"--folder {folder}: no images there; name a folder that holds some")
    return names


def describe_frozen(model: Path, wording: Wording, most_tokens: int, batch: int) -> dict[str, Any]:
    """What decides the answers besides the images: the model's files, the question as it is put, lengths."""
    files = (path for path in sorted(model.iterdir()) if path.suffix in (*WEIGHTS, *TEXTS) and path.name != MARKER_FILE)
    return {
        "model": name_folder(model),
        "digest": hash_bytes(*(f"{path.name} {digest_file(path)}".encode() for path in files)),
        "system": wording.system,
        "question": wording.text,
        "max_new_tokens": most_tokens,
        "batch": batch,
        "plugins": describe_plugins(),
    }


def find_rest(asked: Asked, out: Path) -> dict[str, AnswerRow]:
    """The answers that a file holds already, by image; those that are errors are asked for again.

    Raises:
        UsageError: it is something else, or was begun with other settings.
    """
    check_file(manifest_path(out), lambda path: FROZEN in find_object(path), "the manifest of answers")
    check_file(out, _is_ours, KIND)
    rows = read_answers(out) if out.is_file() else []
    before = find_object(manifest_path(out)).get(FROZEN)
    if rows and before != asked.frozen:
        pairs = ((name, dict(before or {}).get(name), now) for name, now in asked.frozen.items())
        changes = "; ".join(
            f"{name}: {shorten(say(old))} -> {shorten(say(now))}" for name, old, now in pairs if old != now
        )
        raise UsageError(f"{out}: begun with other settings: {changes}. Use the same, or another --out")
    return {row.image: row for row in rows if not row.error}


def answer_folder(model: LocalModel, asked: Asked, out: Path, hear: Callable[[AnswerRow], None]) -> list[AnswerRow]:
    """Ask what is not answered yet; all rows, in the order of the names. Batches are the same however often it is run.

    Raises:
        UsageError: as `find_rest`, or the model cannot be asked.
        ToolkitError: another process writes the file, or the disk is full.
    """
    make_parent(out)
    with hold(out):
        clear_unfinished(out)
        clear_unfinished(manifest_path(out))
        rows = find_rest(asked, out)
        write_bytes(out, b"".join(map(_write, rows.values())))  # without errors, and what a killed process left
        write_text(manifest_path(out), json.dumps({FROZEN: asked.frozen}, ensure_ascii=False, indent=1) + "\n")
        for row in rows.values():
            hear(row)
        with out.open("ab") as file:
            for found in _ask_rest(model, asked, rows):
                file.write(b"".join(map(_write, found)))
                file.flush()
                for row in found:
                    rows[row.image] = row
                    hear(row)
        result = [rows[name] for name in asked.names]
        write_bytes(out, b"".join(map(_write, result)))
    return result


def _ask_rest(model: LocalModel, asked: Asked, done: Mapping[str, AnswerRow]) -> Iterator[list[AnswerRow]]:
    """Batch by batch; one of which a part is missing is asked wholly again, so that equal batches give the answers."""
    for start in range(0, len(asked.names), asked.batch):
        names = asked.names[start : start + asked.batch]
        missing = [name for name in names if name not in done]
        if missing:
            rows = _ask_batch(model, asked, names)
            yield [rows[name] for name in missing]


def _ask_batch(model: LocalModel, asked: Asked, names: Sequence[str]) -> dict[str, AnswerRow]:
    rows: dict[str, AnswerRow] = {}
    images: dict[str, Image.Image] = {}
    for name in names:
        try:
            images[name] = open_picture(asked.folder / name).picture
        except RejectError as error:
            why = str(error).removeprefix(f"{asked.folder / name}: ")
            rows[name] = AnswerRow(image=name, error=f"{error.code}: {why}")
    if images:
        answers = model.answer([asked.wording] * len(images), list(images.values()))
        rows |= {name: AnswerRow(image=name, answer=answer) for name, answer in zip(images, answers, strict=True)}
    return rows


def read_answers(path: Path) -> list[AnswerRow]:
    """The lines of a file of answers; half a line that a killed process left is passed over.

    Raises:
        UsageError: a line is damaged.
    """
    content = path.read_bytes()
    rows = []
    for number, line in split_lines(content[: content.rfind(b"\n") + 1]):
        try:
            rows.append(decode_record(line, AnswerRow))
        except TextFault as error:
            raise UsageError(f"{path}:{number}: no answer ({error}); delete the line, or name another --out") from error
    return rows


def manifest_path(path: Path) -> Path:
    """The manifest beside a file of answers."""
    return path.with_name(f"{path.name}.manifest.json")


def _is_ours(path: Path) -> bool:
    """Whether it begins as such a file, or the one beside it says so."""
    with path.open("rb") as file:
        start = file.read(len(HEAD))
    return start == HEAD[: len(start)] and os.path.lexists(manifest_path(path))


def _write(row: AnswerRow) -> bytes:
    return row.model_dump_json(exclude_defaults=True).encode() + b"\n"
