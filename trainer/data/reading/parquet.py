"""Parquet with pictures inside, as `python -m agents export --format parquet` writes it.

Training reads a picture several times and at random, so the pictures are unpacked once, named by their content.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.errors import MissingError, RejectError, UsageError
from tools.files import explain_disk, write_bytes
from tools.manifest import hash_bytes
from trainer.data.reading.dialogue import parse_turns
from trainer.data.reading.rows import Row, name_row
from trainer.data.samples import Reject, Sample, Turn

if TYPE_CHECKING:
    from trainer.data.reading import Request

ENDINGS = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp"}
ROWS_AT_ONCE = 64


def read_parquet(request: "Request", file: Path) -> Iterator[Sample | Reject]:
    """One sample a caption of `pairs-*.parquet`, or a row of `instructions-*.parquet`.

    Raises:
        UsageError: not Parquet, or without a folder to unpack to, or visible photographs are asked for.
        MissingError: pyarrow is not installed.
    """
    if request.visible:
        raise UsageError(f"{file}: holds no photographs; indirect alignment needs a RUN folder or LLaVA JSON")
    if request.unpacked is None:
        raise UsageError(f"{file}: a folder to unpack the pictures to is needed")
    for number, row in enumerate(_read_rows(file), start=1):
        name = name_row(file, row, number)
        try:
            image = _unpack(row.get("image"), request.unpacked)
            yield from _build_samples(name, image, row)
        except RejectError as error:
            yield Reject(name, error.code, f"{file}: row {number}: {error}", "read")


def _read_rows(file: Path) -> Iterator[Row]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise MissingError("reading Parquet needs the package datasets: pip install -e '.[data]'") from error
    try:
        with pq.ParquetFile(file) as table:
            for batch in table.iter_batches(ROWS_AT_ONCE):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowInvalid) as error:
        raise UsageError(f"{file}: cannot be read as Parquet: {error}; is the file whole?") from error


def _build_samples(name: str, image: Path, row: Row) -> Iterator[Sample]:
    if "messages" in row:
        yield Sample(name, image, parse_turns(row["messages"], "role", "content"))
        return
    ids, captions = row.get("ids"), row.get("captions")
    if not isinstance(ids, list) or not isinstance(captions, list) or len(ids) != len(captions):
        raise RejectError("bad_row", "has neither `messages` nor `ids` and `captions` of equal length")
    for each, caption in zip(ids, captions, strict=True):
        if not caption or not caption.strip():
            raise RejectError("empty_turn", f"caption {each} is empty")
        yield Sample(str(each), image, (Turn("assistant", caption.strip()),))


def _unpack(image: Any, folder: Path) -> Path:
    """Write the picture unless it is there; what was cut off by a kill stands under another name."""
    data = image.get("bytes") if isinstance(image, dict) else None
    if not isinstance(data, bytes):
        raise RejectError("no_image", "has no picture inside (`image.bytes`)")
    digest = hash_bytes(data)
    ending = Path(str(image.get("path") or "")).suffix.lower()
    path = folder / digest[:2] / f"{digest}{ending if ending in ENDINGS else '.png'}"
    if not path.is_file():
        with explain_disk(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, data)
    return path
