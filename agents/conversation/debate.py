"""The debate agent: judges an instruction and, on rejection, mines filtering rules from its reasons (paper 3.3)."""

from agents.backends import Backend, JudgeRequest, MineRequest
from agents.backends.asked.wants import Wanted, guess
from agents.conversation.earlier import find_earlier
from agents.conversation.protocol import InstructionWritten, State, Step, VerdictGiven
from tools.errors import RejectError
from tools.records import MinedRule


def build_judge_request(step: Step, state: State) -> JudgeRequest:
    """What the backend is asked about the attempt that was written last."""
    filtered, written = state.captions, state.events[-1] if state.events else None
    if filtered is None or not isinstance(written, InstructionWritten):
        raise RejectError("out_of_order", "the debate agent was asked before an instruction was written")
    earlier = find_earlier(state, written.kind)
    return JudgeRequest(
        seed=state.job.seed,
        image_id=state.job.photo.image_id,
        kind=written.kind,
        messages=written.messages,
        captions=tuple(pair.caption for pair in filtered.pairs),
        boxes=(*state.job.photo.boxes, *filtered.proposed),
        image=filtered.image,
        evidence=filtered.evidence,
        round=written.round,
        earlier=earlier.objections,
        mined=earlier.mined,
    )


async def judge_instruction(step: Step, state: State, backend: Backend) -> VerdictGiven:
    """Do the debate agent's whole turn: the verdict, and on rejection the mined rules."""
    request = build_judge_request(step, state)
    verdict = await backend.judge(request)
    mined: tuple[MinedRule, ...] = ()
    if not verdict.is_accepted:
        question = MineRequest(
            seed=request.seed,
            image_id=request.image_id,
            kind=request.kind,
            round=request.round,
            objections=verdict.objections,
            rules=state.rules,
            earlier=request.earlier,
            mined=request.mined,
        )
        mined = await mine_rules(question, backend)
    return VerdictGiven(kind=request.kind, round=request.round, verdict=verdict, mined=mined)


async def mine_rules(question: MineRequest, backend: Backend) -> tuple[MinedRule, ...]:
    """The rules mined from objections.

    Where replies come in waves and this one is not there, none are guessed for the next turn, which does not hear of
    them (`find_earlier`): so the question travels with that turn's.
    """
    try:
        return (await backend.mine_rule(question)).rules
    except Wanted:
        guess()
        return ()
