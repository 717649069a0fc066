"""The task agent: writes one instruction of a kind from filtered captions and boxes (paper 3.2)."""

from agents.backends import Backend, WriteRequest
from agents.conversation.earlier import find_earlier
from agents.conversation.protocol import InstructionWritten, State, Step, list_rounds
from tools.errors import RejectError


def build_write_request(step: Step, state: State) -> WriteRequest:
    """What the backend is asked: in later rounds with what was written before and every objection to it."""
    filtered = state.captions
    if filtered is None or step.kind is None:
        raise RejectError("out_of_order", "the task agent was asked before the captions were filtered")
    rounds, earlier = list_rounds(state, step.kind), find_earlier(state, step.kind)
    return WriteRequest(
        seed=state.job.seed,
        image_id=state.job.photo.image_id,
        kind=step.kind,
        captions=tuple(pair.caption for pair in filtered.pairs),
        boxes=(*state.job.photo.boxes, *filtered.proposed),
        rules=state.rules,
        evidence=filtered.evidence,
        is_captioned_here=not any(pair.original for pair in filtered.pairs),
        round=step.round,
        previous=rounds[-1].messages if rounds else (),
        objections=tuple(objection for item in rounds for objection in item.verdict.objections),
        earlier=earlier.objections,
        mined=earlier.mined,
    )


async def write_instruction(step: Step, state: State, backend: Backend) -> InstructionWritten:
    """Do the task agent's whole turn."""
    request = build_write_request(step, state)
    reply = await backend.write_instruction(request)
    return InstructionWritten(kind=request.kind, round=request.round, messages=reply.messages)
