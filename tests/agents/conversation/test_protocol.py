"""The order of the conversation, as a plain loop and as an AutoGen team."""

import asyncio
import itertools

import pytest
from autogen_core import SingleThreadedAgentRuntime

from agents.conversation.chat import run_team
from agents.conversation.protocol import (
    CaptionsFiltered,
    Failed,
    InstructionWritten,
    Job,
    State,
    Step,
    VerdictGiven,
    list_debates,
    next_step,
    run_plain,
)
from agents.conversation.quiet import TRACING_VARIABLE, QuietRuntime, make_runtime
from tools.records import KINDS, CaptionCandidate, Message, MinedRule, Objection, Pair, Photo, Verdict

PAIR = Pair(
    id="1-0", original="a red car", caption="a car", candidates=(CaptionCandidate(text="a car", score=1.0),), applied=()
)
OBJECTION = Objection(check="lexicon", category="colour", quote="red", reason="Colour cannot be seen.")


class ScriptedAgents:
    """Agents whose verdicts are given beforehand; they note every step they are asked for."""

    def __init__(self, verdicts, fail_at=None):
        self.verdicts = iter(verdicts)
        self.fail_at = fail_at
        self.steps = []

    async def act(self, step, state):
        assert step == next_step(state)
        self.steps.append(step)
        if self.fail_at == len(self.steps):
            return Failed(agent=step.agent, code="refused", reason="no")
        if step.agent == "caption":
            return CaptionsFiltered(image=None, pairs=(PAIR,))
        if step.agent == "task":
            message = Message(role="user", content=f"{step.kind} {step.round}")
            return InstructionWritten(kind=step.kind, round=step.round, messages=(message,))
        accepted = next(self.verdicts)
        verdict = Verdict(is_accepted=accepted, objections=() if accepted else (OBJECTION,))
        mined = () if accepted else (MinedRule(text="Drop colours.", category="colour", objection="red"),)
        return VerdictGiven(kind=step.kind, round=step.round, verdict=verdict, mined=mined)


def start(kinds, max_rounds=3):
    photo = Photo(image_id="1", file_name="1.jpg", width=4, height=4, captions=("a red car",), boxes=())
    job = Job(index=0, block=0, seed=0, photo=photo, photo_path="1.jpg", kinds=kinds)
    return State(job, (), max_rounds)


def run(kinds, verdicts, how=run_plain, max_rounds=3, fail_at=None):
    agents = ScriptedAgents(verdicts, fail_at)
    return agents.steps, asyncio.run(how(start(kinds, max_rounds), agents))


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
