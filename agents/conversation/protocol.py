"""The order of the conversation about one image, as a pure function of its state (paper 3.4).

translate and filter captions -> debate the captions -> (edit those objected to -> debate these) -> write -> debate ->
(write again with the reasons -> debate)* -> next kind -> end. In the paper captions are not debated.
`chat` adapts this to an AutoGen team; `run_plain` is the same order without AutoGen, and a test holds them equal.
"""

import functools
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from agents.backends import CaptionObjection
from agents.conversation.book.reverted import RevertedRule
from tools.evidence import Evidence
from tools.records import (
    Box,
    Debate,
    DebateRound,
    InstructionKind,
    Message,
    MinedRule,
    Objection,
    Pair,
    Photo,
    Record,
    Rule,
    Verdict,
)

AgentName = Literal["caption", "task", "debate"]
OBJECTED = "objected"
"""Code of a caption that was refused because its edits did not help either, and of an image that has no other."""


class RefusedCaption(Record):
    """A caption that the dataset holds and the run leaves out: empty, too long, or refused by the backend."""

    id: str
    code: str
    reason: str


class ObjectedCaption(Record):
    """A caption as it was judged, and what was said against it."""

    pair: Pair
    objections: tuple[Objection, ...]


class CaptionRound(Record):
    """One round of the debate on an image's captions, 1 or 2.

    Attributes:
        judged: how many captions; what is not among `objected` was accepted.
    """

    round: int
    judged: int
    objected: tuple[ObjectedCaption, ...] = ()
    mined: tuple[MinedRule, ...] = ()


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


class CaptionsJudged(Record):
    """The debate agent's answer to the captions of this round, and the rules it mined.

    Attributes:
        objections: `place` counts among the captions that were judged: all of them in round 1, the edits in round 2.
    """

    round: int
    objections: tuple[CaptionObjection, ...] = ()
    mined: tuple[MinedRule, ...] = ()


class CaptionsEdited(Record):
    """The caption agent has edited once more what was objected to; a pair's candidates are its edits alone.

    Attributes:
        refused: captions for which the backend gave nothing that can be used.
    """

    pairs: tuple[Pair, ...]
    refused: tuple[RefusedCaption, ...] = ()


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


Event = CaptionsFiltered | CaptionsJudged | CaptionsEdited | InstructionWritten | VerdictGiven | Failed
ABOUT_CAPTIONS = (CaptionsFiltered, CaptionsJudged, CaptionsEdited)
SETTLED = ("standing", "captions")
"""What a state works out once, and what no later event changes that is not about captions."""


@dataclass(frozen=True)
class State:
    """Everything that decides what happens next: the job, the rules in force and what was said so far.

    Attributes:
        debates_captions: captions are debated before the first instruction is written.
        reverted: rules that the pack takes back; where one is mined again, later requests do not hear of it.
    """

    job: Job
    rules: tuple[Rule, ...]
    max_rounds: int
    events: tuple[Event, ...] = ()
    debates_captions: bool = False
    reverted: tuple[RevertedRule, ...] = ()

    def add(self, event: Event) -> "State":
        """The state after `event`."""
        events = (*self.events, event)
        made = State(self.job, self.rules, self.max_rounds, events, self.debates_captions, self.reverted)
        if isinstance(event, ABOUT_CAPTIONS):
            made.__dict__["standing"] = _settle(self.standing, event, self)
        else:
            made.__dict__.update({name: self.__dict__[name] for name in SETTLED if name in self.__dict__})
        return made

    @functools.cached_property
    def standing(self) -> "Standing":
        """What became of the captions so far."""
        now = Standing()
        for event in self.events:
            now = _settle(now, event, self)
        return now

    @functools.cached_property
    def captions(self) -> CaptionsFiltered | None:
        """What the caption agent said, if it got that far, with the captions that are settled by now."""
        said = next((event for event in self.events if isinstance(event, CaptionsFiltered)), None)
        if said is None or not self.debates_captions:
            return said
        now = self.standing
        return said.model_copy(update={"pairs": now.pairs, "refused": (*said.refused, *now.refused)})


