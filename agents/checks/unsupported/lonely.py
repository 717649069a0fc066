"""Absence said by what is alone: "all by itself", "only the dog is in view", "none of the dogs has anyone near"."""

from agents.checks.places.regions import LAST
from agents.checks.unsupported.denials import ABSTRACT, DESCRIBING, GENERIC, OF_NOTHING, read_nothing_of
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
    is_named = any(m.end == end and m.start > place for m in sentence.mentions)
    is_named = is_named or any(m.start <= end - 1 < m.end for m in sentence.mentions)
    is_thing = (is_named or sentence.word_at(end - 1) not in ABSTRACT) and sentence.word_at(end - 1)[:1].isalpha()
    return end if is_thing and sentence.word_at(end) in {*LAST, "in", "on", "at", "nearby", "and"} else None


def read_only(sentence: Sentence, place: int) -> int | None:
    """Where "only the dog" ends that "is in the picture", or "the only thing in the picture"."""
    if sentence.word_at(place - 1) == "the" and not THINGS.isdisjoint(sentence.lowers[place + 1 : place + 3]):
        return _read_only_thing(sentence, place)
    if sentence.word_at(place - 1) in HOLDING and sentence.word_at(place + 1) == "the":
        return _read_only_those(sentence, place)
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


HOLDING = word_set("contains shows includes holds has")


def _read_only_those(sentence: Sentence, place: int) -> int | None:
    """Where "the image contains | only the dogs and the bus" ends."""
    is_picture = any(sentence.names_picture(k) == place - 1 for k in range(place - 1))
    named = [m for m in sentence.mentions if m.start > place]
    return named[-1].end if is_picture and named and sentence.word_at(named[-1].end) in LAST else None


ALL_THERE_IS = frozenset([*LAST, "on", "here", "visible", "besides", "apart", "aside"])
"""Behind "the only things"."""


def _read_only_thing(sentence: Sentence, place: int) -> int | None:
    """Where "the only other thing in view", "the only thing the scene does not have is a dog" ends."""
    end = place + 2 + (sentence.word_at(place + 1) == "other")
    if sentence.is_negated(place):
        return None
    if sentence.word_at(end) in ALL_THERE_IS or _is_shown(sentence, end):
        return end
    picture = sentence.names_picture(end + (sentence.word_at(end) == "that"))
    if picture is None:
        return None
    if (
        sentence.word_at(picture) in HOLDING | {"contain", "show", "include", "hold"}
        and sentence.word_at(picture + 1) in LAST
    ):
        return end
    lacking = sentence.lowers[picture : picture + 4]
    thing = next((m for m in sentence.mentions if m.start == picture + 5), None)  # "does not have is | a dog"
    return thing.end if thing is not None and lacking[1:] == ("not", "have", "is") else None


def read_none_of(sentence: Sentence, place: int) -> int | None:
    """Where "none of the dogs | has anyone with it", "not one of the dogs | is visible" ends."""
    thing = next((m for m in sentence.mentions if place + 1 < m.start <= place + 3), None)
    is_none = sentence.word_at(place) == "none" or sentence.word_at(place - 1) == "not"
    beings = next((k for k in range(place + 2, place + 6) if sentence.word_at(k) in GENERIC), None)
    if (
        is_none
        and beings is not None
        and sentence.word_at(place + 1) == "of"
        and sentence.word_at(beings + 1) in ("is", "are")
    ):
        return beings + 1 if _is_shown(sentence, beings + 2) else None
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
