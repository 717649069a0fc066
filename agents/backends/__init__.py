"""Who does the thinking behind the agents: a backend answers a few questions, each a record in and a record out."""

from collections.abc import Iterable
from typing import Protocol

from tools.errors import RejectError, UsageError
from tools.evidence import Evidence, Fact
from tools.records import (
    Box,
    InstructionKind,
    Message,
    MinedRule,
    Objection,
    Record,
    Rule,
    Verdict,
)


class FilterRequest(Record):
    """Filter one caption under the rules in force; `n` filtered captions are wanted (paper 3.1: five).

    Attributes:
        sample: index of the caption within its image; seeds random choices together with `seed` and `image_id`.
        round: 2 when the debate agent objected to what was chosen in round 1.
        previous: what was chosen in the round before, empty in round 1.
        objections: what the debate agent said of `previous`.
        earlier, mined: see `WriteRequest`.
    """

    seed: int
    image_id: str
    sample: int
    caption: str
    rules: tuple[Rule, ...]
    n: int = 5
    round: int = 1
    previous: str = ""
    objections: tuple[Objection, ...] = ()
    earlier: tuple[Objection, ...] = ()
    mined: tuple[MinedRule, ...] = ()


class FilterReply(Record):
    """`n` filtered captions; some may be equal."""

    captions: tuple[str, ...]


class Proposal(Record):
    """Things that a model spoke of and that no dataset has boxes for, each found as it said.

    Attributes:
        boxes: where it sees them, marked as proposed by a model.
        facts: what was measured there; `subject` counts in `boxes`.
    """

    boxes: tuple[Box, ...] = ()
    facts: tuple[Fact, ...] = ()


class ImageCaptionReply(FilterReply):
    """Captions of an image that came without one.

    Attributes:
        proposals: one a caption, of a model that sees the image; empty otherwise.
    """

    proposals: tuple[Proposal, ...] = ()


class CaptionRequest(Record):
    """Caption an image that came without a caption, from its boxes, what was measured in it, and for models its pixels.

    Attributes:
        evidence: subjects count in the order of `boxes`.
        image: of the modality, relative to the run folder; for models that can see.
        n: captions that are wanted.
    """

    seed: int
    image_id: str
    boxes: tuple[Box, ...]
    evidence: Evidence | None
    image: str | None
    rules: tuple[Rule, ...]
    n: int = 5


class CaptionObjection(Objection):
    """Why the debate agent objects to one caption; `place` is its index among the captions that were judged."""

    place: int

    def strip_place(self) -> Objection:
        """The same of a caption that is known."""
        return Objection(check=self.check, category=self.category, quote=self.quote, reason=self.reason)


class JudgeCaptionsRequest(Record):
    """Judge in one request whether the modality can show what the captions of an image say.

    Attributes:
        captions: as the caption agent chose them; in round 2 only those that it had to edit once more.
        originals: what each was edited from, empty for a caption that the caption agent wrote itself.
        boxes, image, evidence: as in `JudgeRequest`.
        rules: the rules in force.
        round: 1, or 2 for the edits that an objection led to.
        earlier: what was objected to in round 1.
    """

    seed: int
    image_id: str
    captions: tuple[str, ...]
    originals: tuple[str, ...]
    boxes: tuple[Box, ...]
    image: str | None
    rules: tuple[Rule, ...]
    round: int
    evidence: Evidence | None = None
    earlier: tuple[Objection, ...] = ()


class CaptionVerdicts(Record):
    """What is objected to; a caption that no objection is about is accepted."""

    objections: tuple[CaptionObjection, ...] = ()

    @classmethod
    def collect(cls, found: Iterable[Iterable[Objection]]) -> "CaptionVerdicts":
        """Of what is said against each of the captions, in their order."""
        return cls(
            objections=tuple(
                CaptionObjection(place=place, **objection.model_dump())
                for place, objections in enumerate(found)
                for objection in objections
            )
        )


class WriteRequest(Record):
    """Write one instruction of `kind` from filtered captions and boxes (paper 3.2).

    Attributes:
        rules: the rules in force; they fill the prompt's slot for requirements.
        round: counts from 1.
        previous: what was written in the rejected round before, empty in round 1.
        objections: every objection of the rounds before this one.
        evidence: what was measured in the image; subjects count in the order of `boxes`.
        is_captioned_here: the captions were written by the caption agent, from the same boxes and evidence.
        earlier: what was objected to earlier in the same image: in its captions, and in instructions of other kinds.
        mined: rules that were mined earlier in the same image, and are in no book yet.
    """

    seed: int
    image_id: str
    kind: InstructionKind
    captions: tuple[str, ...]
    boxes: tuple[Box, ...]
    rules: tuple[Rule, ...]
    round: int
    previous: tuple[Message, ...] = ()
    objections: tuple[Objection, ...] = ()
    evidence: Evidence | None = None
    is_captioned_here: bool = False
    earlier: tuple[Objection, ...] = ()
    mined: tuple[MinedRule, ...] = ()


