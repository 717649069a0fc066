"""VS-TDX: one parquet of questions with their pictures inside, of three sensors; the thermal ones are asked by default.

Also taken: its rows as JSON or JSONL, with the file name of a picture in `image`.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from itb.others.kind import Asked, Facts, ForeignBenchmark, Shown, Skipped
from tools.errors import MissingError, UsageError
from tools.files.json_text import read_json, read_rows

LETTERS = "ABCD"
_OPTION = re.compile(r"^\s*\(?([A-D])[).:]\s*(.+?)\s*$", re.MULTILINE)


class VsTdxSettings(BaseModel):
    """What of VS-TDX is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sensors: tuple[Literal["thermal", "depth", "xray"], ...] = Field(
        ("thermal",), description="Whose questions are asked."
    )
