"""Evidence in the order in which statements ask for it: by kind, object and relation."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from agents.checks.places.geometry import find_centre
from agents.english.categories import Mention
from agents.english.sentences import Sentence
from tools.evidence import Evidence, FactKind
from tools.records import Box

ROUNDED: Final = 0.5
"""How far a stated end of the range may be from the true one."""
_TURNED: Final = {"brighter": "darker", "darker": "brighter"}


class FactBook:
    """What was measured in one image, and which objects its words mean.

    Args:
        boxes: in the order in which the evidence counts them.
    """

    def __init__(self, evidence: Evidence, boxes: Sequence[Box]) -> None:
        self.evidence = evidence
        self._boxes = boxes
        self._facts = {
            (fact.kind, fact.subject, fact.other, fact.relation): place for place, fact in enumerate(evidence.facts)
        }
        self.used: set[int] = set()
        """Places of the facts that answered since whoever asks emptied it."""

    def _has(self, kind: FactKind, subject: int | None, other: int | None, relation: str) -> bool:
        place = self._facts.get((kind, subject, other, relation))
        if place is not None:
            self.used.add(place)
        return place is not None

    def resolve(self, sentence: Sentence, mention: Mention) -> list[int]:
        """The objects that a mention may mean; "farthest to the left" and its like mean one of them."""
        own = [i for i, box in enumerate(self._boxes) if box.label in mention.noun.labels and not box.is_crowd]
        following = sentence.lowers[mention.end : mention.end + 4]
        if len(own) > 1 and not {"farthest", "furthest"}.isdisjoint(following):
            own.sort(key=lambda i: find_centre(self._boxes[i].box_xyxy_norm)[0])
            return own[:1] if "left" in following else own[-1:] if "right" in following else own
        return own

    def has_surroundings(self, things: Collection[int], relation: str, least: int | None) -> bool:
        """Whether all of the things, or at least so many, differ from their surroundings like this."""
        count = sum(self._has("surroundings", thing, None, relation) for thing in things)
        return bool(things) and count >= (len(things) if least is None else least)

    def has_pair(self, firsts: Collection[int], seconds: Collection[int], relation: str) -> bool:
        """Whether every first is brighter (or darker) than every second."""
        pairs = [(one, other) for one in firsts for other in seconds if one != other]
        return bool(pairs) and all(self._is_ordered(one, other, relation) for one, other in pairs)

    def _is_ordered(self, one: int, other: int, relation: str) -> bool:
        if self._has("pair", one, other, relation):
            return True
        return self._has("pair", other, one, _TURNED[relation])

    def has_difference(self, firsts: Collection[int], seconds: Collection[int], relation: str) -> bool:
        """Whether every first is warmer (or cooler) than every second by a difference that was measured in degrees."""
        pairs = [(one, other) for one in firsts for other in seconds if one != other]
        return bool(pairs) and all(
            self._note(
                place
                for place, fact in enumerate(self.evidence.facts)
                if fact.kind == "difference"
                and {fact.subject, fact.other} == {one, other}
                and (relation == "brighter") == ((fact.subject == one) == (fact.values["degrees"] > 0))
            )
            for one, other in pairs
        )

    def has_part(self, things: Collection[int], side: str) -> bool:
        """Whether this half of the thing is its brighter one."""
        return bool(things) and all(self._has("part", thing, None, side) for thing in things)

    def has_third(self, side: str) -> bool:
        """Whether this third of the image is brighter than the opposite one."""
        return self._has("third", None, None, side)

    def has_ninths(self, first: str, second: str) -> bool:
        """Whether one ninth of the image was found brighter than another."""
        return self._has("ninths", None, None, f"{first} over {second}")

    def has_place(self, ninth: str) -> bool:
        """Whether the brightest place lies in this ninth of the image."""
        return self._note(
            place
            for place, fact in enumerate(self.evidence.facts)
            if fact.kind == "brightest_place" and fact.relation == ninth
        )

    def _note(self, places: Iterable[int]) -> bool:
        found = set(places)
        self.used |= found
        return bool(found)

    def is_first(self, things: Collection[int], relation: str, is_warmth: bool) -> bool:
        """Whether the thing leads all labelled ones: in brightness, or, of a warm or cold one, in temperature."""
        kinds = {"brightest_object"} if relation == "brighter" else set()
        if is_warmth and self.evidence.unit is not None:
            kinds = {"hottest_object" if relation == "brighter" else "coldest_object"}
        first = (
            place for place, fact in enumerate(self.evidence.facts) if fact.kind in kinds and fact.subject in things
        )
        return len(things) == 1 and self._note(first)

    def has_range(self, given: Collection[float]) -> bool:
        """Whether temperatures that were given tell what black and white of the picture stand for."""
        shown = self.evidence.shown or ()
        return bool(shown) and all(any(abs(value - end) <= ROUNDED for value in given) for end in shown)

    def list_degrees(self, things: Collection[int]) -> list[float]:
        """Every temperature, in degrees Celsius, that a sentence about these things may state.

        Args:
            things: those that it names; of none it speaks of the whole image.

        Returns:
            Of each thing and of differences between two of them, or of the image.
        """
        kind = "region_temperature" if things else "image_temperature"
        facts = [fact for fact in self.evidence.facts if fact.kind == kind and (not things or fact.subject in things)]
        found = [value for fact in facts for value in fact.values.values()]
        for fact in self.evidence.facts:
            if fact.kind == "difference" and fact.subject in things and fact.other in things:
                found.append(abs(fact.values["degrees"]))
        return found
