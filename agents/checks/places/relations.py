"""Claimed relations: "a car to the right of the bus", "the bus has a car to its left"."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from agents.checks.places.placements import CONTAINING, is_observer, is_pronoun, nouns_before
from agents.checks.places.regions import BE, BORDERS, LAST, LEADERS, LEADERS_AT_MOST
from agents.checks.places.surroundings import find_amid
from agents.english.categories import Mention, Strength, is_animate
from agents.english.sentences import BREAKS, Sentence
from agents.english.words import word_set

GAPS = word_set("distance gap space")
"""What may be larger than a thing and is none."""
BEFORE_SIDE = BE | {"the", "immediate", "immediately", "far", "just", "directly"}
COMPARISONS = {"larger": "larger", "bigger": "larger", "smaller": "smaller"}
RANKS = {"higher": "above", "lower": "below"}
HEIGHT_FILLING = word_set("up down in the image picture frame photo photograph view scene placed positioned located")
SIDE_COMPARED = word_set("farther further closer nearer more")
QUANTITIES = ("degree", "contrast", "signal", "speed", "price", "number", "value")
"""What else may be higher or lower, besides what the modality measures."""
FRAGMENT = word_set("it is are they it's they're to the on just directly immediately slightly far they’re it’s a bit")
OWN = word_set("its their")
RELATING = word_set("left right above below beneath underneath under over closer nearer on").union(COMPARISONS, RANKS)
"""Without one of these no relation is named."""
REACH = 5


class RelationClaim(NamedTuple):
    """One of `firsts` is said to be left, right, above, below, larger or smaller than one of `seconds`.

    Attributes:
        is_all: most of the pairs are meant, as in "the dogs are below the cats".
    """

    firsts: tuple[Mention, ...]
    relation: str
    second: Mention
    start: int
    end: int
    is_all: bool = False


class _Named(NamedTuple):
    """A relation, and the words from where to where its name goes."""

    relation: str
    start: int
    end: int


def find_relations(
    sentence: Sentence, antecedents: Sequence[Mention] = (), *, is_answer: bool = False
) -> Iterator[RelationClaim]:
    """Find claims that relate two things in the image.

    Args:
        sentence: where to look.
        antecedents: what "it" and "they" may stand for.
        is_answer: "to the left of the bus" may be all that is said of them.
    """
    yield from _find_order(sentence)
    for amid in find_amid(sentence):
        yield RelationClaim((amid.around,), amid.relation, amid.inner, amid.start, amid.end)
    yield from _find_same_side(sentence)
    yield from _find_looked(sentence)
    yield from _find_theirs(sentence, antecedents)
    yield from _find_compared(sentence)
    for place, word in enumerate(sentence.lowers):
        if word not in RELATING:
            continue
        own = _read_own_side(sentence, place, antecedents)
        named = None if own is not None else _read_relation(sentence, place)
        if (own is None and named is None) or sentence.is_negated(place) or _denies_all(sentence):
            continue
        if own is not None:
            yield own
            continue
        claim = None if named is None else _relate(sentence, named, antecedents, is_answer=is_answer)
        if claim is not None:
            yield claim


def _denies_all(sentence: Sentence) -> bool:
    """Whether "none of the dogs is", "not one of the dogs is" is said."""
    return sentence.word_at(0) in ("none", "neither") or sentence.lowers[:2] == ("not", "one")


def _relate(
    sentence: Sentence, named: _Named, antecedents: Sequence[Mention], *, is_answer: bool
) -> RelationClaim | None:
    relation, start, end = named
    behind_it = (m for m in sentence.mentions if end <= m.start < end + REACH)
    second = next((m for m in behind_it if sentence.lowers[m.start : m.start + 2] != ("one", "of")), None)
    if second is None or sentence.names_picture(end) is not None:
        return None
    if any(sentence.word_at(k) in BREAKS for k in range(end, second.start)):
        return None
    behind = _noun_behind(sentence, start, second)
    if behind is not None:
        is_all = relation not in COMPARISONS.values() and is_every(sentence, behind)
        return RelationClaim((behind,), relation, second, start, behind.end, is_all)
    firsts, first_start = nouns_before(sentence, start, antecedents)
    firsts, first_start = (firsts, first_start) if firsts else _read_inserted(sentence, start)
    if not firsts and is_answer and FRAGMENT.issuperset(sentence.lowers[:start]):
        firsts, first_start = tuple(antecedents), 0
    is_size = relation in COMPARISONS.values()
    if firsts and (not is_size or _is_definite(sentence, firsts, second)):
        is_all = not is_size and (is_every(sentence, second) or (len(firsts) == 1 and is_every(sentence, firsts[0])))
        return RelationClaim(firsts, relation, second, first_start, second.end, is_all)
    return None


def is_every(sentence: Sentence, mention: Mention) -> bool:
    """Whether "the dogs", "all of the dogs" is said."""
    return mention.noun.is_plural and sentence.word_at(mention.start - 1) in ("the", "all", "both")


def _read_inserted(sentence: Sentence, start: int) -> tuple[tuple[Mention, ...], int]:
    """The dog in "the dog, to the left of the bus, is"."""
    comma = sentence.clause(start)[0] - 1
    thing = next((m for m in sentence.mentions if m.end == comma), None)
    is_inserted = thing is not None and sentence.word_at(comma) == "," and not is_pronoun(sentence, thing)
    return ((thing,), thing.start) if thing is not None and is_inserted else ((), start)


def _noun_behind(sentence: Sentence, start: int, second: Mention) -> Mention | None:
    """What stands "to the left of the bus", where this opens the clause: "to the left of the bus is a dog"."""
    opens = start - 2 if (sentence.word_at(start - 2), sentence.word_at(start - 1)) == ("to", "the") else start
    first, end = sentence.clause(start)
    if opens - first > LEADERS_AT_MOST or not LEADERS.issuperset(sentence.lowers[first:opens]):
        return None
    after = sentence.word_at(second.end)
    if after == ",":
        first, end = sentence.clause(second.end + 1)
        if sentence.word_at(first)[:3] not in ("a", "an", "the", "you", "we", "one", "two", "ano", "sev"):
            return None
    elif after not in BE | {"there", "one", "you", "we", "comes", "come", "follows"}:
        return None
    return next((m for m in sentence.mentions if second.end < m.start < end and not is_observer(sentence, m)), None)


def _read_own_side(sentence: Sentence, place: int, antecedents: Sequence[Mention]) -> RelationClaim | None:
    """ "The bus has a car to its left": the car is left of the bus."""
    side = sentence.word_at(place)
    is_own = sentence.word_at(place - 1) in OWN and sentence.word_at(place - 2) in ("to", "on")
    if side not in ("left", "right") or not is_own:
        return None
    first, _ = sentence.clause(place)
    own = [m for m in sentence.mentions if first <= m.start and m.end < place and not is_pronoun(sentence, m)]
    named = [m for m in sentence.mentions if m.noun.strength is not Strength.LOOSE]
    told = _read_told(sentence, place, own, *named) if len(named) == 2 else None
    if told is not None:
        return told
    earlier = [m for m in sentence.mentions if m.end < first] or list(antecedents)
    if len(own) == 1 and earlier and BEFORE_SIDE.issuperset(sentence.lowers[own[0].end : place - 2]):
        is_told = not earlier[-1].noun.is_plural and not is_animate(earlier[-1].noun.labels[0])
        claim = RelationClaim((own[0],), side, earlier[-1], own[0].start, place + 1, is_every(sentence, own[0]))
        return claim if is_told and earlier[-1].noun.labels != own[0].noun.labels else None
    if len(own) != 2 or is_animate(own[0].noun.labels[0]):
        return None  # a person's left may be the viewer's right
    between = sentence.lowers[own[0].end : own[1].start]
    if CONTAINING.isdisjoint(between):
        return None
    return RelationClaim((own[1],), side, own[0], own[0].start, place + 1)


def _read_told(
    sentence: Sentence, place: int, own: Sequence[Mention], first: Mention, second: Mention
) -> RelationClaim | None:
    """ "The bus is larger than the dogs and sits to their left", "with a bus to their left, the dogs"."""
    if first.noun.labels == second.noun.labels:
        return None
    is_theirs = sentence.word_at(place - 1) == "their"
    start = sentence.clause(place)[0]
    if own == [first] and sentence.lowers[start] == "with" and first.end == place - 2:
        is_meant = sentence.word_at(place + 1) == "," and second.noun.is_plural is is_theirs
        return RelationClaim((first,), sentence.word_at(place), second, start, place + 1) if is_meant else None
    is_plain = not own and BEFORE_SIDE.union({"which", "that"}).issuperset(sentence.lowers[start : place - 2])
    is_told = is_theirs and second.noun.is_plural and not first.noun.is_plural and second.end < start
    if is_plain and is_told and start < place - 2:
        return RelationClaim((first,), sentence.word_at(place), second, start, place + 1)
    return None


def _find_compared(sentence: Sentence) -> Iterator[RelationClaim]:
    """ "Compared with the bus, the dogs are farther to the right"."""
    if sentence.word_at(0) not in ("compared", "relative") or len(sentence.mentions) != 2:
        return
    second, first = sentence.mentions
    for place in range(first.end, len(sentence.lowers)):
        side = sentence.word_at(place)
        is_compared = not SIDE_COMPARED.isdisjoint(sentence.lowers[first.end : place])
        if side in ("left", "right") and is_compared and sentence.word_at(place + 1) in LAST:
            yield RelationClaim((first,), side, second, 0, place + 1, is_every(sentence, first))


def _find_looked(sentence: Sentence) -> Iterator[RelationClaim]:
    """ "From the dogs, one has to look to the left to find the bus", "dogs appear with a bus to the left of them"."""
    if len(sentence.mentions) < 2:
        return
    first, second = (m for m in sentence.mentions[:1] + sentence.mentions[-1:])
    for place, word in enumerate(sentence.lowers):
        is_side = word in ("left", "right") and (
            sentence.lowers[place - 2 : place] == ("to", "the") or sentence.word_at(place - 1) in SEEKING
        )
        if not is_side or sentence.is_negated(place):
            continue
        is_looked = sentence.word_at(0) == "from" and first.end < place < second.start
        if is_looked and not SEEKING.isdisjoint(sentence.lowers[first.end : place]):
            yield RelationClaim((second,), word, first, 0, second.end)
        own = [m for m in sentence.mentions if m.end == place - 2]
        is_of_them = sentence.word_at(place + 1) == "of" and sentence.word_at(place + 2) in ("them", "it")
        if own and is_of_them and own[0] is not first and "with" in sentence.lowers[first.end : own[0].start]:
            yield RelationClaim((own[0],), word, first, own[0].start, place + 3)


def _find_theirs(sentence: Sentence, antecedents: Sequence[Mention]) -> Iterator[RelationClaim]:
    """ "To the left of them a bus can be seen", "the bus is further to the left than they are"."""
    for place, word in enumerate(sentence.lowers):
        if word not in ("left", "right") or sentence.is_negated(place):
            continue
        start = sentence.clause(place)[0]
        earlier = [m for m in sentence.mentions if m.end <= start and not is_pronoun(sentence, m)] or list(antecedents)
        meant = [m for m in earlier if m.noun.is_plural]
        if len({m.noun.labels for m in meant}) != 1:
            continue
        own = [m for m in sentence.mentions if m.start >= start and not is_pronoun(sentence, m)]
        own = [m for m in own if m.noun.strength is not Strength.LOOSE and m.noun.labels != meant[0].noun.labels]
        is_of_them = sentence.lowers[place + 1 : place + 3] == ("of", "them") and place - start <= 3
        own_end = own[0].end if own else 0
        is_of_them = is_of_them or (
            sentence.lowers[place + 1 : place + 3] == ("of", "them")
            and own_end < place
            and BEFORE_SIDE.union(("to", "located", "placed")).issuperset(sentence.lowers[own_end:place])
            and sentence.word_at(place + 3) in LAST
        )
        is_than = sentence.lowers[place + 1 : place + 3] == ("than", "they")
        if len(own) == 1 and (is_of_them or (is_than and own[0].end <= place)):
            yield RelationClaim((own[0],), word, meant[0], start, max(own[0].end, place + 3))


SEEKING = word_set("look looks looking turn turns go goes move moves moving glance travel travels shift shifts")


def _find_same_side(sentence: Sentence) -> Iterator[RelationClaim]:
    """ "The bus is on the same side as the dog", "the bus and the dog are on opposite sides"."""
    for place, word in enumerate(sentence.lowers):
        if word not in ("same", "opposite") or sentence.word_at(place + 1) not in ("side", "sides", "half", "halves"):
            continue
        is_denied = sentence.is_negated(place) or _denies_all(sentence)
        if is_denied or sentence.word_at(place - 1) not in ("on", "the", "at", "in"):
            continue
        before = [m for m in sentence.mentions if m.end <= place and not is_pronoun(sentence, m)]
        link = sentence.word_at(place + 2)
        behind = [m for m in sentence.mentions if place + 2 < m.start <= place + 5]
        things = [*before[-1:], *behind[:1]] if link in ("as", "from", "to") else before
        is_picture = (
            link in LAST or (link == "of" and sentence.names_picture(place + 3)) or link in ("as", "from", "to")
        )
        picture = sentence.names_picture(place + 3) if link == "of" else None
        if picture is not None and sentence.word_at(picture) == "as":  # "the same side of the picture as the bus"
            things = [*before[-1:], *(m for m in sentence.mentions if picture < m.start <= picture + 3)][:2]
        if len(things) == 2 and things[0].noun.labels != things[1].noun.labels and is_picture:
            first, second = things
            end = max(place + 2, second.end)
            yield RelationClaim((first,), f"{word} side", second, first.start, end)


def _find_order(sentence: Sentence) -> Iterator[RelationClaim]:
    """ "From left to right: a dog, a car and a bus"."""
    place = next((k for k, word in enumerate(sentence.lowers) if word == "from"), None)
    if place is None or place > (3 if sentence.word_at(0) in ("as", "if", "when") else 2):
        return
    one = sentence.word_at(place + 2)
    if sentence.word_at(0) in STARTING and sentence.word_at(place + 1) == "the" and one in ("left", "right"):
        yield from _relate_listed(sentence, place + 2, one)
        return
    one, to, other = sentence.lowers[place + 1 : place + 4] if len(sentence.lowers) > place + 4 else ("", "", "")
    relation = {("left", "right"): "left", ("right", "left"): "right", ("top", "bottom"): "above"}.get((one, other))
    if relation is None or to != "to":
        return
    yield from _relate_listed(sentence, place, relation)


STARTING = word_set("starting beginning counting reading going looking moving")


def _relate_listed(sentence: Sentence, place: int, relation: str) -> Iterator[RelationClaim]:
    listed = [m for m in sentence.mentions if m.start > place and not is_observer(sentence, m)]
    for first, second in pairwise(listed):
        if first.noun.labels != second.noun.labels:
            yield RelationClaim((first,), relation, second, first.start, second.end)


def _read_relation(sentence: Sentence, place: int) -> _Named | None:
    word = sentence.word_at(place)
    if word in ("left", "right"):
        return _read_side(sentence, place)
    is_all = sentence.lowers[place + 1 : place + 3] == ("all", "of")
    is_idiom = word == "above" and sentence.word_at(place + 1) == "all" and not is_all
    directly = "directly " if sentence.word_at(place - 1) in ("directly", "immediately", "straight") else ""
    if (word in ("above", "below") and not is_idiom) or (word in UPRIGHT and is_all):
        return _Named(directly + UPRIGHT.get(word, word), place, place + 1)
    if word in ("closer", "nearer"):
        return _read_nearer(sentence, place)
    if word in ("beneath", "underneath"):
        return _Named(f"{directly}beneath", place, place + 1)
    if word in COMPARISONS and GAPS.isdisjoint(sentence.lowers[:place]):
        for k in range(place + 1, min(place + 1 + REACH, len(sentence.words))):
            if sentence.word_at(k) == "than":
                return _Named(COMPARISONS[word], place, k + 1)
    return _read_rank(sentence, place) or _read_upright(sentence, place, word)


def _read_upright(sentence: Sentence, place: int, word: str) -> _Named | None:
    """ "Directly over" at the head of a clause, "on top of"."""
    before = sentence.word_at(place - 1)
    is_opening = before in UPRIGHTLY and place - sentence.clause(place)[0] <= 1
    is_said = before in UPRIGHTLY - {"", ","} and sentence.word_at(place - 2) in BE
    if word in UPRIGHT and (is_opening or is_said or before in STANDING):
        directly = "directly " if before in ("directly", "straight") else ""
        return _Named(directly + BEHIND_UPRIGHT[word], place, place + 1)
    is_on = word == "on" and sentence.lowers[place + 1 : place + 3] == ("top", "of")
    if is_on and place == 0 and any(sentence.word_at(m.end) == "," for m in sentence.mentions[:2] if m.start < 6):
        return None  # "on top of the dogs, there is a bus to mention"
    return _Named("on top", place, place + 3) if is_on else None


UPRIGHT = {"under": "below", "over": "above"}
STANDING = word_set("is are located positioned placed situated")
UPRIGHTLY = frozenset(["", ",", "directly", "just", "right", "straight"])
BEHIND_UPRIGHT = {"under": "beneath", "over": "above"}


def _read_nearer(sentence: Sentence, place: int) -> _Named | None:
    """ "Nearer to the left edge than the bus"."""
    words = sentence.lowers[place + 1 : place + 6]
    is_border = words[:2] == ("to", "the") and words[3:] != () and words[3] in BORDERS | {"side"}
    is_compared = is_border and words[2] in ("left", "right") and words[4:] == ("than",)
    return _Named(words[2], place, place + 6) if is_compared and sentence.word_at(place + 6) != "to" else None


def _read_side(sentence: Sentence, place: int) -> _Named | None:
    side, k = sentence.word_at(place), place + 1
    while sentence.word_at(k) in ("side", "hand", "hand-side"):
        k += 1
    if sentence.word_at(k) == "than" and not SIDE_COMPARED.isdisjoint(sentence.lowers[max(0, place - 3) : place]):
        return _Named(side, place, k + 1)
    is_placed = sentence.word_at(place - 1) in BEFORE_SIDE or place == sentence.clause(place)[0]
    return _Named(side, place, k + 1) if sentence.word_at(k) == "of" and is_placed else None


def _read_rank(sentence: Sentence, place: int) -> _Named | None:
    """ "Higher up than", "lower in the image than"."""
    word = sentence.word_at(place)
    if word not in RANKS or sentence.word_at(place - 1) not in BE | {"bit", "slightly", "much", "far", "little"}:
        return None
    end = next((k for k in range(place + 1, place + 6) if sentence.word_at(k) not in HEIGHT_FILLING), None)
    if end is None or sentence.word_at(end) != "than":
        return None
    is_other = any(own.startswith((*QUANTITIES, *sentence.modality.measured)) for own in sentence.lowers)
    return None if is_other else _Named(RANKS[word], place, end + 1)


def _is_definite(sentence: Sentence, firsts: Sequence[Mention], second: Mention) -> bool:
    """Whether "the bus is larger than the car" is said, not "buses are larger than cars"."""
    return all(sentence.word_at(mention.start - 1) == "the" for mention in (*firsts[:1], second))
