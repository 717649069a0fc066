"""A RUN folder of `python -m agents run`: `pairs.jsonl` and `instructions.jsonl`."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import MissingError, RejectError
from tools.files.json_text import decode_object
from tools.files.text import TextFault
from trainer.data.reading.dialogue import parse_turns
from trainer.data.reading.rows import Row, join_picture, make_samples, read_jsonl
from trainer.data.samples import Reject, Sample, Turn

if TYPE_CHECKING:
    from trainer.data.reading import Request


def read_run(request: "Request", file: Path) -> Iterator[Sample | Reject]:
    """Samples of one of the two files; a pair becomes a single assistant turn, to be given a question later.

    Raises:
        MissingError: the photographs are asked for and the manifest does not say where they are.
    """
    field = "photo" if request.visible else "image"
    root = _find_root(request, file.parent)

    def make(name: str, row: Row) -> Sample:
        return Sample(name, join_picture(root, _read_image(row, field)), _read_turns(row))

    yield from make_samples(file, read_jsonl(file), make, ":")


def _find_root(request: "Request", run: Path) -> Path:
    if request.images is not None:
        return request.images
    if not request.visible:
        return run
    manifest = run / "manifest.json"
    try:
        return run / str(decode_object(manifest.read_bytes())["photo_root"])
    except (OSError, TextFault, KeyError) as error:
        text = "does not say where the photographs are, which indirect alignment reads; give their folder as --images"
        raise MissingError(f"{manifest}: {text}") from error


def _read_image(row: Row, field: str) -> str:
    name = row.get(field)
    if not isinstance(name, str) or not name:
        hint = "the run was made with --translator none" if field == "image" else "the run names no photograph"
        raise RejectError("no_image", f"`{field}` is {name!r} ({hint})")
    return name


def _read_turns(row: Row) -> tuple[Turn, ...]:
    if "messages" in row:
        return parse_turns(row["messages"], "role", "content")
    caption = row.get("caption")
    if not isinstance(caption, str) or not caption.strip():
        raise RejectError("empty_turn", f"`caption` is {caption!r}")
    return (Turn("assistant", caption.strip()),)
