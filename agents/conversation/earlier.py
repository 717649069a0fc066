"""What was said earlier about an image, for every later request about it: objections, and the rules mined from them."""

from dataclasses import replace
from typing import NamedTuple

from agents.conversation.book.reverted import find_reverted
from agents.conversation.protocol import CaptionsJudged, State, VerdictGiven, list_debates
from tools.records import InstructionKind, MinedRule, Objection


class Earlier(NamedTuple):
    """Each said once, in the order in which they came up.

    Attributes:
        objections: to the image's captions, and to instructions of other kinds than the one that is asked about.
        mined: every rule that the pack does not take back; the book holds those of images before this one alone. Not
            those of a verdict that was given just before: its objections are told, and the question that mines from
            them is asked together with the one after.
    """

    objections: tuple[Objection, ...] = ()
    mined: tuple[MinedRule, ...] = ()


def find_earlier(state: State, kind: InstructionKind | None = None) -> Earlier:
    """What the agents have said by now.

    Args:
        kind: of the instruction that is asked about, whose own rounds a request holds besides; None for captions.
    """
    captions, debates = state.standing.rounds, list_debates(state)
    before = _forget_latest(state)
    others = (debate for debate in debates if debate.kind != kind)
    said = (
        *(objection for made in captions for item in made.objected for objection in item.objections),
        *(objection for debate in others for made in debate.rounds for objection in made.verdict.objections),
    )
    rules = (
        *(rule for made in before.standing.rounds for rule in made.mined),
        *(rule for debate in list_debates(before) for made in debate.rounds for rule in made.mined),
    )
    objections: dict[tuple[str, str], Objection] = {}
    for each in said:
        objections.setdefault((each.category, each.quote.lower()), each)
    mined: dict[tuple[str, str], MinedRule] = {}
    for rule in rules:
        if not find_reverted(rule.category, rule.text, state.reverted):
            mined.setdefault((rule.category, rule.text), rule)
    return Earlier(tuple(objections.values()), tuple(mined.values()))


def _forget_latest(state: State) -> State:
    """The state in which the verdict that came last has led to no rule."""
    last = state.events[-1] if state.events else None
    if not isinstance(last, CaptionsJudged | VerdictGiven) or not last.mined:
        return state
    return replace(state, events=(*state.events[:-1], last.model_copy(update={"mined": ()})))
