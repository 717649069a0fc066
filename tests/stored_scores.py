"""Replies with the scores that the makers' own code gave them, where ../shared has them."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "benchmarks"


@cache
def load(name: str) -> Any:
    path = FOLDER / "scores" / name
    if not path.is_file():
        pytest.skip(f"{name} is not there: ../shared/data/benchmarks/scores holds replies with upstream's scores")
    return json.loads(path.read_text(encoding="utf-8"))
