"""What was said earlier about an image, for every later request about it: objections, and the rules mined from them."""

from typing import NamedTuple

from agents.conversation.book.reverted import find_reverted
from agents.conversation.protocol import State, list_debates, settle_captions
from tools.records import InstructionKind, MinedRule, Objection


class Earlier(NamedTuple):
    """Each said once, in the order in which they came up.

    Attributes:
        objections: to the image's captions, and to instructions of other kinds than the one that is asked about.
        mined: every rule that the pack does not take back; the book holds those of images before this one alone.
    """

    objections: tuple[Objection, ...] = ()
    mined: tuple[MinedRule, ...] = ()


def find_earlier(state: State, kind: InstructionKind | None = None) -> Earlier:
    """What the agents have said by now.

    Args:
        kind: of the instruction that is asked about, whose own rounds a request holds besides; None for captions.
    """
    captions, debates = settle_captions(state).rounds, list_debates(state)
    others = (debate for debate in debates if debate.kind != kind)
    said = (
        *(objection for made in captions for item in made.objected for objection in item.objections),
        *(objection for debate in others for made in debate.rounds for objection in made.verdict.objections),
    )
    rules = (
        *(rule for made in captions for rule in made.mined),
        *(rule for debate in debates for made in debate.rounds for rule in made.mined),
    )
    objections: dict[tuple[str, str], Objection] = {}
    for each in said:
        objections.setdefault((each.category, each.quote.lower()), each)
    mined: dict[tuple[str, str], MinedRule] = {}
    for rule in rules:
        if not find_reverted(rule.category, rule.text, state.reverted):
            mined.setdefault((rule.category, rule.text), rule)
    return Earlier(tuple(objections.values()), tuple(mined.values()))
