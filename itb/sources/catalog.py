"""What is known of each dataset before it is read: terms, names, the tree it comes in. Facts stand in catalog.yaml."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

from itb.records import Band, Polarity, TaskName
from tools.records import Record

CATALOG = Path(__file__).with_name("catalog.yaml")


class Facts(Record):
    """One dataset.

    Attributes:
        names: class names as the dataset writes them -> as the benchmark does.
        tasks: that it can feed.
        tree: what its folder has to hold.
        how: where it comes from, and what to do when the tree differs.
        is_in_paper: one of the seven of the paper.
    """

    title: str
    licence: str
    citation: str
    band: Band
    polarity: Polarity
    is_in_paper: bool
    tasks: tuple[TaskName, ...]
    names: dict[str, str]
    tree: str
    how: str


@cache
def load_facts() -> Mapping[str, Facts]:
    """Every dataset by its short name."""
    rows = yaml.safe_load(CATALOG.read_text(encoding="utf-8"))
    return MappingProxyType({name: Facts.model_validate(row) for name, row in rows.items()})
