"""What becomes of an image: the record that is committed, whatever its status."""

from typing import Literal

from agents.backends.usage import Usage
from agents.checks.trace import Statement
from agents.conversation.protocol import CaptionRound, RefusedCaption
from agents.conversation.rules import Mined
from tools.evidence import Evidence
from tools.records import Box, Debate, DebateRound, Pair, Record, StoredId

Status = Literal["accepted", "failed", "rejected"]
STATUSES: tuple[Status, ...] = ("accepted", "failed", "rejected")

ENDPOINT_CODES = frozenset(
    {
        "endpoint",
        "http_400",
        "http_413",
        "http_422",
        "bad_response",
        "no_content",
        "cut",
        "content_filter",
        "refusal",
        "unparseable",
        "not_a_caption",
    }
)
"""Codes of rejects that the endpoint, its model or their settings cause: alike for many images, they are no matter of
the images."""


class Reject(Record):
    """Why an image has no result: the stage that ended it, a code, and one sentence."""

    stage: Literal["image", "caption", "task", "debate"]
    code: str
    reason: str


class Tally(Record):
    """How many texts of one image name a category: captions before and after, and assistant messages."""

    category: str
    before: int
    after: int
    assistant: int


LedgerAgent = Literal["caption", "task", "debate", "refilter"]


class LedgerRow(Record):
    """What became of the texts that name a category in one agent's hands.

    Attributes:
        agent: the caption agent's first choice among a caption's candidates, or the first attempts of the task agent;
            then the debate about them, with the edits and later attempts that it leads to; `refilter` comes last.
        category: None where a text counts that names anything at all.
        removed, survived: texts that named it before, and afterwards do not, or still do.
        introduced: texts that name it only afterwards.
        dropped: texts that named it and were refused or failed.
    """

    texts: Literal["captions", "answers"]
    agent: LedgerAgent
    category: str | None
    removed: int = 0
    survived: int = 0
    introduced: int = 0
    dropped: int = 0


class CleanTally(Record):
    """How captions fared that the lexicon finds nothing in, when those are not sent.

    Attributes:
        skipped: clean captions that were not sent.
        checked, checked_changed: clean captions that were sent all the same, and how many of them came back changed.
        flagged, flagged_changed: captions that the lexicon finds something in, and how many of them came back changed.
    """

    skipped: int = 0
    checked: int = 0
    checked_changed: int = 0
    flagged: int = 0
    flagged_changed: int = 0


class Result(Record):
    """What became of one image: final, whatever its status.

    Attributes:
        index: place in the dataset's order, which is that of ascending ids.
        status: `accepted`, `failed` (a debate ended without acceptance), `rejected` (see `reject`).
        image: of the modality, relative to the run, None without a translator.
        rules: ids of the rules that were in force.
        categories: what those rules are about, sorted.
        caption_rounds: of the debate on its captions; written down only where there was one.
        leaks: only the categories that occur.
        ledger: only what is not all zero; None of a result from before it was kept, and then not written down.
        usage: what its replies cost, by model; empty where no model was asked.
        clean: None unless clean captions are skipped.
        evidence: what was measured in the image, None where it was not.
        boxes: the image's own objects, which the evidence counts; empty without evidence.
        proposed: boxes that a model named in captioning it, counted by the evidence behind the image's own.
        refiltered: captions that were filtered again under the final rule book; None but in a run of `refilter`.
        statements: what its captions and accepted instructions say that was measured, each with its facts.
    """

    index: int
    image_id: StoredId
    photo: str
    status: Status
    image: str | None = None
    rules: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    caption_rounds: tuple[CaptionRound, ...] = ()
    debates: tuple[Debate, ...] = ()
    leaks: tuple[Tally, ...] = ()
    ledger: tuple[LedgerRow, ...] | None = None
    refused: tuple[RefusedCaption, ...] = ()
    reject: Reject | None = None
    usage: tuple[Usage, ...] = ()
    clean: CleanTally | None = None
    evidence: Evidence | None = None
    boxes: tuple[Box, ...] = ()
    proposed: tuple[Box, ...] = ()
    statements: tuple[Statement, ...] = ()
    refiltered: tuple[str, ...] | None = None

    def write(self) -> str:
        """As JSON: as results were written before a ledger, a debate on captions or measuring, where there is none."""
        later = {
            "caption_rounds": not self.caption_rounds,
            "ledger": self.ledger is None,
            "refiltered": self.refiltered is None,
            **dict.fromkeys(("evidence", "boxes", "proposed", "statements"), self.evidence is None),
        }
        return self.model_dump_json(exclude={name for name, is_left_out in later.items() if is_left_out})

    @property
    def objects(self) -> tuple[Box, ...]:
        """Everything that the evidence counts, in its order."""
        return (*self.boxes, *self.proposed)

    def list_mined(self) -> tuple[Mined, ...]:
        """The mined rules in the order of the conversation: those that captions gave rise to come first."""
        rounds: list[CaptionRound | DebateRound] = [*self.caption_rounds]
        rounds += [item for debate in self.debates for item in debate.rounds]
        found = [(item.round, rule) for item in rounds for rule in item.mined]
        return tuple(
            Mined(self.image_id, place, number, rule.text, rule.category, rule.objection)
            for place, (number, rule) in enumerate(found)
        )
