"""JSON lists of conversations: LLaVA's layout (`image`) and that of the paper's authors (`thermal`)."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tools.errors import RejectError, UsageError
from trainer.data.reading.dialogue import parse_turns
from trainer.data.reading.rows import Row, join_picture, make_samples, read_list
from trainer.data.samples import Reject, Sample

if TYPE_CHECKING:
    from trainer.data.reading import Request


def read_llava(request: "Request", file: Path) -> Iterator[Sample | Reject]:
    """LLaVA's rows: `image` below the file's folder (or `images`), `conversations` of `human` and `gpt`."""
    return _read(file, "image", request.images or file.parent)


def read_authors(request: "Request", file: Path) -> Iterator[Sample | Reject]:
    """The authors' rows: `thermal` is a bare name, its file stands in the folder `thermal` beside the JSON.

    Raises:
        UsageError: visible photographs are asked for, of which these files know nothing.
    """
    if request.visible:
        raise UsageError(f"{file}: names no photographs; indirect alignment needs a RUN folder or LLaVA JSON")
    beside = file.parent / "thermal"
    return _read(file, "thermal", request.images or (beside if beside.is_dir() else file.parent))


def _read(file: Path, field: str, root: Path) -> Iterator[Sample | Reject]:
    def make(name: str, row: Row) -> Sample:
        image = join_picture(root, _read_image(row, field))
        return Sample(name, image, parse_turns(row.get("conversations"), "from", "value"))

    return make_samples(file, read_list(file), make, ": row ")


def _read_image(row: Row, field: str) -> str:
    name = row.get(field)
    if isinstance(name, list):
        raise RejectError("no_image", f"`{field}` names {len(name)} pictures; one picture a row is trained on")
    if not isinstance(name, str) or not name:
        raise RejectError("no_image", f"has no `{field}`; rows of text alone are not trained on")
    return name
