"""What later requests about an image know of what was said before."""

from agents.backends import CaptionObjection
from agents.conversation.debate import build_judge_request
from agents.conversation.earlier import find_earlier
from agents.conversation.protocol import (
    CaptionsEdited,
    CaptionsFiltered,
    CaptionsJudged,
    InstructionWritten,
    Job,
    State,
    Step,
    VerdictGiven,
)
from agents.conversation.task import build_write_request
from tools.records import Message, MinedRule, Objection, Pair, Photo, Verdict

PHOTO = Photo(image_id="7", file_name="7.jpg", width=9, height=9, captions=("A wooden table.",), boxes=())
JOB = Job(index=0, block=0, seed=0, photo=PHOTO, photo_path="7.jpg", kinds=("description", "reasoning"))
WOODEN = Objection(check="llm", category="material", quote="wooden", reason="no")
SUNNY = Objection(check="llm", category="lighting", quote="sunny", reason="no")
WII = MinedRule(text="Remove names of products.", category="brand", objection="Wii")
TALK = (Message(role="user", content="What?"), Message(role="assistant", content="A table."))


def pair(caption):
    return Pair(id="7-0", original="A wooden table.", caption=caption, candidates=(), applied=())


def written(kind, number):
    return InstructionWritten(kind=kind, round=number, messages=TALK)


def verdict(kind, number, *objections, mined=()):
    found = Verdict(is_accepted=not objections, objections=objections)
    return VerdictGiven(kind=kind, round=number, verdict=found, mined=mined)


def add(state, *events):
    for event in events:
        state = state.add(event)
    return state


START = State(JOB, (), 3, (CaptionsFiltered(image=None, pairs=(pair("A wooden table."),)),), debates_captions=True)
JUDGED = add(
    START,
    CaptionsJudged(round=1, objections=(CaptionObjection(place=0, **WOODEN.model_dump()),)),
    CaptionsEdited(pairs=(pair("A table."),)),
    CaptionsJudged(round=2),
)


def test_objections_to_captions_are_known_to_every_instruction():
    assert find_earlier(START) == ((), ())
    request = build_write_request(Step("task", "description", 1), JUDGED)
    assert (request.earlier, request.objections) == ((WOODEN,), ())


def test_what_was_mined_is_known_one_turn_later_and_to_the_next_kind():
    state = add(JUDGED, written("description", 1), verdict("description", 1, SUNNY, WOODEN, mined=(WII,)))
    again = build_write_request(Step("task", "description", 2), state)
    assert (again.objections, again.earlier, again.mined) == ((SUNNY, WOODEN), (WOODEN,), ())
    state = state.add(written("description", 2))
    assert build_judge_request(Step("debate", "description", 2), state).mined == (WII,)
    state = state.add(verdict("description", 2))
    other = build_write_request(Step("task", "reasoning", 1), state)
    assert (other.objections, other.earlier, other.mined) == ((), (WOODEN, SUNNY), (WII,))
    judged = build_judge_request(Step("debate", "reasoning", 1), state.add(written("reasoning", 1)))
    assert (judged.earlier, judged.mined) == ((WOODEN, SUNNY), (WII,))
