"""Claimed places: "the dog is on the left", "off to the left, a dog sleeps", "three of the dogs are at the top"."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agents.checks.places.regions import SIDES, Region, is_leading, read_heading, read_region
from agents.english.categories import Mention, Strength
from agents.english.numbers import read_number
from agents.english.sentences import Sentence
from agents.english.words import FORMS_OF_BE, PREPOSITIONS, THIRD_PERSON, word_set

PRONOUNS = word_set("it they he she them")
OBSERVERS = word_set("one someone somebody everyone anyone he she they you we viewer")
SEES = word_set("see sees can may might will notices finds spots recognises recognizes discovers makes could")
DEVICES = word_set("camera sensor lens imager detector eye")
"""What sees: "on the left, the camera has caught a dog"."""
MEETS = word_set(
    """
    notice meet come encounter reache reach arrive discover observe detect identify identifie have ha get spot see find
    catch catche begin start look scan read should must need move go turn
    """
)
"""What an observer does besides seeing."""
LOOKING = word_set("scan scanning looking look glancing glance gazing turning moving going turn")
CONTAINING = word_set("has have holds hold keeps with")
THINGS = word_set("one thing object item shape ones things objects")
DESCRIBING = word_set("found seen visible located positioned placed situated which arranged lined gathered grouped all")
"""What opens words behind a comma that say where the thing before it is."""
EACH = word_set("each every any")
ASIDE = word_set(
    """
    past beyond opposite across above below under over beside behind between near far just not one close well right
    directly all
    """
)
"""What opens words between two commas that name no subject."""

OPENING = PREPOSITIONS | word_set("across next apart away aside along together compared opposite facing")
"""What opens a clause that has no subject of its own."""


class PlaceClaim(NamedTuple):
    """Instances of one of the `subjects` are said to be in a region: `number` at least, or all; words start to end."""

    subjects: tuple[Mention, ...]
    region: Region
    number: int
    start: int
    end: int
    is_all: bool = False


def find_places(sentence: Sentence, antecedents: Sequence[Mention] = ()) -> Iterator[PlaceClaim]:
    """Find claims about parts of the image.

    Args:
        sentence: where to look.
        antecedents: what "it" and "they" may stand for.
    """
    yield from _find_headed(sentence)
    for place in range(len(sentence.words)):
        region = read_region(sentence, place)
        if region is None or sentence.is_negated(place) or _is_of_others(sentence, region):
            continue
        subjects, number, start = _find_subjects(sentence, region, antecedents)
        if subjects:
            own = [m.end for m in subjects if any(m is mention for mention in sentence.mentions)]
            end = max([region.end, *own])
            is_all = len(subjects) == 1 and number == 1 and _is_all(sentence, subjects[0])
            yield PlaceClaim(subjects, region, number, min(start, region.start), end, is_all)
            joined = _find_joined(sentence, subjects[0], region)
            if joined is not None:
                yield PlaceClaim((joined,), region, 1, joined.start, end, _is_all(sentence, joined))


def _find_headed(sentence: Sentence) -> Iterator[PlaceClaim]:
    """ "Far left: two dogs." """
    colon = next((k for k in range(1, 5) if sentence.word_at(k) == ":"), None)
    if colon is None:
        yield from _find_first(sentence)
    region = None if colon is None else read_heading(sentence, colon)
    things = [m for m in sentence.mentions if region is not None and m.start > region.end]
    if region is not None and things and not any(word in SIDES for word in sentence.lowers[region.end :]):
        yield PlaceClaim((things[0],), region, 1, 0, things[0].end)


def _find_first(sentence: Sentence) -> Iterator[PlaceClaim]:
    """ "Looking from left to right, you first come across the dogs"; "dead centre in the frame is a dog"."""
    things = [m for m in sentence.mentions if m.noun.strength is not Strength.LOOSE]
    if len(things) != 1 or not {"not", "nothing", "gap", "never", "no"}.isdisjoint(sentence.lowers):
        return
    for words, side in ((("from", "left", "to", "right"), "left"), (("from", "right", "to", "left"), "right")):
        at = next((k for k in range(3) if sentence.lowers[k : k + 4] == words), None)
        is_met = any(sentence.word_at(k) in MET for k in range(3, len(sentence.lowers)))
        if (
            at is not None
            and is_met
            and "first" in sentence.lowers
            and len([w for w in sentence.lowers if w in SIDES]) == 2
        ):
            yield PlaceClaim((things[0],), Region(side, "", at, at + 4), 1, at, things[0].end)
    verb = next((k for k, word in enumerate(sentence.lowers[:8]) if word in ("is", "are")), 0)
    is_next = verb > 0 and things[0].start <= verb + 2
    if sentence.lowers[:2] in (("dead", "centre"), ("dead", "center")) and is_next:
        yield PlaceClaim((things[0],), Region("centre", "centre", 0, 2), 1, 0, things[0].end)


MET = word_set("come comes meet meets see sees find finds reach reaches encounter encounters notice notices")
APART = word_set("distance way far away")


def _is_of_others(sentence: Sentence, region: Region) -> bool:
    """Whether "away from the left edge", "everything on the left" is said."""
    before = sentence.word_at(region.start - 1)
    is_away = sentence.word_at(region.start) == "from" and before in ("away", "far", "apart", "distant", "clear")
    opener = sentence.word_at(region.start)
    is_away = is_away or before in ("separated", "divided", "split", "parted")
    is_away = is_away or (opener == "from" and before in ("seen", "viewed", "measured", "counted"))
    is_none = sentence.word_at(0) in ("nothing", "none", "nobody", "neither")
    is_away = is_away or (is_none and "," not in sentence.lowers[: region.start])
    is_away = is_away or (
        opener == "from" and not APART.isdisjoint(sentence.lowers[max(0, region.start - 4) : region.start])
    )
    is_own = region.start == 0 and sentence.word_at(1) in ("its", "their")
    is_away = is_away or is_own
    is_away = is_away or "way" in sentence.lowers[max(0, region.start - 3) : region.start]
    is_away = is_away or sentence.lowers[: region.start].count("vain") > 0
    return is_away or before in ("everything", "everyone", "anything", "nothing", "something", "others", "those")


def _find_joined(sentence: Sentence, subject: Mention, region: Region) -> Mention | None:
    """The bus in "the bus and the vases are on the left"."""
    before = [m for m in sentence.mentions if m.end < subject.start]
    if not before or subject.start > region.start or sentence.word_at(subject.end) not in SHARED_VERBS:
        return None
    between = sentence.lowers[before[-1].end : subject.start]
    is_joined = between[:1] == ("and",) and between[1:] in ((), ("the",), ("a",), ("an",))
    return before[-1] if is_joined and len(before) == 1 and not is_pronoun(sentence, before[-1]) else None


SHARED_VERBS = word_set("are sit stand lie share occupy fill keep appear take both can")


def _is_all(sentence: Sentence, mention: Mention) -> bool:
    """Whether "the dogs" or "they" are said to be somewhere, all of them or nearly so."""
    if not any(mention is own for own in sentence.mentions):
        return mention.noun.is_plural and "they" in sentence.lowers
    before, earlier, first = (sentence.word_at(mention.start - k) for k in (1, 2, 3))
    if not mention.noun.is_plural or before not in ("the", "all", "both"):
        return False
    is_each = first in ("all", "both", "each", "most") or (
        first == "one" and sentence.word_at(mention.start - 4) in EACH
    )
    return is_each if earlier == "of" else earlier != "than"


def _find_subjects(
    sentence: Sentence, region: Region, antecedents: Sequence[Mention]
) -> tuple[tuple[Mention, ...], int, int]:
    """Who is said to be in a region, at least how many of them, and where the claim begins."""
    identified = _find_identified(sentence, region)
    if identified is not None:
        return (identified,), 1, region.start - 1
    if sentence.word_at(region.start) == "the":
        held = sentence.word_at(region.end + 1) in PRONOUNS and not _find_subject_behind(sentence, region)
        return tuple(antecedents) if held else _find_subject_behind(sentence, region), 1, region.start
    number = read_number(sentence.word_at(region.start - 1))
    if number is not None and region.start > 1:
        earlier = [m for m in sentence.mentions if m.end < region.start and not is_pronoun(sentence, m)]
        return tuple(earlier[-1:] or antecedents), number, region.start - 1
    sought = _find_sought(sentence, region)
    if sought is not None:
        return (sought,), 1, sought.start
    before, start = nouns_before(sentence, region.start, antecedents)
    if before:
        counted = read_number(sentence.word_at(before[0].start - 1)) if len(before) == 1 else None
        return before, counted or 1, start
    return _find_subject_behind(sentence, region), 1, region.start


def _find_sought(sentence: Sentence, region: Region) -> Mention | None:
    """The bus in "to find the bus, look at the left side"."""
    comma = sentence.clause(region.start)[0] - 1
    is_led = sentence.word_at(0) == "to" and sentence.word_at(1) in FINDING and sentence.word_at(comma) == ","
    is_looked = sentence.word_at(comma + 1) in LOOKING | {"check", "go"}
    return next((m for m in sentence.mentions if m.end == comma), None) if is_led and is_looked else None


FINDING = word_set("find see spot locate discover")


def _find_identified(sentence: Sentence, region: Region) -> Mention | None:
    """The bus in "the object on the left is a bus"."""
    is_thing = (
        sentence.word_at(region.start - 1) in THINGS or sentence.word_at(sentence.clause(region.start)[0]) == "what"
    )
    if not is_thing or sentence.word_at(region.end) not in ("is", "are"):
        return None
    return next((m for m in sentence.mentions if region.end < m.start <= region.end + 3), None)


def _find_subject_behind(sentence: Sentence, region: Region) -> tuple[Mention, ...]:
    """The noun after a region that opens its clause: "on the left there is a dog", "on the left, a dog sleeps"."""
    if not is_leading(sentence, region):
        return ()
    start = sentence.clause(region.start)[0]
    _, end = sentence.clause(region.end - 1)
    behind = [m for m in sentence.mentions if m.start >= region.end and not is_observer(sentence, m)]
    behind = [m for m in behind if not (is_pronoun(sentence, m) or sentence.word_at(m.start) in DEVICES)] or behind
    behind = [m for m in behind if sentence.lowers[m.start : m.start + 2] != ("one", "after")]
    behind = [m for m in behind if m.noun.strength is not Strength.LOOSE] or behind
    inside = [m for m in behind if m.start < end]
    if inside or not behind:
        return tuple(inside[:1])
    if sentence.word_at(end) != ",":
        return ()
    is_looking = not LOOKING.isdisjoint(sentence.lowers[start : region.start])
    seer = end + 1 + (sentence.word_at(end + 1) == "the")
    if is_looking and sentence.word_at(seer) not in OBSERVERS | {"there"}:
        return ()  # who looks to the left need not be there
    _, next_end = sentence.clause(end + 1)
    while (
        sentence.word_at(end + 1) in ASIDE
        and sentence.word_at(next_end) == ","
        and sentence.word_at(end + 2).removesuffix("s") not in MEETS
    ):  # "at the top, above the dogs, is a cat"
        end = next_end
        _, next_end = sentence.clause(end + 1)
        behind = [m for m in behind if m.start > end]
    return tuple([m for m in behind if m.start < next_end][:1])


def nouns_before(sentence: Sentence, place: int, antecedents: Sequence[Mention]) -> tuple[tuple[Mention, ...], int]:
    """The things of a clause before `place`, or what its pronoun stands for, and where they begin."""
    is_joined = place == 0 or sentence.word_at(place - 1) in ("and", "while", "whereas", "but")
    start = place if is_joined else sentence.clause(place - 1)[0]
    is_led = sentence.word_at(place - 1) == "," and sentence.word_at(start) in OPENING
    own = tuple(m for m in sentence.mentions if start <= m.start and m.end <= place)
    found = tuple(m for m in own if not is_pronoun(sentence, m))
    found = tuple(m for m in found if m.noun.strength is not Strength.LOOSE) or found
    is_seeing = bool(found) and all(is_observer(sentence, m) for m in found)
    if is_led or is_seeing:  # "across from the dogs, on the left, is a bus"; "one should look on the left"
        return (), place
    found = tuple(m for m in found if not is_observer(sentence, m))
    found = found or _find_described(sentence, start)
    found = found or _find_apposed(sentence, start)
    joined = next((m for m in sentence.mentions if m.end == start - 1 and sentence.word_at(start - 1) == "and"), None)
    if found and (_is_of_part(sentence, found[0]) or (joined is not None and _is_of_part(sentence, joined))):
        return (), place
    if found:
        begin = found[0].start
        while begin > max(start, 0) and _opens_noun(sentence.word_at(begin - 1)):
            begin -= 1
        return found, begin
    if PRONOUNS.isdisjoint(sentence.lowers[start:place]):
        return (), place
    earlier = [m for m in sentence.mentions if m.end <= start and not is_pronoun(sentence, m)]
    if earlier and len({m.noun.labels for m in earlier}) == 1:
        return tuple(earlier[:1]), earlier[0].start
    return tuple(antecedents) or own, start


def _is_of_part(sentence: Sentence, mention: Mention) -> bool:
    """Whether "the edge of the bus", "the gap between the dogs" is spoken of."""
    link = mention.start - 1 - (sentence.word_at(mention.start - 1) in ("the", "a", "an", "these", "both"))
    head = sentence.word_at(link - 1)
    return sentence.word_at(link) in ("of", "between") and head in PARTS_OF


PARTS_OF = word_set(
    """
    edge edges side sides top bottom part parts center centre middle gap gaps space distance half area region surface
    base end ends tip front back rear body interior inside shadow reflection reflections upper lower corner portion
    """
)


def _find_described(sentence: Sentence, start: int) -> tuple[Mention, ...]:
    """The dog in "the dog, placed on the left", "a bus and the dog, which is on the left"."""
    if sentence.word_at(start - 1) != "," or sentence.word_at(start) not in DESCRIBING:
        return ()
    earlier = [m for m in sentence.mentions if m.end < start and not is_pronoun(sentence, m)]
    is_meant = bool(earlier) and (earlier[-1].end == start - 1 or len({m.noun.labels for m in earlier}) == 1)
    return tuple(earlier[-1:]) if is_meant else ()


def _find_apposed(sentence: Sentence, start: int) -> tuple[Mention, ...]:
    """The bus in "the largest shape, a bus, rests"."""
    if sentence.word_at(start - 1) != "," or sentence.word_at(start) not in THIRD_PERSON | FORMS_OF_BE:
        return ()
    named = next((m for m in sentence.mentions if m.end == start - 1), None)
    is_apposed = named is not None and sentence.word_at(named.start - 1) in ("a", "an", "the")
    return (named,) if named is not None and is_apposed and sentence.word_at(named.start - 2) == "," else ()


def is_pronoun(sentence: Sentence, mention: Mention) -> bool:
    """Whether a mention is a word such as "they", or "one" of what is named next."""
    if sentence.word_at(mention.start) == "one" and (
        sentence.word_at(mention.end) == "of" or any(m.start == mention.end for m in sentence.mentions)
    ):
        return True
    return mention.end == mention.start + 1 and sentence.word_at(mention.start) in PRONOUNS


def is_observer(sentence: Sentence, mention: Mention) -> bool:
    """Whether "one" only sees: "on the left one sees a dog"."""
    verb = sentence.word_at(mention.end)
    return sentence.word_at(mention.start) in OBSERVERS and (verb in SEES or verb.removesuffix("s") in MEETS)


def _opens_noun(word: str) -> bool:
    return word in ("the", "a", "an") or read_number(word) is not None
