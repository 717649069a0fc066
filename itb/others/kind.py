"""What a foreign benchmark is: one object in one file of `kinds/`, which the table of foreign benchmarks names.

BENCHMARK = ForeignBenchmark(
    name="mine",
    title="Mine",
    facts=Facts(licence="CC BY 4.0", origin="example.org/mine"),
    read=read,                          # (folder, settings) -> Asked and Skipped
)
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from itb.others.scoring import Rules
from itb.records import Evidence
from tools.datasets.records import Band, CropXyxy, Polarity


@dataclass(frozen=True)
class Facts:
    """What a reader of a report has to know of a benchmark.

    Attributes:
        licence: as its makers state it.
        origin: where it comes from: repository and commit, paper.
        images: where its images come from, and what `--map` has to map.
        citation: how it is cited.
        declared: what of the way it is asked or scored here is this toolkit's and not its makers'; empty for nothing.
    """

    licence: str
    origin: str
    images: str = ""
    citation: str = ""
    declared: str = ""


@dataclass(frozen=True)
class Drawing:
    """An image that is made of a file of the benchmark.

    Attributes:
        label: folder of the benchmark, below `images`; equal for all that are drawn alike.
        suffix: tells apart what is drawn of one file in several ways.
        draw: the picture of a file.
    """

    label: str
    draw: Callable[[Path], Image.Image]
    suffix: str = ""


@dataclass(frozen=True)
class Shown:
    """One image of a question: what it is, and its path as the benchmark writes it.

    Attributes:
        root: a folder that it lies below, where that is not the benchmark's own.
    """

    name: str
    role: str = "ir"
    drawing: Drawing | None = None
    root: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question as its makers put it.

    Attributes:
        kind: what they call its task.
        key: tells it apart from the others of its task.
        question: what is asked, for people; prompt: the whole request that a model gets, empty where it is put as ITB
            puts its own.
        answer: in the writing of its form; label: as they write it, empty where that is the same.
        task: the kind as a name; empty where it follows from it.
        shown: its images, at least one.
        group: what it has in common with others whose answers hang together; empty for its first image.
        max_new_tokens: longest reply that its makers wait for, None where they do not say.
        declared: what of this question is not its makers'.
        variant_of: what all variants of the question share; empty for its key.
        facts: what else their rules need.
        checks: as `Item.facts`.
    """

    kind: str
    key: str
    question: str
    answer: str
    form: str
    shown: tuple[Shown, ...]
    prompt: str = ""
    label: str = ""
    task: str = ""
    variant_of: str = ""
    options: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    tolerance: float | None = None
    unit: str | None = None
    group: str = ""
    is_text_first: bool = False
    max_new_tokens: int | None = None
    declared: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    checks: Mapping[str, str | float] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    crop_xyxy: CropXyxy | None = None
    band: Band = "lwir"
    polarity: Polarity = "unknown"


@dataclass(frozen=True)
class Skipped:
    """A row that is not asked: a short code, and which one."""

    code: str
    what: str


@dataclass(frozen=True)
class ForeignBenchmark:
    """Somebody else's benchmark.

    Attributes:
        name: as in the table; the source of its items.
        title: what people read.
        read: everything in its folder, always in the same order, with the entry's settings.
        rules: how its makers read and score, where `itb.others.scoring` does not have it by name; None for ours alone.
    """

    name: str
    title: str
    facts: Facts
    read: Callable[[Path, Any], Iterator[Asked | Skipped]]
    rules: Rules | None = None


def load_benchmark(name: str) -> ForeignBenchmark:
    """The benchmark of a name.

    Raises:
        UsageError: there is none.
    """
    from tools.registry import FOREIGN_BENCHMARKS

    found: ForeignBenchmark = FOREIGN_BENCHMARKS.load(name)
    return found
