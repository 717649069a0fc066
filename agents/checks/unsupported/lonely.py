"""Absence said by what is alone: "all by itself", "only the dog is in view", "none of the dogs has anyone near"."""

from agents.checks.places.regions import LAST
from agents.checks.unsupported.denials import ABSTRACT, DESCRIBING, OF_NOTHING, read_nothing_of
from agents.english.numbers import read_number
from agents.english.sentences import Sentence
from agents.english.words import word_set

THINGS = word_set("thing things object objects item items animal animals")
LACKING = word_set("lack lacks lacking missing")
WHOLLY = word_set("all completely entirely totally quite")
SHOWN = word_set("visible present shown there here")
NOBODY = word_set("anyone anybody anything a any")


def read_alone(sentence: Sentence, place: int) -> int | None:
    """Where "all alone", "all by themselves" ends: nobody else is there."""
    before = sentence.word_at(place - 1)
    if sentence.word_at(place) == "alone":
        is_in_it = before in ("is", "are") and _is_in(sentence, place + 1)
        return place + 1 if before in WHOLLY or is_in_it else None
    is_own = sentence.word_at(place - 2) == "are" and sentence.word_at(place) == "themselves"
    is_by = before == "by" and (is_own or sentence.word_at(place - 2) in WHOLLY)
    return place + 1 if is_by and sentence.word_at(place + 1) in LAST else None


def read_lack(sentence: Sentence, place: int) -> int | None:
    """Where "lacks an owner", "is missing a wheel" ends."""
    if sentence.word_at(place) in OF_NOTHING and sentence.word_at(place + 1) == "of":
        return read_nothing_of(sentence, place)
    if sentence.word_at(place + 1) not in ("a", "an", "any"):
        return None
    end = place + 3 + (sentence.word_at(place + 2) in DESCRIBING)
    is_thing = sentence.word_at(end - 1) not in ABSTRACT and sentence.word_at(end - 1)[:1].isalpha()
    return end if is_thing and sentence.word_at(end) in {*LAST, "in", "on", "at", "nearby", "and"} else None


def read_only(sentence: Sentence, place: int) -> int | None:
    """Where "only the dog" ends that "is in the picture", or "the only thing in the picture"."""
    if (
        sentence.word_at(place - 1) == "the"
        and sentence.lowers[place + 1 : place + 2] == ("other",)
        and sentence.word_at(place + 2) in THINGS
    ):
        return place + 3 if _is_shown(sentence, place + 3) and not sentence.is_negated(place) else None
    if sentence.word_at(place - 1) == "the" and sentence.word_at(place + 1) in THINGS:
        is_stated = sentence.word_at(place + 2) in {
            *LAST,
            "on",
            "here",
            "visible",
            "besides",
            "apart",
            "aside",
        } or _is_in(sentence, place + 2)
        return place + 2 if is_stated and not sentence.is_negated(place) else None
    thing = sentence.mentions[0] if sentence.mentions and place == 0 else None
    if len(sentence.mentions) == 2 and thing is not None and sentence.word_at(thing.end) == "and":
        thing = sentence.mentions[1] if sentence.mentions[1].start <= thing.end + 2 else thing
        start = sentence.mentions[0].start
        is_seen = sentence.word_at(thing.end) == "can" and sentence.word_at(thing.end + 2) in ("seen", "found")
        return thing.end if start <= 2 and (is_seen or _is_shown(sentence, thing.end + 1)) else None
    if thing is None or thing.start > 3 or sentence.word_at(thing.end) not in ("is", "are"):
        return None
    if any(read_number(word) is not None for word in sentence.lowers[1 : thing.start]):
        return None  # "only two dogs are in view" gives a number
    return thing.end if _is_shown(sentence, thing.end + 1) else None


def read_none_of(sentence: Sentence, place: int) -> int | None:
    """Where "none of the dogs | has anyone with it", "not one of the dogs | is visible" ends."""
    is_none = sentence.word_at(place) == "none" or sentence.word_at(place - 1) == "not"
    thing = next((m for m in sentence.mentions if place + 1 < m.start <= place + 3), None)
    if not is_none or thing is None or sentence.word_at(place + 1) != "of":
        return None
    verb, after = sentence.word_at(thing.end), sentence.word_at(thing.end + 1)
    has_nobody = verb in ("has", "have", "with") and after in NOBODY
    is_unused = verb in ("is", "are") and (
        after in ("used", "occupied") or sentence.word_at(thing.end + 2) in ("used", "use", "occupied")
    )
    return (
        thing.end if has_nobody or is_unused or (verb in ("is", "are") and _is_shown(sentence, thing.end + 1)) else None
    )


def _is_shown(sentence: Sentence, place: int) -> bool:
    """Whether "visible", "in the picture", "in sight" stands at `place`."""
    in_sight = sentence.word_at(place) == "in" and sentence.word_at(place + 1) in ("sight", "view")
    return sentence.word_at(place) in SHOWN or in_sight or _is_in(sentence, place)


def _is_in(sentence: Sentence, place: int) -> bool:
    return sentence.word_at(place) in ("in", "within") and sentence.names_picture(place + 1) is not None
