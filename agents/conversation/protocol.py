"""The order of the conversation about one image, as a pure function of its state (paper 3.4).

translate and filter captions -> write -> debate -> (write again with the reasons -> debate)* -> next kind -> end.
`chat` adapts this to an AutoGen team; `run_plain` is the same order without AutoGen, and a test holds them equal.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from tools.evidence import Evidence
from tools.records import (
    Box,
    Debate,
    DebateRound,
    InstructionKind,
    Message,
    MinedRule,
    Pair,
    Photo,
    Record,
    Rule,
    Verdict,
)

AgentName = Literal["caption", "task", "debate"]


class RefusedCaption(Record):
    """A caption that the dataset holds and the run leaves out: empty, too long, or refused by the backend."""

    id: str
    code: str
    reason: str


class Job(Record):
    """One image's work: ids and paths, no pixels, so that it can travel to another process or machine.

    Attributes:
        index: place in the ascending order of ids.
        block: whose rule book applies.
        photo_path: the file of the photograph.
        kinds: instructions to write, in this order; empty when the caption agent works alone.
        refused: captions left out before the agents see the image.
        fault: code and reason, when the dataset's row cannot be used and only the reject is to be recorded.
        is_captioned_here: an image without a caption is captioned by the caption agent, and not rejected.
        draw: how often the run was told to ask again what was refused (`agents.backends.draws`).
    """

    index: int
    block: int
    seed: int
    photo: Photo
    photo_path: str
    kinds: tuple[InstructionKind, ...]
    refused: tuple[RefusedCaption, ...] = ()
    fault: tuple[str, str] | None = None
    is_captioned_here: bool = False
    draw: int = 0


class CaptionsFiltered(Record):
    """The caption agent is done: image (None without a translator) and one pair a caption.

    Attributes:
        refused: captions for which the backend gave nothing that can be used.
        evidence: what the image's pixels show, None where it was not measured.
        proposed: boxes that a model named in captioning the image; the evidence counts them behind the image's own.
    """

    image: str | None
    pairs: tuple[Pair, ...]
    refused: tuple[RefusedCaption, ...] = ()
    evidence: Evidence | None = None
    proposed: tuple[Box, ...] = ()


class InstructionWritten(Record):
    """The task agent's attempt of this round."""

    kind: InstructionKind
    round: int
    messages: tuple[Message, ...]


class VerdictGiven(Record):
    """The debate agent's answer to the attempt of this round, and the rules it mined."""

    kind: InstructionKind
    round: int
    verdict: Verdict
    mined: tuple[MinedRule, ...]


class Failed(Record):
    """An agent could not go on; the image is final with this reason."""

    agent: AgentName
    code: str
    reason: str


Event = CaptionsFiltered | InstructionWritten | VerdictGiven | Failed


@dataclass(frozen=True)
class State:
    """Everything that decides what happens next: the job, the rules in force and what was said so far."""

    job: Job
    rules: tuple[Rule, ...]
    max_rounds: int
    events: tuple[Event, ...] = ()

    def add(self, event: Event) -> "State":
        """The state after `event`."""
        return State(self.job, self.rules, self.max_rounds, (*self.events, event))


class Step(NamedTuple):
    """Who speaks next, and about which attempt (the caption agent speaks once, about all captions)."""

    agent: AgentName
    kind: InstructionKind | None = None
    round: int = 0


def next_step(state: State) -> Step | None:
    """Who speaks next; None when the image is final."""
    if not state.events:
        return Step("caption")
    match state.events[-1]:
        case Failed():
            return None
        case CaptionsFiltered():
            return _start_kind(state, 0)
        case InstructionWritten(kind=kind, round=number):
            return Step("debate", kind, number)
        case VerdictGiven(kind=kind, round=number, verdict=verdict):
            if verdict.is_accepted or number >= state.max_rounds:
                return _start_kind(state, state.job.kinds.index(kind) + 1)
            return Step("task", kind, number + 1)


def _start_kind(state: State, place: int) -> Step | None:
    return Step("task", state.job.kinds[place], 1) if place < len(state.job.kinds) else None


class Agents(Protocol):
    """What the three agents do, one method each; `chat` calls the same ones from inside the team."""

    async def act(self, step: Step, state: State) -> Event:
        """The event that `step` leads to."""


async def run_plain(state: State, agents: Agents) -> State:
    """The whole conversation as a plain loop."""
    while step := next_step(state):
        state = state.add(await agents.act(step, state))
    return state


def find_captions(state: State) -> CaptionsFiltered | None:
    """What the caption agent said, if it got that far."""
    return next((event for event in state.events if isinstance(event, CaptionsFiltered)), None)


def list_rounds(state: State, kind: InstructionKind) -> tuple[DebateRound, ...]:
    """The finished rounds of `kind`, oldest first."""
    written: dict[int, InstructionWritten] = {}
    rounds = []
    for event in state.events:
        if isinstance(event, InstructionWritten) and event.kind == kind:
            written[event.round] = event
        elif isinstance(event, VerdictGiven) and event.kind == kind:
            messages = written[event.round].messages
            rounds.append(DebateRound(round=event.round, messages=messages, verdict=event.verdict, mined=event.mined))
    return tuple(rounds)


def list_debates(state: State) -> tuple[Debate, ...]:
    """The debates that have at least one finished round, in the order of the job's kinds."""
    debates = ((kind, list_rounds(state, kind)) for kind in state.job.kinds)
    name = state.job.photo.image_id
    return tuple(Debate(id=f"{name}-{kind}", kind=kind, rounds=rounds) for kind, rounds in debates if rounds)
