"""What was said about an image as a talk of the three agents, each objection's words marked where they stand."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agents.conversation.protocol import CaptionRound
from agents.conversation.results import Result
from agents.output.report.words import Segment, clip, clip_text, mark_quotes
from tools.records import Debate, DebateRound, MinedRule, Objection

Agent = str
CAPTION, TASK, DEBATE = "caption", "task", "debate"
NAMES = {CAPTION: "Caption agent", TASK: "Task agent", DEBATE: "Debate agent"}


class Line(NamedTuple):
    """A line of a turn: who speaks in it (`Q`, `A`, or a caption's id), and its words, those objected to marked."""

    label: str
    text: tuple[Segment, ...]


class Turn(NamedTuple):
    """What one agent said at once.

    Attributes:
        topic: what it is about, e.g. `captions` or a kind of instruction.
        round: counts from 1.
        lines: its words.
        verdict: of the debate agent: `accepted` or `rejected`; empty for the others.
        objections: numbered from 1, as in the marks of the turn before.
        mined: the rules that came of it.
    """

    agent: Agent
    topic: str
    round: int
    lines: tuple[Line, ...] = ()
    verdict: str = ""
    said: str = ""
    objections: tuple[Objection, ...] = ()
    mined: tuple[MinedRule, ...] = ()

    @property
    def name(self) -> str:
        """The agent's name, for people."""
        return NAMES[self.agent]


def list_turns(result: Result) -> tuple[Turn, ...]:
    """The whole talk, in its order."""
    return tuple(_list_turns(result))


def _list_turns(result: Result) -> Iterator[Turn]:
    if result.caption_rounds:
        yield from _talk_of_captions(result)
    elif result.pairs:
        yield Turn(CAPTION, "captions", 1, tuple(_line(pair.id, pair.caption) for pair in result.pairs))
    for debate in result.debates:
        for attempt in debate.rounds:
            yield from _talk_of_instruction(debate, attempt)


def _talk_of_captions(result: Result) -> Iterator[Turn]:
    """What was chosen first, with what was said against it; then the edits, and what was said of them."""
    first = {item.pair.id: item.pair.caption for item in result.caption_rounds[0].objected}
    chosen = {pair.id: first.get(pair.id, pair.caption) for pair in result.pairs}
    captions = {**chosen, **first}  # one that was refused in the end is no pair
    for number, made in enumerate(result.caption_rounds):
        yield Turn(CAPTION, "captions" if number == 0 else "captions, edited", made.round, _quote(captions, made))
        yield Turn(
            DEBATE,
            "captions",
            made.round,
            verdict="rejected" if made.objected else "accepted",
            said=f"{made.judged - len(made.objected)} of {made.judged} accepted",
            objections=tuple(_shown(one) for item in made.objected for one in item.objections),
            mined=made.mined,
        )
        final = {pair.id: pair.caption for pair in result.pairs}
        later = result.caption_rounds[number + 1 : number + 2]
        known = {item.pair.id: item.pair.caption for each in later for item in each.objected}
        edited = {item.pair.id: known.get(item.pair.id, final.get(item.pair.id, "")) for item in made.objected}
        captions = {name: text for name, text in edited.items() if text}


def _quote(captions: dict[str, str], made: CaptionRound) -> tuple[Line, ...]:
    """The captions with the quotes of their own objections marked, numbered through the round."""
    quotes: dict[str, list[str]] = {}
    start: dict[str, int] = {}
    number = 0
    for item in made.objected:
        quotes[item.pair.id], start[item.pair.id] = [one.quote for one in item.objections], number
        number += len(item.objections)
    return tuple(
        Line(name, _shift(clip(mark_quotes(text, quotes.get(name, ()))), start.get(name, 0)))
        for name, text in captions.items()
    )


def _shift(segments: Sequence[Segment], by: int) -> tuple[Segment, ...]:
    return tuple(Segment(part.text, part.mark + by if part.mark else 0) for part in segments)


def _talk_of_instruction(debate: Debate, attempt: DebateRound) -> Iterator[Turn]:
    quotes = [one.quote for one in attempt.verdict.objections]
    lines = (
        Line("Q" if message.role == "user" else "A", clip(mark_quotes(message.content, quotes)))
        for message in attempt.messages
    )
    yield Turn(TASK, debate.kind, attempt.round, tuple(lines))
    accepted = attempt.verdict.is_accepted
    yield Turn(
        DEBATE,
        debate.kind,
        attempt.round,
        verdict="accepted" if accepted else "rejected",
        said="Accepted." if accepted else "",
        objections=tuple(map(_shown, attempt.verdict.objections)),
        mined=attempt.mined,
    )


def _line(label: str, text: str) -> Line:
    return Line(label, clip((Segment(text, 0),)))


def _shown(one: Objection) -> Objection:
    return one.model_copy(update={"quote": clip_text(one.quote), "reason": clip_text(one.reason)})
