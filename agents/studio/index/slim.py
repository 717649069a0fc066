"""What the index and the list read of a result: few fields, decoded in a tenth of the time of the whole record."""

from typing import Any

import msgspec

from agents.output.report.sample import GENERATION_FAILED


class SlimObjection(msgspec.Struct):
    """Of an objection."""

    category: str = ""


class SlimPair(msgspec.Struct):
    """Of a pair."""

    original: str
    caption: str
    candidates: list[dict[str, Any]] = []
    applied: list[str] = []


class SlimCaption(msgspec.Struct):
    """Of a caption that was objected to."""

    objections: list[SlimObjection] = []


class SlimRule(msgspec.Struct):
    """Of a mined rule."""

    text: str = ""


class SlimCaptionRound(msgspec.Struct):
    """Of a round of the debate on captions."""

    objected: list[SlimCaption] = []
    mined: list[SlimRule] = []


class SlimMessage(msgspec.Struct):
    """Of a message."""

    content: str


class SlimVerdict(msgspec.Struct):
    """Of a verdict."""

    is_accepted: bool
    objections: list[SlimObjection] = []


class SlimRound(msgspec.Struct):
    """Of a round of the debate on an instruction."""

    messages: list[SlimMessage]
    verdict: SlimVerdict
    mined: list[SlimRule] = []


class SlimDebate(msgspec.Struct):
    """Of a debate."""

    kind: str
    rounds: list[SlimRound]

    @property
    def verdict(self) -> str:
        """What became of it, a key of the report's statuses."""
        if not self.rounds[-1].verdict.is_accepted:
            return "failed"
        return "revised" if len(self.rounds) > 1 else "accepted"


class SlimReject(msgspec.Struct):
    """Of a reject, and of a caption that was left out."""

    code: str
    reason: str = ""


class SlimTally(msgspec.Struct):
    """Of a tally of leaks."""

    after: int = 0
    assistant: int = 0


class SlimUsage(msgspec.Struct):
    """Of what a model was asked."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class Slim(msgspec.Struct):
    """A result, as far as lists show it."""

    index: int
    image_id: str | int
    photo: str
    status: str
    image: str | None = None
    rules: list[str] = []
    pairs: list[SlimPair] = []
    caption_rounds: list[SlimCaptionRound] = []
    debates: list[SlimDebate] = []
    leaks: list[SlimTally] = []
    refused: list[SlimReject] = []
    reject: SlimReject | None = None
    usage: list[SlimUsage] = []

    @property
    def verdicts(self) -> set[str]:
        """Keys of the report's statuses: what became of the image's rows."""
        found = {
            "failed"
            if not debate.rounds[-1].verdict.is_accepted
            else "revised"
            if len(debate.rounds) > 1
            else "accepted"
            for debate in self.debates
            if debate.rounds
        }
        codes = [each.code for each in self.refused] + ([self.reject.code] if self.reject else [])
        found |= {"failed" if code == GENERATION_FAILED else "rejected" for code in codes}
        return found or {"captions"}

    @property
    def rounds(self) -> int:
        """The most rounds that one of its debates took; 0 where nothing was debated."""
        return max((len(debate.rounds) for debate in self.debates), default=0)

    def list_objections(self) -> list[str]:
        """The category of every objection, of captions and of instructions."""
        found = [each.category for made in self.caption_rounds for item in made.objected for each in item.objections]
        found += [
            each.category for debate in self.debates for made in debate.rounds for each in made.verdict.objections
        ]
        return found

    def count_mined(self) -> int:
        """How many rules it gave rise to, in the order of `Result.list_mined`."""
        return sum(len(made.mined) for made in self.caption_rounds) + sum(
            len(made.mined) for debate in self.debates for made in debate.rounds
        )


_DECODER = msgspec.json.Decoder(Slim)


def read_slim(text: str) -> Slim:
    """A result's row in the store.

    Raises:
        msgspec.DecodeError: it is not what was written.
    """
    return _DECODER.decode(text)
