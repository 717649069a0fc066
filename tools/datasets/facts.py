"""What is known of a dataset before it is read: terms, names, the tree it comes in."""

import functools
import re
from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import ValidationError

from tools.datasets.records import Band, Polarity
from tools.errors import ToolkitError
from tools.files.yaml_text import read_yaml
from tools.records import Record

FACTS = "facts.yaml"
"""The file beside a reader that holds its facts."""


class Facts(Record):
    """One dataset.

    Attributes:
        band, polarity, unit: of its images, where a row does not say otherwise.
        names: class names as the dataset writes them, and their known synonyms and misspellings -> as the benchmark
            does; empty: as they are written.
        tree: what its folder has to hold.
        how: where it comes from, and what to do when the tree differs.
        is_in_paper: one of the seven of the paper.
    """

    title: str
    licence: str
    citation: str = "none"
    band: Band
    polarity: Polarity = "unknown"
    unit: str | None = None
    is_in_paper: bool = False
    names: Mapping[str, str] = {}
    tree: str
    how: str

    def find_name(self, written: str) -> str | None:
        """What the benchmark calls a class; case, blanks, `_` and `-` do not matter. None for one that is not known."""
        name = written.strip()
        return (self.names.get(name) or self._spellings.get(fold_name(name))) if self.names else name

    @functools.cached_property
    def _spellings(self) -> Mapping[str, str]:
        """Folded name -> the benchmark's, of those that are one name however they are spelt."""
        found: dict[str, set[str]] = {}
        for written, name in self.names.items():
            found.setdefault(fold_name(written), set()).add(name)
        return {folded: names.pop() for folded, names in found.items() if len(names) == 1}


def fold_name(name: str) -> str:
    """A class name without what spellings of it differ in: case, spaces, `_` and `-`."""
    return re.sub(r"[\s_-]+", "", name).casefold()


def read_facts(reader: str) -> Facts:
    """The facts in the YAML file beside a reader.

    Args:
        reader: the reader's `__file__`.

    Raises:
        ToolkitError: the file is missing, or says something else than facts.
    """
    path = Path(reader).with_name(FACTS)
    try:
        return Facts.model_validate(read_yaml(path))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise ToolkitError(f"{path}: the dataset's facts cannot be read: {error}") from error
