"""The records of the benchmark: what a source gives (frames), what a benchmark holds (items), what a model says.

Frames stay inside a build and are plain dataclasses, made by the hundred thousand; items and predictions are lines of
files and refuse fields they do not know.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from tools.errors import UsageError
from tools.records import BoxXyxyNorm, Record
from tools.registry import REPLY_READERS, TASKS, Seam

Band = str
"""Kind of sensor: an id that a dataset states, and whose title the modality pack knows."""
Polarity = str
"""Which end of the scale is bright: an id that a dataset states, e.g. `white-hot`; `none` where brightness says nothing
of the kind."""
Split = Literal["train", "test"]
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


BoxXyxy = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Thing:
    """One annotated object of a frame.

    Attributes:
        name: canonical name, lower case, e.g. `person`, `freight car`.
        box_xyxy: corners in pixels of the frame as it is read (after `Frame.crop_xyxy`), inside the frame.
        is_certain: False for crowds, ignored regions, `difficult` objects and "don't care": they are never asked
            about, and an image in which one could change a count gets no count question.
    """

    name: str
    box_xyxy: BoxXyxy
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """One annotated image of a source.

    Attributes:
        source: the dataset's short name, e.g. `flir`.
        image: path relative to the dataset's folder, forward slashes.
        width, height: pixels after the crop.
        group: sequence, scene, drive or shot: what must never be split between train and test.
        band, polarity: of the image at `image`.
        things: annotated objects; complete for the source's `names` unless uncertain ones say otherwise.
        label: class of the whole image (scene category, damage class, tracked target), where the source has one.
        crop_xyxy: part of the file that is the frame (DroneVehicle's white border), None for all of it.
        partner: registered visible image, relative to the dataset's folder, where there is one.
        facts: further typed facts (emissivity, height, time of day, ...), by name.
    """

    source: str
    image: str
    width: int
    height: int
    group: str
    band: Band
    polarity: Polarity
    things: tuple[Thing, ...] = ()
    label: str | None = None
    crop_xyxy: tuple[int, int, int, int] | None = None
    partner: str | None = None
    facts: Mapping[str, str | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceReject:
    """A row of a dataset that cannot be used: which one, a short code, and why."""

    source: str
    where: str
    code: str
    why: str


class Evidence(Record):
    """What in the image the answer rests on; for audits, for pages, never shown to a model."""

    name: str
    box_xyxy_norm: BoxXyxyNorm


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
        facts: what a check needs besides (subject, relation, counted name, emissivity, ...).
    """

    id: str
    task: Annotated[TaskName, AfterValidator(_check_name(TASKS))]
    source: str
    band: Band
    polarity: Polarity
    image: str
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
    facts: Mapping[str, str | float] = {}


class Prediction(Record):
    """What a model said to one question: a line of a predictions file.

    Attributes:
        item: the item's id, plus `variant` when a question is asked in several ways.
        variant: `""` as it stands, or e.g. `context`, `rotate-1`, `perturb=polarity`, joined by `+`.
        reply: the model's text; under the likelihood protocol the chosen option.
        answer: as read from the reply, in the form of `Item.answer`; None when it could not be read.
        failure: why not: `empty`, `refusal`, `ambiguous`, `out_of_range`, `no_answer`, `error`; None when it could.
        error: why there was no reply at all, under the failure `error`.
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


def find_image(item: Item, bench: Path, roots: Mapping[str, Path]) -> Path:
    """The item's image file: below the benchmark's folder, else below its source's folder."""
    inside = bench / item.image
    return inside if inside.exists() or item.source not in roots else roots[item.source] / item.image
