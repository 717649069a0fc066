"""Things that a model says it sees bright or dark, each with a box of its own: measured there, kept where it is so."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from PIL import Image

from agents.backends import Proposal
from agents.backends.template.claims import find_shared
from agents.checks.places.geometry import find_area
from agents.checks.verify import verify
from agents.english.categories import Strength, is_usable_label, load_nouns
from tools.evidence import CLAIM_CHECK, Evidence, Fact, Levels, measure
from tools.prompts.lexicon import Lexicon
from tools.prompts.replies import ClaimLine
from tools.records import Box, Message, Objection

SAME_OBJECT: Final = 0.5
"""Intersection over union from which a proposed box is one that the dataset has."""
QUESTION: Final = Message(role="user", content="")


class Measured(NamedTuple):
    """Proposed boxes, and what was found in them.

    Attributes:
        boxes: all that were measured, those with another finding than the claim's too.
        facts: only those that agree with their claim; `subject` counts in `boxes`.
    """

    boxes: tuple[Box, ...] = ()
    facts: tuple[Fact, ...] = ()

    def keep(self) -> Proposal:
        """The boxes whose claims hold."""
        held = sorted({fact.subject for fact in self.facts if fact.subject is not None})
        facts = (fact.model_copy(update={"subject": held.index(fact.subject or 0)}) for fact in self.facts)
        return Proposal(boxes=tuple(self.boxes[place] for place in held), facts=tuple(facts))


def measure_claims(picture: Path, polarity: str, boxes: Sequence[Box], claims: Sequence[ClaimLine]) -> Measured:
    """Measure what is claimed in the image's file, boxes of the dataset left out of the surroundings.

    Args:
        boxes: of the dataset; a claim about one of these is left to the evidence there is.
    """
    proposed = [(box, claim.relation) for claim in claims if (box := _make_box(claim)) and not _is_known(box, boxes)]
    if not proposed:
        return Measured()
    own = tuple(box for box, _ in proposed)
    with Image.open(picture) as image:
        levels = Levels(np.asarray(image.convert("L")), polarity)
    width, height = levels.size
    corners = [
        (x1 * width, y1 * height, x2 * width, y2 * height)
        for x1, y1, x2, y2 in (box.box_xyxy_norm for box in (*boxes, *own))
    ]
    found = {
        fact.subject - len(boxes): fact
        for fact in measure(levels, corners).facts
        if fact.kind == "surroundings" and fact.subject is not None and fact.subject >= len(boxes)
    }
    facts = (
        found[place].model_copy(update={"subject": place})
        for place, (_, relation) in enumerate(proposed)
        if place in found and found[place].relation == relation
    )
    return Measured(own, tuple(facts))


def _make_box(claim: ClaimLine) -> Box | None:
    """A box with the class that the claim's words name, else with the words themselves."""
    words = claim.thing.lower()
    named = [
        mention.noun for mention in load_nouns().find(words.split()) if mention.noun.strength is not Strength.LOOSE
    ]
    label = named[-1].labels[0] if named else words.removeprefix("the ").removeprefix("a ")
    return Box(label=label, box_xyxy_norm=claim.box_xyxy_norm, source="model") if is_usable_label(label) else None


def _is_known(box: Box, boxes: Sequence[Box]) -> bool:
    return any(box.label == other.label and _overlap(box, other) >= SAME_OBJECT for other in boxes)


def _overlap(one: Box, other: Box) -> float:
    shared = find_shared(one.box_xyxy_norm, other.box_xyxy_norm)
    return shared / max(find_area(one.box_xyxy_norm) + find_area(other.box_xyxy_norm) - shared, 1e-9)


def add_facts(evidence: Evidence | None, count: int, facts: Sequence[Fact]) -> Evidence | None:
    """Evidence with facts of boxes that come after the `count` boxes it has."""
    if evidence is None or not facts:
        return evidence
    moved = [fact.model_copy(update={"subject": count + (fact.subject or 0)}) for fact in facts]
    more = sorted({fact.subject for fact in moved if fact.subject is not None})
    return evidence.model_copy(update={"facts": (*evidence.facts, *moved), "measured": (*evidence.measured, *more)})


def find_false_claims(
    caption: str, boxes: Sequence[Box], evidence: Evidence | None, measured: Measured, lexicon: Lexicon
) -> tuple[Objection, ...]:
    """What a caption states of brightness that nothing measured bears out."""
    known = add_facts(evidence, len(boxes), measured.facts)
    messages = (QUESTION, Message(role="assistant", content=caption))
    found = verify(messages, (*boxes, *measured.boxes), (caption,), lexicon, "description", measured=known)
    return tuple(objection for objection in found if objection.check == CLAIM_CHECK)
