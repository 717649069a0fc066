"""Claimed places: "the dog is on the left", "a car to the right of the bus", "the bed is larger than the chair"."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agents.checks.quantities import read_number
from agents.checks.regions import BE, LAST, Region, read_region
from agents.english.categories import Mention
from agents.english.sentences import BREAKS, Sentence
from agents.english.words import word_set

BEFORE_SIDE = BE | {"the", "immediate", "far", "just", "directly"}
PRONOUNS = word_set("it they he she")
COMPARISONS = {"larger": "larger", "bigger": "larger", "smaller": "smaller"}
LEADING = word_set("down up over out here there")
OBSERVERS = word_set("one someone somebody everyone anyone he she they")
SEES = word_set("see sees can may might will notices finds spots recognises recognizes discovers makes could")
REACH = 5


class PlaceClaim(NamedTuple):
    """At least `number` instances of one of the `subjects` are said to be in a region; words start to end."""

    subjects: tuple[Mention, ...]
    region: Region
    number: int
    start: int
    end: int


class RelationClaim(NamedTuple):
    """One of `firsts` is said to be left, right, above, below, larger or smaller than one of `seconds`."""

    firsts: tuple[Mention, ...]
    relation: str
    second: Mention
    start: int
    end: int


def find_places(sentence: Sentence, antecedents: Sequence[Mention] = ()) -> Iterator[PlaceClaim]:
    """Find claims about parts of the image.

    Args:
        sentence: where to look.
        antecedents: what "it" and "they" may stand for.
    """
    for place in range(len(sentence.words)):
        region = read_region(sentence, place)
        if region is None or sentence.is_negated(place):
            continue
        subjects, number, start = _find_subjects(sentence, region, antecedents)
        if subjects:
            own = [m.end for m in subjects if any(m is mention for mention in sentence.mentions)]
            yield PlaceClaim(subjects, region, number, min(start, region.start), max([region.end, *own]))


def find_relations(sentence: Sentence, antecedents: Sequence[Mention] = ()) -> Iterator[RelationClaim]:
    """Find claims that relate two things in the image."""
    for place in range(len(sentence.words)):
        read = _read_relation(sentence, place)
        if read is None or sentence.is_negated(place):
            continue
        relation, start, end = read
        second = next((m for m in sentence.mentions if end <= m.start < end + REACH), None)
        if second is None or sentence.names_picture(end) is not None:
            continue
        if any(sentence.word_at(k) in BREAKS for k in range(end, second.start)):
            continue
        firsts, first_start = _nouns_before(sentence, start, antecedents)
        behind = _noun_behind(sentence, start, second)
        if behind is not None:
            yield RelationClaim((behind,), relation, second, start, behind.end)
            continue
        if firsts and (relation not in COMPARISONS.values() or _is_definite(sentence, firsts, second)):
            yield RelationClaim(firsts, relation, second, first_start, second.end)


def _find_subjects(
    sentence: Sentence, region: Region, antecedents: Sequence[Mention]
) -> tuple[tuple[Mention, ...], int, int]:
    """Who is said to be in a region, at least how many of them, and where the claim begins."""
    number = read_number(sentence.word_at(region.start - 1))
    if number is not None and region.start > 1:
        earlier = [m for m in sentence.mentions if m.end < region.start]
        return tuple(earlier[-1:] or antecedents), number, region.start - 1
    before, start = _nouns_before(sentence, region.start, antecedents)
    if before:
        counted = read_number(sentence.word_at(before[0].start - 1)) if len(before) == 1 else None
        return before, counted or 1, start
    is_answer = region.start == 0 and not sentence.mentions and sentence.word_at(region.end) in LAST
    return (tuple(antecedents) if is_answer else _find_subject_behind(sentence, region)), 1, region.start


def _find_subject_behind(sentence: Sentence, region: Region) -> tuple[Mention, ...]:
    """The noun after a region that opens its clause: "on the left there is a dog", "on the left, a dog sleeps"."""
    opens = region.start - (sentence.word_at(region.start - 1) in LEADING)
    if opens != sentence.clause(region.start)[0]:
        return ()
    _, end = sentence.clause(region.end - 1)
    behind = [m for m in sentence.mentions if m.start >= region.end and not _is_observer(sentence, m)]
    inside = [m for m in behind if m.start < end]
    if inside or not behind:
        return tuple(inside[:1])
    if sentence.word_at(end) != ",":
        return ()
    _, next_end = sentence.clause(end + 1)
    return tuple([m for m in behind if m.start < next_end][:1])


def _nouns_before(sentence: Sentence, place: int, antecedents: Sequence[Mention]) -> tuple[tuple[Mention, ...], int]:
    is_joined = place == 0 or sentence.word_at(place - 1) in ("and", "while", "whereas", "but")
    start = place if is_joined else sentence.clause(place - 1)[0]
    found = tuple(m for m in sentence.mentions if start <= m.start and m.end <= place)
    if found:
        begin = found[0].start
        while begin > start and _opens_noun(sentence.word_at(begin - 1)):
            begin -= 1
        return found, begin
    if PRONOUNS.isdisjoint(sentence.lowers[start:place]):
        return (), place
    earlier = [m for m in sentence.mentions if m.end <= start]
    if earlier and len({m.noun.labels for m in earlier}) == 1:
        return tuple(earlier[:1]), earlier[0].start
    return tuple(antecedents), start


def _is_observer(sentence: Sentence, mention: Mention) -> bool:
    """Whether "one" only sees: "on the left one sees a dog"."""
    return sentence.word_at(mention.start) in OBSERVERS and sentence.word_at(mention.end) in SEES


def _noun_behind(sentence: Sentence, start: int, second: Mention) -> Mention | None:
    """What stands "to the left of the bus", where this opens the clause: "to the left of the bus is a dog"."""
    opens = start - 2 if (sentence.word_at(start - 2), sentence.word_at(start - 1)) == ("to", "the") else start
    if opens != sentence.clause(start)[0] or sentence.word_at(second.end) not in BE | {"there", "one"}:
        return None
    end = sentence.clause(second.end)[1]
    return next((m for m in sentence.mentions if second.end < m.start < end and not _is_observer(sentence, m)), None)


def _read_relation(sentence: Sentence, place: int) -> tuple[str, int, int] | None:
    """Relation, and the words from where to where its name goes."""
    word = sentence.word_at(place)
    if word in ("left", "right"):
        k = place + 1
        while sentence.word_at(k) in ("side", "hand", "hand-side"):
            k += 1
        is_placed = sentence.word_at(place - 1) in BEFORE_SIDE or place == sentence.clause(place)[0]
        return (word, place, k + 1) if sentence.word_at(k) == "of" and is_placed else None
    if word in ("above", "below"):
        return word, place, place + 1
    if word in ("beneath", "underneath"):
        return "beneath", place, place + 1
    if word in COMPARISONS:
        for k in range(place + 1, min(place + 1 + REACH, len(sentence.words))):
            if sentence.word_at(k) == "than":
                return COMPARISONS[word], place, k + 1
    return None


def _is_definite(sentence: Sentence, firsts: Sequence[Mention], second: Mention) -> bool:
    """Whether "the bus is larger than the car" is said, not "buses are larger than cars"."""
    return all(sentence.word_at(mention.start - 1) == "the" for mention in (*firsts[:1], second))


def _opens_noun(word: str) -> bool:
    return word in ("the", "a", "an") or read_number(word) is not None
