"""The debate on an image's captions: the debate agent judges them, and the caption agent edits what was objected to.

Captions are settled before the first instruction is written. In the paper only instructions are debated.
"""

from collections.abc import Iterable, Sequence

from agents.backends import Backend, FilterReply, FilterRequest, JudgeCaptionsRequest, MineRequest
from agents.backends import judge_captions as ask_judge
from agents.backends.asked.wants import gather_replies
from agents.conversation.caption import CaptionTools, choose_edit, filter_caption
from agents.conversation.choice import Choice, Winner
from agents.conversation.debate import mine_rules
from agents.conversation.earlier import find_earlier
from agents.conversation.protocol import (
    CaptionsEdited,
    CaptionsJudged,
    ObjectedCaption,
    RefusedCaption,
    State,
    Step,
    refuse_caption,
)
from tools.errors import RejectError
from tools.prompts.lexicon import Lexicon
from tools.records import MinedRule, Objection

LAST_ROUND = 2


def build_request(step: Step, state: State) -> JudgeCaptionsRequest:
    """What the backend is asked about the captions that are open."""
    filtered, now = state.captions, state.standing
    if filtered is None or not now.open:
        raise RejectError("out_of_order", "the debate agent was asked before there were captions to judge")
    return JudgeCaptionsRequest(
        seed=state.job.seed,
        image_id=state.job.photo.image_id,
        captions=tuple(pair.caption for pair in now.open),
        originals=tuple(pair.original for pair in now.open),
        boxes=(*state.job.photo.boxes, *filtered.proposed),
        image=filtered.image,
        evidence=filtered.evidence,
        rules=state.rules,
        round=step.round,
        earlier=list_objections(item for made in now.rounds for item in made.objected),
    )


def list_objections(captions: Iterable[ObjectedCaption]) -> tuple[Objection, ...]:
    """All that was said against captions, in their order."""
    return tuple(objection for item in captions for objection in item.objections)


async def judge_captions(step: Step, state: State, backend: Backend) -> CaptionsJudged:
    """Do the debate agent's turn on captions: one request about all that are open, and the rules it mines."""
    request = build_request(step, state)
    objections = (await ask_judge(backend, request)).objections
    mined: tuple[MinedRule, ...] = ()
    if objections:
        question = MineRequest(
            seed=request.seed,
            image_id=request.image_id,
            round=step.round,
            objections=tuple(item.strip_place() for item in objections),
            rules=state.rules,
            earlier=request.earlier,
            mined=find_earlier(state).mined,
        )
        mined = await mine_rules(question, backend)
    return CaptionsJudged(round=step.round, objections=objections, mined=mined)


async def edit_captions(
    state: State, backend: Backend, tools: CaptionTools, lexicon: Lexicon, candidates: int, winner: Winner = "cleanest"
) -> CaptionsEdited:
    """Do the caption agent's turn on what was objected to: new edits, scored as before, the original left out."""
    filtered, now = state.captions, state.standing
    if filtered is None or not now.objected:
        raise RejectError("out_of_order", "the caption agent was asked to edit what nobody objected to")
    requests = [build_edit_request(item, state, candidates) for item in now.objected]
    replies = await gather_replies(
        [_edit(item, ask, backend) for item, ask in zip(now.objected, requests, strict=True)]
    )
    made = [(item, reply) for item, reply in zip(now.objected, replies, strict=True) if isinstance(reply, FilterReply)]
    refused = tuple(reply for reply in replies if isinstance(reply, RefusedCaption))
    groups: list[Sequence[str]] = [reply.captions for _, reply in made]
    scores = await tools.score_captions(filtered.image, groups) if groups else []
    choice = Choice(state.rules, lexicon, winner, is_measured=filtered.evidence is not None)
    pairs = tuple(
        choose_edit(item.pair, group, found, choice)
        for (item, _), group, found in zip(made, groups, scores, strict=True)
    )
    return CaptionsEdited(pairs=pairs, refused=refused)


async def _edit(item: ObjectedCaption, request: FilterRequest, backend: Backend) -> FilterReply | RefusedCaption:
    """New edits; neither the original nor what was objected to is one, and without any the caption is refused."""
    reply = await filter_caption(request, backend)
    if isinstance(reply, RefusedCaption):
        return reply
    texts = tuple(text for text in reply.captions if text not in (item.pair.original, item.pair.caption))
    return FilterReply(captions=texts) if texts else refuse_caption(item)


def build_edit_request(item: ObjectedCaption, state: State, candidates: int) -> FilterRequest:
    """What the backend is asked about a caption that was objected to.

    It edits the dataset's caption again; one that the caption agent wrote itself is edited as it stands.
    """
    pair, earlier = item.pair, find_earlier(state)
    return FilterRequest(
        seed=state.job.seed,
        image_id=state.job.photo.image_id,
        sample=int(pair.id.rpartition("-")[2]),
        caption=pair.original or pair.caption,
        rules=state.rules,
        n=candidates,
        round=LAST_ROUND,
        previous=pair.caption,
        objections=item.objections,
        earlier=tuple(objection for objection in earlier.objections if objection not in item.objections),
        mined=earlier.mined,
    )
