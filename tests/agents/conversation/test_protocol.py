"""The order of the conversation, as a plain loop and as an AutoGen team."""

import asyncio
import gc
import itertools

import pytest
from autogen_core import SingleThreadedAgentRuntime

from agents.backends import CaptionObjection
from agents.conversation.chat import run_team
from agents.conversation.protocol import (
    OBJECTED,
    CaptionsEdited,
    CaptionsFiltered,
    CaptionsJudged,
    Failed,
    InstructionWritten,
    Job,
    RefusedCaption,
    State,
    Step,
    VerdictGiven,
    find_failure,
    list_debates,
    next_step,
    run_plain,
)
from agents.conversation.quiet import TRACING_VARIABLE, QuietRuntime, make_runtime
from tools.records import KINDS, CaptionCandidate, Message, MinedRule, Objection, Pair, Photo, Verdict

PAIR = Pair(
    id="1-0", original="a red car", caption="a car", candidates=(CaptionCandidate(text="a car", score=1.0),), applied=()
)
OTHER = PAIR.model_copy(update={"id": "1-1", "caption": "a bus"})
OBJECTION = Objection(check="lexicon", category="colour", quote="red", reason="Colour cannot be seen.")


class ScriptedAgents:
    """Agents whose verdicts are given beforehand; they note every step they are asked for."""

    def __init__(self, verdicts, fail_at=None, captions=()):
        self.verdicts = iter(verdicts)
        self.captions = iter(captions)
        self.fail_at = fail_at
        self.steps = []

    async def act(self, step, state):
        assert step == next_step(state)
        self.steps.append(step)
        if self.fail_at == len(self.steps):
            return Failed(agent=step.agent, code="refused", reason="no")
        if step.kind is None and step.round:
            return self.debate_captions(step, state)
        if step.agent == "caption":
            return CaptionsFiltered(image=None, pairs=(PAIR, OTHER) if state.debates_captions else (PAIR,))
        if step.agent == "task":
            message = Message(role="user", content=f"{step.kind} {step.round}")
            return InstructionWritten(kind=step.kind, round=step.round, messages=(message,))
        accepted = next(self.verdicts)
        verdict = Verdict(is_accepted=accepted, objections=() if accepted else (OBJECTION,))
        mined = () if accepted else (MinedRule(text="Drop colours.", category="colour", objection="red"),)
        return VerdictGiven(kind=step.kind, round=step.round, verdict=verdict, mined=mined)

    def debate_captions(self, step, state):
        """The places that are objected to were given beforehand, a tuple a round."""
        if step.agent == "caption":
            objected = state.standing.objected
            return CaptionsEdited(pairs=tuple(item.pair.model_copy(update={"caption": "edited"}) for item in objected))
        objections = tuple(CaptionObjection(place=place, **OBJECTION.model_dump()) for place in next(self.captions))
        mined = (MinedRule(text="Drop colours.", category="colour", objection="red"),) if objections else ()
        return CaptionsJudged(round=step.round, objections=objections, mined=mined)


def start(kinds, max_rounds=3, debates_captions=False):
    photo = Photo(image_id="1", file_name="1.jpg", width=4, height=4, captions=("a red car",), boxes=())
    job = Job(index=0, block=0, seed=0, photo=photo, photo_path="1.jpg", kinds=kinds)
    return State(job, (), max_rounds, debates_captions=debates_captions)


def run(kinds, verdicts, how=run_plain, max_rounds=3, fail_at=None, captions=None):
    agents = ScriptedAgents(verdicts, fail_at, captions or ())
    return agents.steps, asyncio.run(how(start(kinds, max_rounds, captions is not None), agents))


def test_without_instruction_the_caption_agent_speaks_alone():
    steps, state = run((), [])
    assert steps == [Step("caption")]
    assert next_step(state) is None


def test_rejection_is_answered_by_another_round_until_accepted():
    steps, state = run(("description",), [False, True])
    expected = [("caption", 0), ("task", 1), ("debate", 1), ("task", 2), ("debate", 2)]
    assert [(step.agent, step.round) for step in steps] == expected
    (debate,) = list_debates(state)
    assert debate.is_accepted
    assert [len(attempt.mined) for attempt in debate.rounds] == [1, 0]


def test_generation_fails_after_the_last_round_and_the_next_kind_goes_on():
    steps, state = run(("description", "reasoning"), [False, False, True], max_rounds=2)
    failed, accepted = list_debates(state)
    assert (failed.kind, failed.is_accepted, len(failed.rounds)) == ("description", False, 2)
    assert (accepted.kind, accepted.is_accepted, len(accepted.rounds)) == ("reasoning", True, 1)
    assert steps[-1] == Step("debate", "reasoning", 1)


def test_a_failed_agent_ends_the_conversation():
    steps, state = run(KINDS, [True] * 3, fail_at=3)
    assert len(steps) == 3
    assert isinstance(state.events[-1], Failed)


CASES = [
    (kinds, verdicts, fail_at)
    for kinds in ((), ("conversation",), KINDS)
    for verdicts in itertools.product((True, False), repeat=3)
    for fail_at in (None, 1, 2, 4)
]


@pytest.mark.parametrize("how", [run_plain, run_team])
def test_max_rounds_bounds_every_debate(how):
    steps, _ = run(KINDS, [False] * 99, how, max_rounds=2)
    assert len(steps) == 1 + len(KINDS) * 2 * 2


