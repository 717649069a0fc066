"""One's own benchmark: `questions.jsonl`, and boxes in COCO's or Pascal VOC's files, which ITB's own tasks ask about.

{"image": "yard/7.png", "question": "Which is warmest?", "options": ["roof", "door", "wall"], "answer": "roof"}
{"image": "yard/7.png", "question": "Is a person there?", "answer": "no"}
{"images": [{"role": "ir", "image": "7.png"}, {"role": "rgb", "image": "7.jpg"}], "question": ..., "answer": 3}
"""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from itb.answers.forms.parts import join_parts
from itb.others.kind import Asked, Facts, ForeignBenchmark, Shown, Skipped
from itb.others.kinds.custom_boxes import ask_boxes, list_annotations
from tools.errors import MissingError, UsageError
from tools.files.text import iterate_lines
from tools.records import Record, find_fault
from tools.registry import REPLY_READERS

QUESTIONS = "questions.jsonl"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class CustomSettings(BaseModel):
    """How boxes are asked about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tasks: tuple[str, ...] = Field(("locate", "count", "security"), description="What is asked of boxes.")
    most: int = Field(20, ge=1, description="The largest count that is asked.")
    seed: int = Field(0, description="Seed of the draws.")


class OwnImage(Record):
    """An image and what it is."""

    image: str
    role: str = "ir"


class OwnQuestion(Record):
    """A line of `questions.jsonl`.

    Attributes:
        answer: a text, yes or no, a number, or a list: several options, or an order with `form: order`.
        form: how it is read, where that does not follow from the answer: a reply reader.
        prompt: the whole request; without it the question is put as ITB puts its own.
    """

    id: str | None = None
    task: str = "questions"
    image: str | None = None
    images: tuple[OwnImage, ...] = ()
    question: str
    options: tuple[str, ...] = ()
    answer: bool | int | float | str | tuple[str, ...]
    form: str | None = None
    references: tuple[str, ...] = ()
    tolerance: float | None = None
    unit: str | None = None
    group: str = ""
    prompt: str = ""


def read(root: Path, settings: CustomSettings) -> Iterator[Asked | Skipped]:
    """The questions, then what boxes can be asked.

    Raises:
        MissingError: neither is there.
        UsageError: a line is no question.
    """
    path, annotations = root / QUESTIONS, list_annotations(root)
    if not path.is_file() and not annotations:
        raise MissingError(
            f"{root}: neither {QUESTIONS} nor boxes (COCO's *.json, VOC's *.xml) there; name their folder"
        )
    for number, line in iterate_lines(path) if path.is_file() else ():
        yield _ask(path, number, line)
    if annotations:
        yield from ask_boxes(root, annotations, settings.tasks, settings.most, settings.seed)


def _ask(path: Path, number: int, line: bytes) -> Asked:
    try:
        row = OwnQuestion.model_validate_json(line)
    except ValidationError as error:
        where, why = find_fault(error)
        raise UsageError(f"{path}:{number}: no question: {where + ': ' if where else ''}{why}") from error
    images = row.images or ((OwnImage(image=row.image),) if row.image else ())
    if not images:
        raise UsageError(f"{path}:{number}: the question has no image; add `image`, or `images` with a role each")
    form, answer = find_form(row)
    if form == "measure" and (row.tolerance is None or row.unit is None):
        raise UsageError(f"{path}:{number}: a measured value needs `tolerance` and `unit`")
    REPLY_READERS.find(form)
    return Asked(
        kind=row.task, key=row.id or f"{number:05d}", question=row.question, prompt=row.prompt, answer=answer,
        form=form, options=row.options, references=row.references, tolerance=row.tolerance, unit=row.unit,
        group=row.group, shown=tuple(Shown(image.image, image.role) for image in images),
    )  # fmt: skip


def find_form(row: OwnQuestion) -> tuple[str, str]:
    """How an answer is read, and what it is in that writing; an option may be named by its letter."""
    said = row.answer
    if isinstance(said, bool):
        return row.form or "yes_no", "yes" if said else "no"
    if isinstance(said, tuple):
        return row.form or "several", join_parts(_name_option(one, row.options) for one in said)
    if isinstance(said, int | float):
        return row.form or ("number" if isinstance(said, int) and row.tolerance is None else "measure"), f"{said:g}"
    if row.options:
        return row.form or "option", _name_option(said, row.options)
    if said.strip().lower() in ("yes", "no"):
        return row.form or "yes_no", said.strip().lower()
    return row.form or "text", said


def _name_option(said: str, options: tuple[str, ...]) -> str:
    place = LETTERS.find(said) if len(said) == 1 else -1
    return options[place] if said not in options and 0 <= place < len(options) else said


BENCHMARK = ForeignBenchmark(
    name="custom",
    title="Custom",
    facts=Facts(
        licence="yours",
        origin="a folder of the user",
        images="below the folder, or mapped by --map",
        declared="boxes are asked about as ITB's own tasks ask",
    ),
    read=read,
)