class WriteReply(Record):
    """The instruction: user and assistant messages in turn, user first."""

    messages: tuple[Message, ...]


class JudgeRequest(Record):
    """Judge whether the modality can show what the instruction says (paper 3.3).

    Attributes:
        captions: the filtered captions, as evidence for objects that have no box.
        boxes: evidence for counts, positions and objects; a text-only LLM judge is not shown them.
        image: of the modality, relative to the run folder; for judges that can see. None without a translator.
        evidence: what was measured in the image, for statements about brightness; subjects count in the order of
            `boxes`, which ends with those that a model proposed.
        earlier, mined: see `WriteRequest`.
    """

    seed: int
    image_id: str
    kind: InstructionKind
    messages: tuple[Message, ...]
    captions: tuple[str, ...]
    boxes: tuple[Box, ...]
    image: str | None
    round: int
    evidence: Evidence | None = None
    earlier: tuple[Objection, ...] = ()
    mined: tuple[MinedRule, ...] = ()


class MineRequest(Record):
    """Turn the objections of one rejection into filtering rules for the caption agent (paper 3.3).

    Attributes:
        kind: of the instruction that was rejected; None when captions were objected to.
        rules: the rules in force, which need not be mined again.
        earlier, mined: see `WriteRequest`; what is in `mined` need not be mined again either.
    """

    seed: int
    image_id: str
    round: int
    objections: tuple[Objection, ...]
    kind: InstructionKind | None = None
    rules: tuple[Rule, ...] = ()
    earlier: tuple[Objection, ...] = ()
    mined: tuple[MinedRule, ...] = ()


class MineReply(Record):
    """The mined rules, none when no objection is about an attribute that captions could avoid."""

    rules: tuple[MinedRule, ...]


class Backend(Protocol):
    """Answers the agents. Random choices are seeded by (seed, image id, role, sample, round), never by a shared stream.

    Attributes:
        name: as `--backend` names it.
        is_embedded: True when no model stands behind it; outputs and reports say so.
        identity: model, parameters and hashes of what it reads; part of every stored reply's key.
    """

    name: str
    is_embedded: bool
    identity: str

    async def filter_caption(self, request: FilterRequest) -> FilterReply:
        """Remove from one caption what the modality cannot show."""

    async def caption_image(self, request: CaptionRequest) -> FilterReply:
        """Caption one image that came without a caption.

        Raises:
            RejectError: neither boxes nor evidence give anything to say (`nothing_to_say`).
        """

    async def judge_captions(self, request: JudgeCaptionsRequest) -> CaptionVerdicts:
        """Object to what captions say and the modality cannot show."""

    async def write_instruction(self, request: WriteRequest) -> WriteReply:
        """Write one instruction."""

    async def judge(self, request: JudgeRequest) -> Verdict:
        """Accept, or give the reasons."""

    async def mine_rule(self, request: MineRequest) -> MineReply:
        """Mine rules from objections."""


async def caption_image(backend: Backend, request: CaptionRequest) -> FilterReply:
    """The caption of an image that came without one, of a backend that may not know how.

    Raises:
        UsageError: it does not.
        RejectError: it has nothing to say.
    """
    ask = getattr(backend, "caption_image", None)
    if ask is None:
        problem = f"image {request.image_id} has no caption, and the backend `{backend.name}` cannot write one"
        raise UsageError(f"{problem}; give captions (--captions), or choose another --backend")
    reply: FilterReply = await ask(request)
    return reply


def require_caption_judge(backend: Backend) -> None:
    """Refuse a backend that cannot judge captions before anything is asked or frozen.

    Raises:
        UsageError: it has no `judge_captions`.
        MissingError: it lacks what it needs for that; a backend that may do so says it in `require_caption_judge`.
    """
    if getattr(backend, "judge_captions", None) is None:
        problem = f"the backend `{backend.name}` cannot judge captions"
        raise UsageError(f"{problem}; give --debate instructions, or choose another --backend")
    require = getattr(backend, "require_caption_judge", None)
    if require is not None:
        require()


async def judge_captions(backend: Backend, request: JudgeCaptionsRequest) -> CaptionVerdicts:
    """The verdicts on an image's captions, of a backend that may not know how.

    Raises:
        UsageError: it does not.
        RejectError: it gives nothing that can be read, or speaks of a caption that it was not shown.
    """
    require_caption_judge(backend)
    found = await backend.judge_captions(request)
    strangers = [item.place for item in found.objections if not 0 <= item.place < len(request.captions)]
    if strangers:
        told = f"the judge speaks of caption {strangers[0] + 1}, and was shown {len(request.captions)}"
        raise RejectError("unparseable", told)
    return found
