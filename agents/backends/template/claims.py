"""What evidence says of things that can be named: claims, each a clause in the pack's words with its question.

A claim is made only of what a fact states. A thing is named when words single it out: the only one of its kind, or the
one farthest to a side; what cannot be named is spoken of with all of its kind, or not at all.
"""

import itertools
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agents.backends.template.referents import Referent, find_referents
from agents.backends.template.scene import Group, join_list, name_number
from agents.checks.places.geometry import find_area
from tools.evidence import Evidence, Fact
from tools.records import Box, BoxXyxyNorm

MOSTLY_BELOW = 0.9
"""An object whose pixels exceed its surroundings' in fewer cases than this has bright and dark parts: "mostly"."""
OVERLAP = 0.15
"""Share of an object that another one may cover before its pixels are no longer its own."""
_MIRROR = {"brighter": "darker", "darker": "brighter"}
_PART_NAMES = {"middle": "central", "left middle": "middle left", "right middle": "middle right"}
_DOWN = frozenset({"upper", "lower"})


@dataclass(frozen=True)
class Claim:
    """One thing to say.

    Attributes:
        kind: of the fact; what a text needs only one of.
        key: list of wordings, `measured.<key>`; `warm_<key>` besides, where bright is known to mean warm.
        ask: list of questions.
        slots: of both.
        values: how sure it is, for notes: `auc`.
    """

    kind: str
    key: str
    ask: str
    slots: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)


def list_claims(evidence: Evidence, boxes: Sequence[Box], groups: Sequence[Group]) -> list[Claim]:
    """Everything that can be said, in the order of the facts."""
    referents = find_referents(boxes, groups)
    mixed = find_overlapped(boxes)
    makers: dict[str, Callable[[Fact], Iterable[Claim]]] = {
        "surroundings": lambda fact: _claim_surroundings(fact, referents),
        "pair": lambda fact: () if (fact.subject, fact.other) in mixed else _claim_pair(fact, referents),
        "part": lambda fact: () if fact.subject in mixed else _claim_part(fact, referents),
        "third": _claim_third,
        "ninths": _claim_ninths,
        "brightest_place": lambda fact: _claim_place(fact, referents),
        "brightest_object": lambda fact: _claim_ranked(fact, referents, groups),
        "hottest_object": lambda fact: _claim_ranked(fact, referents, groups),
        "coldest_object": lambda fact: _claim_ranked(fact, referents, groups),
        "region_temperature": lambda fact: _claim_degrees(fact, referents, evidence),
        "difference": lambda fact: _claim_difference(fact, referents, evidence),
        "image_temperature": lambda fact: _claim_warmest(fact, evidence),
    }
    claims = [claim for fact in evidence.facts if fact.kind in makers for claim in makers[fact.kind](fact)]
    return [*claims, *_claim_groups(evidence, boxes, groups)]


def find_overlapped(boxes: Sequence[Box]) -> set[int | tuple[int | None, int | None] | None]:
    """Objects that another one covers in part, and pairs of which one does: their pixels belong to both."""
    found: set[int | tuple[int | None, int | None] | None] = set()
    for one, other in itertools.combinations(range(len(boxes)), 2):
        shared = find_shared(boxes[one].box_xyxy_norm, boxes[other].box_xyxy_norm)
        shares = [shared / max(find_area(boxes[place].box_xyxy_norm), 1e-9) for place in (one, other)]
        found |= {place for place, share in zip((one, other), shares, strict=True) if share > OVERLAP}
        if max(shares) > OVERLAP:
            found |= {(one, other), (other, one)}
    return found


