"""Parquet, as `python -m agents export --format parquet` and the hubs write it: rows in batches, captions apart."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.errors import UsageError, first_line
from tools.registry.extras import require

ROWS_AT_ONCE = 64
"""Pictures stand inside the rows: more of them would need much memory."""


def read_parquet(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Number and fields of every row; a row with lists of `ids` and `captions` gives one row a caption.

    Raises:
        UsageError: no Parquet.
        MissingError: pyarrow is not installed.
    """
    require("data", "reading Parquet", "pyarrow")
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as table:
            for batch in table.iter_batches(ROWS_AT_ONCE):
                for row in batch.to_pylist():
                    number += 1
                    yield from ((number, each) for each in _spread_captions(row))
    except (OSError, pa.ArrowException, ValueError) as error:
        raise UsageError(f"{path}: cannot be read as Parquet: {first_line(error)}; is the file whole?") from error


def _spread_captions(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    ids, captions = row.get("ids"), row.get("captions")
    if not (isinstance(ids, list) and isinstance(captions, list) and len(ids) == len(captions)):
        yield row
        return
    rest = {key: value for key, value in row.items() if key not in ("ids", "captions")}
    for each, caption in zip(ids, captions, strict=True):
        yield {**rest, "id": each, "caption": caption}