class Step(NamedTuple):
    """Who speaks next, and about which attempt.

    Without a kind it is about captions: `caption` of round 0 filters all of them, `debate` of round 1 judges them,
    `caption` of round 2 edits what was objected to, and `debate` of round 2 judges the edits.
    """

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
        case CaptionsFiltered() | CaptionsJudged() | CaptionsEdited():
            return _go_on_with_captions(state)
        case InstructionWritten(kind=kind, round=number):
            return Step("debate", kind, number)
        case VerdictGiven(kind=kind, round=number, verdict=verdict):
            if verdict.is_accepted or number >= state.max_rounds:
                return _start_kind(state, state.job.kinds.index(kind) + 1)
            return Step("task", kind, number + 1)


def _go_on_with_captions(state: State) -> Step | None:
    now = state.standing
    if now.open:
        return Step("debate", None, len(now.rounds) + 1)
    if now.objected:
        return Step("caption", None, 2)
    return _start_kind(state, 0) if now.pairs else None


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


class Standing(NamedTuple):
    """How the debate on an image's captions stands.

    Attributes:
        pairs: settled, in the order of the captions.
        open: to be judged next.
        objected: the caption agent is to edit them once more.
        refused: what was still objected to, or could not be edited.
        rounds: of the debate so far.
    """

    pairs: tuple[Pair, ...] = ()
    open: tuple[Pair, ...] = ()
    objected: tuple[ObjectedCaption, ...] = ()
    refused: tuple[RefusedCaption, ...] = ()
    rounds: tuple[CaptionRound, ...] = ()


def _settle(now: Standing, event: Event, state: State) -> Standing:
    """What becomes of the captions with an event.

    Args:
        state: holds the captions as they were filtered, in their order.
    """
    match event:
        case CaptionsFiltered(pairs=pairs):
            return Standing(open=pairs) if state.debates_captions else Standing(pairs)
        case CaptionsEdited(pairs=pairs, refused=refused):
            return now._replace(open=pairs, objected=(), refused=(*now.refused, *refused))
        case CaptionsJudged():
            judged = _take_verdicts(now, event)
            if not now.rounds:
                return judged
            filtered = next((said.pairs for said in state.events if isinstance(said, CaptionsFiltered)), ())
            order = {pair.id: place for place, pair in enumerate(filtered)}
            return judged._replace(pairs=tuple(sorted(judged.pairs, key=lambda pair: order[pair.id])))
        case _:
            return now


def _take_verdicts(now: Standing, event: CaptionsJudged) -> Standing:
    against: dict[int, list[Objection]] = {}
    for item in event.objections:
        against.setdefault(item.place, []).append(item.strip_place())
    objected = tuple(
        ObjectedCaption(pair=now.open[place], objections=tuple(found)) for place, found in sorted(against.items())
    )
    accepted = tuple(pair for place, pair in enumerate(now.open) if place not in against)
    made = CaptionRound(round=event.round, judged=len(now.open), objected=objected, mined=event.mined)
    is_last = event.round > 1
    refused = tuple(refuse_caption(item) for item in objected) if is_last else ()
    return Standing(
        pairs=(*now.pairs, *accepted),
        objected=() if is_last else objected,
        refused=(*now.refused, *refused),
        rounds=(*now.rounds, made),
    )


def refuse_caption(item: ObjectedCaption) -> RefusedCaption:
    """A caption whose edits did not help either, with what was said of it."""
    said = "; ".join(f"“{each.quote}” [{each.category}] {each.reason}" for each in item.objections)
    return RefusedCaption(id=item.pair.id, code=OBJECTED, reason=f"“{item.pair.caption}” was objected to: {said}")


def find_failure(state: State) -> Failed | None:
    """Why the image has no result, if so: an agent could not go on, or every caption was refused.

    When none was judged again because no edit of any could be had, that is why, and not what was objected to before.
    """
    failed = next((event for event in state.events if isinstance(event, Failed)), None)
    now = state.standing
    if failed is not None or now != Standing(refused=now.refused, rounds=now.rounds) or not now.refused:
        return failed
    example = next((item for item in now.refused if item.code == OBJECTED), now.refused[0])
    told = f"none of the {len(now.refused)} captions was accepted: {example.reason}"
    return Failed(agent="debate" if example.code == OBJECTED else "caption", code=example.code, reason=told)


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
