"""Arms of the ablation: the same agents with one part left out, each a wrapper around the backend that does the work.

What a wrapper answers itself needs no reply of the backend, so an arm pays only for the questions that it asks.
"""

from collections.abc import Callable

from agents.backends import (
    Backend,
    CaptionRequest,
    CaptionVerdicts,
    FilterReply,
    FilterRequest,
    JudgeCaptionsRequest,
    JudgeRequest,
    MineReply,
    MineRequest,
    WriteReply,
    WriteRequest,
    caption_image,
    judge_captions,
)
from agents.checks.captions import find_caption_faults
from agents.checks.verify import verify
from agents.config import Arm
from tools.prompts.lexicon import Lexicon
from tools.records import Objection, Verdict
from tools.registry import BACKENDS

UNREAD: frozenset[Arm] = frozenset({"no-debate", "best-of-n"})
"""Arms that accept captions unread."""
UNMINED: frozenset[Arm] = UNREAD | {"no-mining"}
"""Arms that ask for no rule."""


class Delegate:
    """Asks the backend everything; the arms below answer one question otherwise."""

    def __init__(self, backend: Backend, arm: str) -> None:
        self._backend = backend
        self.name = backend.name
        self.is_embedded = backend.is_embedded
        self.identity = f"{backend.identity}:{arm}"

    async def close(self) -> None:
        """Close what the backend opened."""
        close = getattr(self._backend, "close", None)
        if close is not None:
            await close()

    async def filter_caption(self, request: FilterRequest) -> FilterReply:
        """As the backend's."""
        return await self._backend.filter_caption(request)

    async def caption_image(self, request: CaptionRequest) -> FilterReply:
        """As the backend's."""
        return await caption_image(self._backend, request)

    async def judge_captions(self, request: JudgeCaptionsRequest) -> CaptionVerdicts:
        """As the backend's."""
        return await judge_captions(self._backend, request)

    async def write_instruction(self, request: WriteRequest) -> WriteReply:
        """As the backend's."""
        return await self._backend.write_instruction(request)

    async def judge(self, request: JudgeRequest) -> Verdict:
        """As the backend's."""
        return await self._backend.judge(request)

    async def mine_rule(self, request: MineRequest) -> MineReply:
        """As the backend's."""
        return await self._backend.mine_rule(request)


class WithoutDebate(Delegate):
    """Captions are taken as the caption agent chose them, and instructions as the task agent writes them."""

    async def judge_captions(self, request: JudgeCaptionsRequest) -> CaptionVerdicts:
        """Accepts unread."""
        return CaptionVerdicts()

    async def judge(self, request: JudgeRequest) -> Verdict:
        """Accepts unread."""
        return Verdict(is_accepted=True)


class WithoutMining(Delegate):
    """Rejections teach nothing: the rule book stays as it began."""

    async def mine_rule(self, request: MineRequest) -> MineReply:
        """No rule."""
        return MineReply(rules=())


class BlindJudge(Delegate):
    """The judge reads the text alone, without boxes and captions; for a backend that judges without a model."""

    def __init__(self, backend: Backend, arm: Arm, lexicon: Lexicon) -> None:
        super().__init__(backend, arm)
        self._lexicon = lexicon

    async def judge_captions(self, request: JudgeCaptionsRequest) -> CaptionVerdicts:
        """Accepts what names nothing of the lexicon."""
        return CaptionVerdicts.collect(find_caption_faults(request.captions, (), None, self._lexicon))

    async def judge(self, request: JudgeRequest) -> Verdict:
        """Accepts what names nothing of the lexicon, no coordinates and no source."""
        objections = verify(
            request.messages, (), (), self._lexicon, request.kind, has_evidence=False, measured=request.evidence
        )
        return Verdict(is_accepted=not objections, objections=objections)


class BlindfoldedJudge(Delegate):
    """The judge is asked without boxes, captions and image; for a backend with a judge of its own."""

    async def judge_captions(self, request: JudgeCaptionsRequest) -> CaptionVerdicts:
        """As the backend's, of the captions alone."""
        alone = {"boxes": (), "originals": ("",) * len(request.originals), "image": None, "evidence": None}
        return await judge_captions(self._backend, request.model_copy(update=alone))

    async def judge(self, request: JudgeRequest) -> Verdict:
        """As the backend's, of the text alone."""
        return await self._backend.judge(
            request.model_copy(update={"boxes": (), "captions": (), "image": None, "evidence": None})
        )


class BestOf(Delegate):
    """No debate: the task agent writes `count` times, and the attempt with the fewest findings of `verify` is kept.

    The attempts know nothing of each other; each is drawn as a further round of the same question would be.
    """

    def __init__(self, backend: Backend, arm: Arm, lexicon: Lexicon, count: int) -> None:
        super().__init__(backend, f"{arm}-{count}")
        self._lexicon = lexicon
        self._count = count

    async def write_instruction(self, request: WriteRequest) -> WriteReply:
        """The best attempt; among equals the first."""
        replies = []
        for number in range(1, self._count + 1):
            replies.append(await self._backend.write_instruction(request.model_copy(update={"round": number})))
        return min(replies, key=lambda reply: len(self._find_faults(request, reply)))

    def _find_faults(self, request: WriteRequest, reply: WriteReply) -> tuple[Objection, ...]:
        return verify(
            reply.messages, request.boxes, request.captions, self._lexicon, request.kind, measured=request.evidence
        )

    async def judge_captions(self, request: JudgeCaptionsRequest) -> CaptionVerdicts:
        """Accepts unread: there is no debate."""
        return CaptionVerdicts()

    async def judge(self, request: JudgeRequest) -> Verdict:
        """Verification without a model."""
        objections = verify(
            request.messages, request.boxes, request.captions, self._lexicon, request.kind, measured=request.evidence
        )
        return Verdict(is_accepted=not objections, objections=objections)

    async def mine_rule(self, request: MineRequest) -> MineReply:
        """No rule: there is no debate to learn from."""
        return MineReply(rules=())


def wrap_backend(backend: Backend, arm: Arm, lexicon: Lexicon, best_of: int) -> Backend:
    """The backend of an arm. A judge that a setting can make blind (trait `blind`) was made so by that."""
    makers: dict[Arm, Callable[[], Backend]] = {
        "full": lambda: backend,
        "no-debate": lambda: WithoutDebate(backend, arm),
        "no-mining": lambda: WithoutMining(backend, arm),
        "blind-judge": lambda: _make_blind(backend, arm, lexicon),
        "best-of-n": lambda: BestOf(backend, arm, lexicon, best_of),
    }
    return makers[arm]()


def _make_blind(backend: Backend, arm: Arm, lexicon: Lexicon) -> Backend:
    if BACKENDS.get_trait(backend.name, "blind"):
        return backend
    return BlindJudge(backend, arm, lexicon) if backend.is_embedded else BlindfoldedJudge(backend, arm)