def find_shared(one: BoxXyxyNorm, other: BoxXyxyNorm) -> float:
    """Area that two boxes share."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)


def _claim_surroundings(fact: Fact, referents: Mapping[int, Referent]) -> Iterator[Claim]:
    thing = referents.get(fact.subject if fact.subject is not None else -1)
    if thing is not None:
        auc = fact.values["auc"]
        mostly = "mostly_" if MOSTLY_BELOW > auc > 1 - MOSTLY_BELOW else ""
        yield Claim("surroundings", f"{mostly}{fact.relation}", "ask_surroundings", thing.slots, {"auc": auc})


def _claim_groups(evidence: Evidence, boxes: Sequence[Box], groups: Sequence[Group]) -> Iterator[Claim]:
    """Several things of a kind at once: all of them, or at least so many."""
    found = {(fact.subject, fact.relation) for fact in evidence.facts if fact.kind == "surroundings"}
    for group in groups:
        own = [place for place, box in enumerate(boxes) if box.label == group.label and not box.is_crowd]
        if len(own) < 2 or group.has_crowd or group.is_bunched:
            continue
        for relation in _MIRROR:
            count = sum((place, relation) in found for place in own)
            if count == len(own):
                yield Claim("group", f"all_{relation}", "ask_some", _slots_all(group))
            elif count >= 1:
                yield Claim("group", f"some_{relation}", "ask_some", _slots_some(group, count))


def _slots_all(group: Group) -> dict[str, str]:
    """`both cars` or `all four people`."""
    definite = group.name_all()[:1].lower() + group.name_all()[1:]
    return {"the": definite, "plural": group.plural, "are": "are"}


def _slots_some(group: Group, count: int) -> dict[str, str]:
    number, are = name_number(count), "is" if count == 1 else "are"
    slots = {"number": number, "total": name_number(group.count), "plural": group.plural, "are": are}
    return slots | {"s": "s" if count == 1 else ""}


def _claim_pair(fact: Fact, referents: Mapping[int, Referent]) -> Iterator[Claim]:
    places = (fact.subject, fact.other) if fact.relation == "brighter" else (fact.other, fact.subject)
    first, second = (referents.get(-1 if place is None else place) for place in places)
    if first is not None and second is not None:
        yield Claim("pair", "pair_brighter", "ask_pair", _slots_two(first, second))


def _slots_two(first: Referent, second: Referent) -> dict[str, str]:
    return {
        **first.slots,
        "other": second.definite,
        "are": second.slots["is"],
        "one": first.definite,
        "two": second.definite,
    }


def _claim_part(fact: Fact, referents: Mapping[int, Referent]) -> Iterator[Claim]:
    thing = referents.get(-1 if fact.subject is None else fact.subject)
    if thing is not None:
        ask = "ask_part_down" if fact.relation in _DOWN else "ask_part_across"
        yield Claim("part", f"part_{fact.relation}", ask, thing.slots)


def _claim_third(fact: Fact) -> Iterator[Claim]:
    ask = "ask_third_down" if fact.relation in _DOWN else "ask_third_across"
    yield Claim("third", f"third_{fact.relation}", ask)


def _claim_ninths(fact: Fact) -> Iterator[Claim]:
    first, second = (_PART_NAMES.get(name, name) for name in fact.relation.split(" over "))
    yield Claim("ninths", "ninths", "ask_ninths", {"first": first, "second": second, "one": first, "two": second})


def _claim_place(fact: Fact, referents: Mapping[int, Referent]) -> Iterator[Claim]:
    thing = referents.get(-1 if fact.subject is None else fact.subject)
    place = fact.relation.replace("middle", "centre").strip()
    place = {"left centre": "left", "right centre": "right"}.get(place, place)
    slots = {"place": place} | (thing.slots if thing else {})
    yield Claim("brightest_place", "brightest_place_in" if thing else "brightest_place", "ask_brightest_place", slots)


def _claim_ranked(fact: Fact, referents: Mapping[int, Referent], groups: Sequence[Group]) -> Iterator[Claim]:
    """The first of all labelled things; their list names every kind, so each has to have a name."""
    thing = referents.get(-1 if fact.subject is None else fact.subject)
    if thing is None or any(group.has_crowd or group.is_bunched for group in groups):
        return
    named = join_list(
        [group.definite if group.is_single else f"the {name_number(group.count)} {group.plural}" for group in groups]
    )
    yield Claim(fact.kind, fact.kind, f"ask_{fact.kind}", thing.slots | {"list": named})


def _name_group(group: Group) -> str:
    return group.definite if group.is_single else f"the {name_number(group.count)} {group.plural}"


def _claim_degrees(fact: Fact, referents: Mapping[int, Referent], evidence: Evidence) -> Iterator[Claim]:
    """A degree is asked for only with the range that black and white stand for: a model can read it then."""
    thing = referents.get(-1 if fact.subject is None else fact.subject)
    mean = fact.values["mean"]
    if thing is not None and evidence.shown is not None and evidence.shown[0] <= mean <= evidence.shown[1]:
        slots = thing.slots | _slots_shown(evidence) | {"degrees": f"{mean:.1f}"}
        yield Claim("degrees", "object_degrees", "ask_object_degrees", slots)


def _claim_difference(fact: Fact, referents: Mapping[int, Referent], evidence: Evidence) -> Iterator[Claim]:
    degrees = fact.values["degrees"]
    places = (fact.subject, fact.other) if degrees > 0 else (fact.other, fact.subject)
    first, second = (referents.get(-1 if place is None else place) for place in places)
    if first is not None and second is not None and evidence.shown is not None:
        slots = _slots_two(first, second) | _slots_shown(evidence) | {"degrees": f"{abs(degrees):.1f}"}
        yield Claim("difference", "difference_degrees", "ask_difference_degrees", slots)


def _claim_warmest(fact: Fact, evidence: Evidence) -> Iterator[Claim]:
    if evidence.shown is None:
        return
    slots = _slots_shown(evidence)
    for name, kind in (("warmest", "image_degrees"), ("mean", "image_mean_degrees")):
        value = fact.values.get(name)
        if value is not None and evidence.shown[0] <= value <= evidence.shown[1]:
            yield Claim(kind, kind, f"ask_{kind}", slots | {"degrees": f"{value:.1f}"})


def _slots_shown(evidence: Evidence) -> dict[str, str]:
    low, high = evidence.shown or (0.0, 0.0)
    return {"low": f"{low:.1f}", "high": f"{high:.1f}"}


def choose_claims(claims: Sequence[Claim], count: int, rng: random.Random) -> list[Claim]:
    """Some claims, as different in kind as can be."""
    by_kind: dict[str, list[Claim]] = {}
    for claim in rng.sample(claims, len(claims)):
        by_kind.setdefault(claim.kind, []).append(claim)
    kinds = rng.sample(list(by_kind), len(by_kind))
    rows = [by_kind[kind][turn] for turn in range(len(claims)) for kind in kinds if turn < len(by_kind[kind])]
    return rows[:count]
