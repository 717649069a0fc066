"""What others have published of their benchmarks, beside what is measured here: a file a benchmark, with sources.

published = read_published("thermeval")
for figure in published.list_beside("t5_single/accuracy"):
    print(figure.model, figure.value, published.sources[figure.source])
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator

from tools.files.yaml_text import read_yaml
from tools.records import Record


class PublishedFigure(Record):
    """One number that somebody else gives.

    Attributes:
        figure: of which figure of the report it is, e.g. `T5 single/accuracy`.
        model: whose result it is; for a rule that does not look, what the rule is.
        kind: `model`, `human`, or `blind`: a rule fitted to the labels, computed from the labels that were published.
        value: in `unit`.
        unit: `%`, or that of an error.
        source: where the number stands, by its short name.
        note: what has to be known before it is compared; empty for nothing.
    """

    figure: str
    model: str
    kind: Literal["model", "human", "blind"] = "model"
    value: float
    unit: str = "%"
    source: str
    note: str = ""


class Published(Record):
    """All of one benchmark.

    Attributes:
        warning: what has to be known of all of them; empty for nothing.
        sources: by a short name, which the figures use.
    """

    benchmark: str
    warning: str = ""
    sources: Mapping[str, str]
    figures: tuple[PublishedFigure, ...]

    @model_validator(mode="after")
    def _check_sources(self) -> Self:
        unknown = sorted({figure.source for figure in self.figures} - set(self.sources))
        if unknown:
            raise ValueError(f"figures name sources that are not described: {', '.join(unknown)}")
        return self

    def list_beside(self, figure: str) -> tuple[PublishedFigure, ...]:
        """What is published of a figure of the report."""
        return tuple(found for found in self.figures if found.figure == figure)


@cache
def read_published(benchmark: str) -> Published | None:
    """What is known of a benchmark; None of one of which nothing is."""
    path = Path(__file__).with_name(f"{benchmark}.yaml")
    return Published.model_validate(read_yaml(path)) if path.is_file() else None
