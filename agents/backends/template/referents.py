"""Words that mean one thing of an image and no other: "the dog", "the car farthest to the left"."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.backends.template.scene import Group, capitalise
from agents.checks.places.geometry import find_centre
from tools.records import Box

SIDE_GAP = 0.05
"""How far the outermost of several things must be from the next one, as a share of the width."""


@dataclass(frozen=True)
class Referent:
    """A thing with its name.

    Attributes:
        definite: `the dog`, `the car farthest to the left`.
        slots: of a clause about it.
    """

    definite: str
    slots: dict[str, str]


def find_referents(boxes: Sequence[Box], groups: Sequence[Group]) -> dict[int, Referent]:
    """The things that can be named, by their place among the boxes; only kinds that may be said at all."""
    found: dict[int, Referent] = {}
    for group in groups:
        own = [place for place, box in enumerate(boxes) if box.label == group.label and not box.is_crowd]
        if group.has_crowd or group.is_bunched or not own:
            continue
        if len(own) == 1:
            found[own[0]] = make_referent(group.label, group.definite)
            continue
        own.sort(key=lambda place: find_centre(boxes[place].box_xyxy_norm)[0])
        xs = [find_centre(boxes[place].box_xyxy_norm)[0] for place in own]
        if xs[1] - xs[0] >= SIDE_GAP:
            found[own[0]] = make_referent(group.label, f"the {group.noun} farthest to the left")
        if xs[-1] - xs[-2] >= SIDE_GAP:
            found[own[-1]] = make_referent(group.label, f"the {group.noun} farthest to the right")
    return found


def make_referent(label: str, definite: str) -> Referent:
    """One thing of a class under a name."""
    is_person = label == "person"
    slots = {
        "the": definite,
        "The": capitalise(definite),
        "is": "is",
        "has": "has",
        "it": "it",
        "them": "them" if is_person else "it",
        "its": "their" if is_person else "its",
        "s": "s",
        "Does": "Does",
        "Is": "Is",
    }
    return Referent(definite, slots)
