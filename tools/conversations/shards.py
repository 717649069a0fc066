"""Parquet shards of bounded size, so that memory stays flat whatever the number of rows."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.files import Owned, clear_files, replace_file

SHARD_ROWS = 2000
GROUP_ROWS = 100


def write_shards(owned: Owned, name: str, features: Any, rows: Iterator[dict[str, Any]]) -> Iterator[Path]:
    """Write `NAME-00000.parquet` and so on; at least one, with no row where there is none.

    Args:
        features: of `datasets`; which columns there are, and what is in them.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = features.arrow_schema
    clear_files(owned.path, (old for old in owned.files if old.startswith(f"{name}-")))
    for number in itertools.count():
        shard = list(itertools.islice(rows, SHARD_ROWS))
        if not shard and number:
            return
        columns = {column: [row[column] for row in shard] for column in features}
        path = owned.path / f"{name}-{number:05d}.parquet"
        owned.add(path.name)
        with replace_file(path) as file:
            pq.write_table(pa.Table.from_pydict(columns, schema=schema), file, row_group_size=GROUP_ROWS)
        yield path
        if not shard:
            return
