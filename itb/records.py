"""The records of the benchmark: what it holds (items), and what a model says.

Items and predictions are lines of files and refuse fields they do not know. The annotated images that they are made of
are `tools.datasets.AnnotatedImage`.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from tools.datasets.records import Band, Polarity
from tools.errors import UsageError
from tools.files.inside import PathFault, check_name
from tools.records import BoxXyxyNorm, Record
from tools.registry import REPLY_READERS, TASKS, Seam

Split = Literal["train", "test"]
Context = Literal["off", "on", "both"]
"""Whether a question comes with the pack's paragraph on what its images show."""
TaskName = str
"""An entry of the table of tasks."""
AnswerForm = str
"""An entry of the table of reply readers, e.g. `yes_no`."""
UNKNOWN_NAME: Final = "unknown_name"
"""Kind of error of an item whose task or form no table has: a plugin is missing."""


def _check_name(seam: Seam) -> Callable[[str], str]:
    def check(name: str) -> str:
        try:
            return seam.find(name).name
        except UsageError as error:
            raise PydanticCustomError(UNKNOWN_NAME, "{why}", {"why": str(error)}) from error

    return check


def find_original(item: "Item") -> str:
    """The frame behind an item's image, without its ending: pictures that the build drew of it keep its path."""
    parts = item.image.split("/")
    if item.source in parts[1:3]:  # images/SOURCE/..., or images/PICTURE/SOURCE/...
        parts = parts[parts.index(item.source, 1) + 1 :]
    return "/".join(parts).rpartition(".")[0]


class Evidence(Record):
    """What in the image the answer rests on; for audits, for pages, never shown to a model."""

    name: str
    box_xyxy_norm: BoxXyxyNorm


@functools.lru_cache(maxsize=256)  # a benchmark has few sources and many items
def _check_source(name: str) -> str:
    """A source names files of exports."""
    if "/" in check_name(name):
        raise PathFault(f"the source {name[:60]!r} has a slash")
    return name


class Item(Record):
    """One question of the benchmark: a line of `items.jsonl`.

    Attributes:
        id: `<task>-<source>-<image stem>-<number>`, unique, stable for equal settings.
        image: path relative to the benchmark's folder when it was copied, else to the source folder named in the
            manifest; the file's stem is the original's.
        crop_xyxy: part of the file that is shown, in pixels, None for all of it.
        question: as shown to a model, without the options and without any instruction on the form of the answer.
        options: bare names in the order shown; empty where the answer is open.
        answer: in the writing of its form: an option's text, `yes`/`no`, digits, ...
        form: how an answer is read: a reply reader.
        tolerance, unit: of a `measure`, else None.
        wording: which template of the task's wordings asked it, e.g. `locate/2`.
        group: of the frame; items of a group stand on the same side of the split.
        evidence: boxes that the answer rests on.
        evidence_pixels: side of the smallest of them, the geometric mean of its two, once the image is fitted into a
            square of 336 pixels, as models see it; None without evidence, and in older files.
        facts: what a check needs besides (subject, relation, counted name, emissivity, ...).
    """

    id: str
    task: Annotated[TaskName, AfterValidator(_check_name(TASKS))]
    source: Annotated[str, AfterValidator(_check_source)]
    band: Band
    polarity: Polarity
    image: Annotated[str, AfterValidator(check_name)]
    crop_xyxy: tuple[int, int, int, int] | None = None
    width: int
    height: int
    question: str
    options: tuple[str, ...] = ()
    answer: str
    form: Annotated[AnswerForm, AfterValidator(_check_name(REPLY_READERS))]
    tolerance: float | None = None
    unit: str | None = None
    wording: str
    group: str
    split: Split
    evidence: tuple[Evidence, ...] = ()
    evidence_pixels: float | None = None
    facts: Mapping[str, str | float] = {}


class Prediction(Record):
    """What a model said to one question: a line of a predictions file.

    Attributes:
        item: the item's id, plus `variant` when a question is asked in several ways.
        variant: `""` as it stands, or e.g. `context`, `rotate-1`, `perturb=polarity`, joined by `+`.
        reply: the model's text; under the likelihood protocol the chosen option.
        answer: as read from the reply, in the form of `Item.answer`; None when it could not be read.
        failure: why not: `empty`, `refusal`, `ambiguous`, `out_of_range`, `no_answer`; None when it could. Older files
            also have `error`, with the reason in `error`: no prediction, so that such a question is asked again.
        is_correct: False whenever there is no answer.
        scores: log-likelihood of each option, by option, under the likelihood protocol.
        seconds: wall time that this question took, where it is known; evaluations keep times in a file of their own.
    """

    item: str
    variant: str = ""
    reply: str
    answer: str | None
    failure: str | None = None
    error: str = ""
    is_correct: bool
    scores: Mapping[str, float] = {}
    seconds: float = 0.0


class Missed(Record):
    """A question to which there was no reply: no prediction, and asked again; a line of the file of errors.

    Attributes:
        error: why there was none.
    """

    item: str
    variant: str = ""
    error: str
