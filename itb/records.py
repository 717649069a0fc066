"""The records of the benchmark: what it holds (items), and what a model says.

Items and predictions are lines of files and refuse fields they do not know. The annotated images that they are made of
are `tools.datasets.AnnotatedImage`.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from tools.datasets.records import Band, Polarity
from tools.errors import UsageError
from tools.files.inside import PathFault, check_name
from tools.records import BoxXyxyNorm, Record
from tools.registry import FOREIGN_BENCHMARKS, REPLY_READERS, TASKS, Seam

Split = Literal["train", "test"]
Context = Literal["off", "on", "both"]
"""Whether a question comes with the pack's paragraph on what its images show."""
TaskName = str
"""An entry of the table of tasks."""
AnswerForm = str
"""An entry of the table of reply readers, e.g. `yes_no`."""
UNKNOWN_NAME: Final = "unknown_name"
"""Kind of error of an item whose task or form no table has: a plugin is missing."""


MISSING_IMAGE: Final = "missing_image"
"""Failure of a foreign question whose image is not there."""


def _check_name(seam: Seam) -> Callable[[str], str]:
    def check(name: str) -> str:
        try:
            return seam.find(name).name
        except UsageError as error:
            raise PydanticCustomError(UNKNOWN_NAME, "{why}", {"why": str(error)}) from error

    return check


def find_foreign(task: TaskName) -> str | None:
    """The foreign benchmark that a task is of: `if-bench` of `if-bench/object_counting`; None of ITB's own tasks."""
    name, slash, _ = task.partition("/")
    return name if slash and name in FOREIGN_BENCHMARKS.names() else None


def _check_task(name: str) -> str:
    """A task of the table, or one of a foreign benchmark, `NAME/TASK`."""
    own, slash, _ = name.partition("/")
    if slash:
        _check_name(FOREIGN_BENCHMARKS)(own)
        return name
    return _check_name(TASKS)(name)


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


class ForeignImage(Record):
    """One of the images of a foreign question.

    Attributes:
        role: what it is: `ir`, `rgb`, `translated`, ...
        image: path relative to the benchmark's folder, whether or not it is there.
        original: as the foreign benchmark names it.
        missing: why it is not there; empty for one that is.
    """

    role: str
    image: Annotated[str, AfterValidator(check_name)]
    original: str = ""
    missing: str = ""


class Foreign(Record):
    """What a question of somebody else's benchmark has besides: `python -m itb import` makes it.

    Attributes:
        prompt: the whole request as its makers put it, options and instruction on the form of the answer included;
            empty where it is put as ITB puts its own.
        images: all of them in their order, the first is also `Item.image`.
        is_text_first: the request stands before the images.
        max_new_tokens: longest reply that its makers wait for; None where they do not say.
        references: what else is right, where answers are words.
        declared: what of the question is this toolkit's and not its makers', in a sentence; empty for nothing.
        kind: what its makers call its task; label: the right answer as they write it.
        variant_of: what all variants of a question (languages, turned options) share.
        facts: what else their rules need, by name.
    """

    prompt: str = ""
    images: tuple[ForeignImage, ...]
    kind: str
    label: str
    variant_of: str = ""
    facts: Mapping[str, str] = {}
    is_text_first: bool = False
    max_new_tokens: int | None = None
    references: tuple[str, ...] = ()
    declared: str = ""

    @property
    def missing(self) -> str:
        """Why it cannot be shown to a model: the first image that is not there; empty when all are."""
        return next((image.missing for image in self.images if image.missing), "")


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
        foreign: of a question of somebody else's benchmark, else None, and not written down.
    """

    id: str
    task: Annotated[TaskName, AfterValidator(_check_task)]
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
    foreign: Foreign | None = Field(None, exclude_if=lambda value: value is None)


class Prediction(Record):
    """What a model said to one question: a line of a predictions file.

    Attributes:
        item: the item's id, plus `variant` when a question is asked in several ways.
        variant: `""` as it stands, or e.g. `context`, `rotate-1`, `perturb=polarity`, joined by `+`.
        reply: the model's text; under the likelihood protocol the chosen option.
        answer: as read from the reply, in the form of `Item.answer`; None when it could not be read.
        failure: why not: `empty`, `refusal`, `ambiguous`, `out_of_range`, `no_answer`; None when it could.
            `missing_image`: a foreign question whose image is not there, with the reason in `error`. Older files also
            have `error`, with the reason in `error`: no prediction, so that such a question is asked again.
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