def test_the_team_says_what_the_plain_loop_says():
    for kinds, verdicts, fail_at in CASES:
        enough = list(verdicts) + [True] * 9
        plain_steps, plain = run(kinds, enough, run_plain, fail_at=fail_at)
        team_steps, team = run(kinds, enough, run_team, fail_at=fail_at)
        assert team_steps == plain_steps
        assert team.events == plain.events


CAPTION_CASES = [((),), ((0,), ()), ((0, 1), (1,)), ((0, 1), (0, 1)), ((1,), (0,))]


@pytest.mark.parametrize("kinds", [(), ("conversation",), KINDS])
@pytest.mark.parametrize("captions", CAPTION_CASES)
def test_the_team_debates_captions_as_the_plain_loop_does(kinds, captions):
    for fail_at in (None, 2, 3, 4):
        plain_steps, plain = run(kinds, [False] + [True] * 9, fail_at=fail_at, captions=captions)
        team_steps, team = run(kinds, [False] + [True] * 9, run_team, fail_at=fail_at, captions=captions)
        assert team_steps == plain_steps
        assert team.events == plain.events


def test_captions_are_settled_before_the_first_instruction():
    steps, state = run(("description",), [True], captions=((1,), ()))
    expected = [("caption", 0), ("debate", 1), ("caption", 2), ("debate", 2), ("task", 1), ("debate", 1)]
    assert [(step.agent, step.round) for step in steps] == expected
    assert [pair.caption for pair in state.captions.pairs] == ["a car", "edited"]
    first, second = state.standing.rounds
    assert (first.judged, second.judged, len(first.mined), len(second.mined)) == (2, 1, 1, 0)
    assert [(item.pair.caption, item.objections) for item in first.objected] == [("a bus", (OBJECTION,))]


def test_accepted_captions_cost_one_turn():
    steps, state = run((), [], captions=((),))
    assert steps == [Step("caption"), Step("debate", None, 1)]
    assert state.captions.pairs == (PAIR, OTHER) and find_failure(state) is None


def test_what_is_still_objected_to_is_refused_and_says_why():
    steps, state = run(("description",), [True], captions=((0,), (0,)))
    found = state.captions
    assert found.pairs == (OTHER,) and steps[-1] == Step("debate", "description", 1)
    (refused,) = found.refused
    assert (refused.id, refused.code) == ("1-0", OBJECTED)
    assert "edited" in refused.reason and "“red” [colour] Colour cannot be seen." in refused.reason


def test_an_image_whose_captions_are_all_refused_is_rejected():
    steps, state = run(("description",), [True], captions=((0, 1), (0, 1)))
    assert steps[-1] == Step("debate", None, 2) and next_step(state) is None
    failure = find_failure(state)
    assert (failure.agent, failure.code) == ("debate", OBJECTED) and "none of the 2 captions" in failure.reason
    assert state.captions.pairs == ()


@pytest.mark.parametrize("codes", [("endpoint", "endpoint"), ("endpoint", OBJECTED)])
def test_an_image_of_which_no_edit_can_be_had_is_rejected_for_that(codes):
    """So that it counts as the endpoint's doing, and is asked again with the code that stopped it."""
    state = start(("description",), debates_captions=True).add(CaptionsFiltered(image=None, pairs=(PAIR, OTHER)))
    objections = tuple(CaptionObjection(place=place, **OBJECTION.model_dump()) for place in (0, 1))
    state = state.add(CaptionsJudged(round=1, objections=objections))
    refused = tuple(RefusedCaption(id=f"1-{n}", code=code, reason=f"said {code}") for n, code in enumerate(codes))
    state = state.add(CaptionsEdited(pairs=(), refused=refused))
    failure, last = find_failure(state), codes[-1]
    assert next_step(state) is None and failure.code == last and f"said {last}" in failure.reason
    assert failure.agent == ("debate" if last == OBJECTED else "caption")


def test_captions_that_nobody_could_judge_are_not_settled():
    _, state = run(("description",), [True], captions=((),), fail_at=2)
    assert state.captions.pairs == ()
    _, state = run(("description",), [True], captions=((0,), ()), fail_at=3)
    assert state.captions.pairs == (OTHER,)


def test_a_quiet_runtime_unless_spans_are_asked_for(monkeypatch):
    monkeypatch.setenv(TRACING_VARIABLE, "false")
    assert type(make_runtime()) is SingleThreadedAgentRuntime
    monkeypatch.setenv(TRACING_VARIABLE, "true")
    assert type(make_runtime()) is QuietRuntime


def test_a_quiet_runtime_serializes_nothing(monkeypatch):
    """The names that it overrides are AutoGen's own: another release that renames them makes this fail."""
    monkeypatch.setenv(TRACING_VARIABLE, "true")
    written = []
    for name in ("_try_serialize", "_create_otel_attributes"):
        assert callable(getattr(SingleThreadedAgentRuntime, name))
    monkeypatch.setattr(
        SingleThreadedAgentRuntime, "_try_serialize", lambda self, message: written.append(message) or ""
    )
    _, final = run(KINDS, [True] * 9, run_team)
    assert final.events and not written
    monkeypatch.setenv(TRACING_VARIABLE, "false")
    run(KINDS, [True] * 9, run_team)
    assert written


def test_a_stopped_team_leaves_nothing_to_the_collector(monkeypatch):
    """A team that lets go of nothing leaves 362 objects in cycles; its names are AutoGen's own."""
    monkeypatch.setenv(TRACING_VARIABLE, "true")
    run(KINDS, [True] * 9, run_team)
    gc.collect()
    gc.disable()
    try:
        run(KINDS, [True] * 9, run_team)
        assert gc.collect() < 100
    finally:
        gc.enable()
