"""The records that pass between agents, files and people.

Every record is frozen and refuses fields it does not know, so that a file of another version fails loudly.
Boxes are `[x1, y1, x2, y2]` in the image's own frame, normalised to 0..1, top-left and bottom-right (paper 3.2).
"""

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

BoxXyxyNorm = tuple[float, float, float, float]
InstructionKind = Literal["conversation", "description", "reasoning", "sensor"]
KINDS: tuple[InstructionKind, ...] = ("conversation", "description", "reasoning")
"""What is written about every image."""
SENSOR_KINDS: tuple[InstructionKind, ...] = (*KINDS, "sensor")
"""What is written about an image that a sensor took: `sensor` asks what only the modality shows."""


def _read_stored_id(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


StoredId = Annotated[str, BeforeValidator(_read_stored_id)]
"""An image's id in a file; those written before ids were text hold COCO's as numbers."""


class Record(BaseModel):
    """Base of all records: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Fault(NamedTuple):
    """What is wrong with data that were to become a record.

    Attributes:
        place: names and numbers down to the value, with dots between them; empty for the whole.
        message: in Pydantic's words.
    """

    place: str
    message: str


def find_fault(error: ValidationError) -> Fault:
    """The first thing that is wrong."""
    first = error.errors()[0]
    return Fault(".".join(map(str, first["loc"])), first["msg"])


class Box(Record):
    """One annotated object.

    Attributes:
        label: category name as the dataset writes it, e.g. `person`.
        box_xyxy_norm: corners, normalised to 0..1.
        is_crowd: the region covers an uncounted number of objects (COCO `iscrowd`).
        source: `model`: a model proposed it, to say where it sees what it speaks of. Such a box is measured and never
            counted: nobody knows what else of its kind there is. Written down only where it is `model`.
    """

    label: str
    box_xyxy_norm: BoxXyxyNorm
    is_crowd: bool = False
    source: Literal["dataset", "model"] = "dataset"

    @model_serializer(mode="wrap")
    def _leave_out_usual_source(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        found: dict[str, Any] = dump(self)
        if self.source == "dataset":
            found.pop("source", None)
        return found


class Photo(Record):
    """A visible photograph with its captions and boxes, as read from a COCO dataset.

    Attributes:
        image_id: the dataset's own id, as text (`tools.ids`).
        file_name: path relative to the image folder, never leaving it.
        width, height: pixels, as the annotation file states them.
        captions: as written, in annotation order.
        boxes: in annotation order.
    """

    image_id: str
    file_name: str
    width: int
    height: int
    captions: tuple[str, ...]
    boxes: tuple[Box, ...]


class Rule(Record):
    """A filtering rule: what the caption agent removes because the modality cannot show it.

    Attributes:
        id: `seed-1`, `mined-<image>-<place in its conversation>`, ...
        text: the rule as an LLM reads it.
        category: the attribute it is about, a key of the lexicon where it has one.
        origin: written by hand, or mined by the debate agent.
        image, round: where it was mined first (None for seed rules).
        objection: the words that gave rise to it (None for seed rules).
    """

    id: str
    text: str
    category: str
    origin: Literal["seed", "mined"]
    image: StoredId | None = None
    round: int | None = None
    objection: str | None = None


class CaptionCandidate(Record):
    """A caption that may become the final one. `score` is its similarity to the image of the modality."""

    text: str
    score: float


class Pair(Record):
    """One caption's way from the photograph's to the modality's (paper 3.1).

    Attributes:
        id: `<image_id>-<caption index>`.
        original: as the dataset has it.
        caption: the candidate with the highest score.
        candidates: the filtered captions, then the original; after an objection the new edits alone.
        applied: ids of the rules in force whose words stood in the original and are gone from `caption`.
    """

    id: str
    original: str
    caption: str
    candidates: tuple[CaptionCandidate, ...]
    applied: tuple[str, ...]


class Message(Record):
    """One message of an instruction, in the field's usual form."""

    role: Literal["user", "assistant"]
    content: str


class Objection(Record):
    """Why the debate agent rejects.

    Attributes:
        check: what found it: `lexicon`, `count`, `position`, `object`, `coordinates`, `source`, `llm`.
        category: for `lexicon` the attribute (`colour`, `material`, ...), else the name of the check.
        quote: the words objected to, exactly as they stand in the instruction.
        reason: one sentence for people and for the task agent.
    """

    check: str
    category: str
    quote: str
    reason: str


class Verdict(Record):
    """The debate agent's answer: accepted, or the reasons."""

    is_accepted: bool
    objections: tuple[Objection, ...] = ()


class MinedRule(Record):
    """A rule mined from an objection, before the rule book numbers and merges it."""

    text: str
    category: str
    objection: str


class DebateRound(Record):
    """One attempt: what the task agent wrote, what the debate agent said, which rules it mined. Rounds count from 1."""

    round: int
    messages: tuple[Message, ...]
    verdict: Verdict
    mined: tuple[MinedRule, ...] = ()


class Debate(Record):
    """All rounds of one instruction. Not accepted after the last round means "generation failed"."""

    id: str
    kind: InstructionKind
    rounds: tuple[DebateRound, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether the last round was accepted."""
        return bool(self.rounds) and self.rounds[-1].verdict.is_accepted
