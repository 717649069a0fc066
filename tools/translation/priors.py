"""The table of class temperatures behind the translator `prior`."""

import functools
import hashlib
from pathlib import Path
from typing import Literal

from tools.files.yaml_text import read_yaml
from tools.records import Record

Shape = Literal["body", "animal", "vehicle", "solid", "surface"]


class ClassPrior(Record):
    """What is assumed about every object of one class; `classes.yaml` explains the fields."""

    celsius: float
    shape: Shape
    place: Literal["indoor", "outdoor"] | None = None


class PriorTable(Record):
    """`classes.yaml`, checked.

    Attributes:
        ambient_celsius: what the scene has where nothing is known.
        classes: label -> prior.
        same_as: further labels -> label of `classes`.
    """

    ambient_celsius: float
    classes: dict[str, ClassPrior]
    same_as: dict[str, str]

    def find(self, label: str) -> ClassPrior:
        """The prior of a label; unknown objects are taken to be a little above ambient."""
        key = label.strip().lower()
        unknown = ClassPrior(celsius=self.ambient_celsius + 1, shape="surface")
        return self.classes.get(self.same_as.get(key, key), unknown)


_FILE = Path(__file__).with_name("classes.yaml")


@functools.cache
def load_priors() -> PriorTable:
    """The table that ships with this package."""
    return PriorTable.model_validate(read_yaml(_FILE))


@functools.cache
def digest_priors() -> str:
    """Short hash of the table's file; part of the translator's identity."""
    return hashlib.sha256(_FILE.read_bytes()).hexdigest()[:12]
