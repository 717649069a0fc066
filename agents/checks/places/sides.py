"""Sides that no grammar of places reads: "tucked away on the left, a bus adds interest", "both occupy the left half".

A sentence with one side word claims it of the nearest thing of its clause, or of the order of two things where a word
such as "of", "its" or "past" ties the side to one of them. Facing and going to a side places nothing.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agents.checks.places.placements import DEVICES, PlaceClaim
from agents.checks.places.regions import LAST, Region
from agents.checks.places.relations import RelationClaim
from agents.english.categories import Mention, Strength
from agents.english.sentences import BREAKS, PICTURE_WORDS, Sentence
from agents.english.words import FORMS_OF_BE, THIRD_PERSON, word_set

SIDES = {
    "left": "left", "leftmost": "left", "left-hand": "left", "leftward": "left", "left-aligned": "left",
    "right": "right", "rightmost": "right", "right-hand": "right", "rightward": "right", "right-aligned": "right",
}  # fmt: skip
NO_SIDE_BEHIND = word_set(
    """
    now there here away behind beside next at up down after before above below beneath under where word words answer
    track path lines note idea
    question questions
    answers choice way number numbers place time angle angles size kind thing moment conditions hand arm leg foot feet
    paw ear eye eyes wing wings shoulder knee wheel wheels legs front rear hind through into out over alone open
    unattended without undecided unsaid unused standing to it them him her us me no nothing a an the this that some its
    between
    """
)
"""Behind "left" or "right": no side of an image is meant, or a verb."""
NO_SIDE_BEFORE = word_set(
    "has have had who he she they i we someone somebody nobody all exactly quite that's get got be"
)
NAMING_SIDE = word_set("the far upper lower bottom top its their our extreme outer rightmost to and")
ADVERBIAL = word_set("by in at on where there here next behind inside under above")
"""Behind "right": "right by the bus"."""
BOUNDS = (BREAKS | word_set("with beyond past")) - {"-"}
MOVING = word_set(
    """
    face faces facing look looks looking walk walks walking move moves moving head heads heading headed turn turns
    turned turning point points pointing pointed lean leans leaning tilt tilts tilted tilting ride rides riding fly
    flies flying drive drives driving run runs running go goes going gaze gazes gazing step steps swing swings
    """
)
"""What goes or faces to a side need not be there."""
ORDERED = word_set("first last second third then next finally before after")
"""What is counted from a side is not there: "measured from the left, the bus comes last"."""
APART = word_set("far away off distant")
MEASURED = word_set("measured counted viewed counting measuring")
UNNAMED = word_set("group things thing one ones object objects shape shapes part rest pair trio others other")
"""What is at a side may be one of these, and no thing that is named behind it."""
FLANKING = word_set("flanks flank borders border adjoins adjoin")
DENIED = word_set(
    "vain none neither no nor not nowhere never nothing cannot without hardly barely scarcely lack lacks lacking"
)
LOOKED = word_set("look turn glance follow go move")
"""How a reader is sent to a side: "turn to the left and"."""
SAME = (
    ("and", "so", "is"),
    ("and", "so", "are"),
    ("as", "does"),
    ("as", "do"),
    ("just", "like"),
    ("as", "is"),
    ("as", "are"),
)
"""Before a thing of which the same is said: ", as does | the bus"."""
REACH = 5


class Side(NamedTuple):
    """A side word: where it stands, and which side it names."""

    place: int
    name: str


def find_sides(sentence: Sentence) -> Iterator[PlaceClaim | RelationClaim]:
    """Find what the one side word of a sentence claims; nothing where it may mean something else."""
    side = _find_side(sentence)
    things = [m for m in sentence.mentions if m.noun.strength is not Strength.LOOSE and not _is_left_out(sentence, m)]
    if side is None or _is_denied(sentence) or not things:
        return
    anchor = _find_anchor(sentence, side, things)
    if anchor is not None:
        first = _find_other(things, anchor, side.place)
        is_before = anchor.end <= side.place
        if (
            first is None
            and len(things) == 1
            and is_before
            and not PICTURE_WORDS.isdisjoint(sentence.lowers[: things[0].start])
        ):
            region = Region(side.name, "", side.place, side.place + 1)
            yield PlaceClaim((anchor,), region, 1, anchor.start, side.place + 1)
        if first is not None:
            yield RelationClaim(
                (first,), side.name, anchor, min(first.start, side.place), max(anchor.end, side.place + 1)
            )
        return
    if _is_of_other(sentence, side.place) or _is_owned(sentence, side.place) or _is_going(sentence, side.place):
        return
    for thing in _find_placed(sentence, side.place, things):
        region = Region(side.name, "", side.place, side.place + 1)
        yield PlaceClaim((thing,), region, 1, min(thing.start, side.place), max(thing.end, side.place + 1))


def _is_left_out(sentence: Sentence, mention: Mention) -> bool:
    """Whether "away from the dog" is said, which tells nothing of where the dog is."""
    link = mention.start - 1 - (sentence.word_at(mention.start - 1) in ("the", "a", "an"))
    return sentence.lowers[max(0, link - 1) : link + 1] in (("away", "from"), ("apart", "from"))


def _is_denied(sentence: Sentence) -> bool:
    return any(word in DENIED or word.endswith(("n't", "n’t")) for word in sentence.lowers)


def _find_side(sentence: Sentence) -> Side | None:
    """The one word that names a side, None when there is none, another, or it may mean something else."""
    places = [k for k, word in enumerate(sentence.lowers) if word in SIDES]
    if len(places) != 1:
        return None
    (place,) = places
    word, before, after = sentence.lowers[place], sentence.word_at(place - 1), sentence.word_at(place + 1)
    is_opening = after == "there" and sentence.word_at(place + 2) in FORMS_OF_BE
    if word in ("left", "right") and not is_opening and (after in NO_SIDE_BEHIND or before in NO_SIDE_BEFORE):
        return None
    is_verb = word == "left" and before in FORMS_OF_BE and after not in ("of", "", ".", ",")
    is_rest = word == "left" and after in ("", ".", ",") and "only" in sentence.lowers[:place]
    is_verb = is_verb or (is_rest and before not in ("the", "far"))
    is_verdict = word == "right" and before in FORMS_OF_BE and after in ("", ".", ",", "about", "to")
    is_adverb = word == "right" and before not in NAMING_SIDE and after in ADVERBIAL
    is_got = word == "right" and after in LAST and not {"get", "gets", "got", "getting"}.isdisjoint(sentence.lowers)
    is_verb = is_verb or is_verdict or is_adverb or (is_got and before not in NAMING_SIDE)
    near = sentence.lowers[max(0, place - 3) : place + 5]
    is_nearer = not {"nearer", "closer"}.isdisjoint(near) and not {"middle", "centre", "center"}.isdisjoint(
        sentence.lowers[place:]
    )
    is_compared = ("than" in near or near.count("as") > 1) and before != "(" and not is_nearer
    is_other = (
        is_compared
        or "more" in sentence.lowers[place : place + 4]
        or "which" in sentence.lowers[:2]
        or "?" in sentence.lowers
        or _is_counted_from(sentence, place)
    )
    return None if is_verb or is_other else Side(place, SIDES[word])


def _is_counted_from(sentence: Sentence, place: int) -> bool:
    """Whether "counted from the left" is said, or "far from the left edge"."""
    before = sentence.lowers[max(0, place - 4) : place]
    if "first" in sentence.lowers[place:] and "from" in before:
        return False  # "from the left, we first meet the bus"
    is_apart = not {"clear", "short"}.isdisjoint(before) or not MEASURED.isdisjoint(before)
    return is_apart or ("from" in before and not (ORDERED.isdisjoint(sentence.lowers) and APART.isdisjoint(before)))


def _find_anchor(sentence: Sentence, side: Side, things: Sequence[Mention]) -> Mention | None:
    """The thing of which a side is meant: "left of the bus", "the bus's left", "on its left", "moving left past it"."""
    place = side.place
    link = place + 1
    while sentence.word_at(link) in ("side", "hand", "hand-side", "part", "end"):
        link += 1
    if sentence.word_at(link) in ("of", "from", "past", "beyond") and sentence.names_picture(link + 1) is None:
        return next((m for m in things if link < m.start <= link + REACH), None)
    if not DEVICES.isdisjoint(sentence.lowers[: things[0].start]) and sentence.word_at(place - 1) == "its":
        return None
    owner = next((k for k in range(place - 1, max(-1, place - 4), -1) if sentence.word_at(k) in ("its", "their")), None)
    if owner is not None:
        is_plural = sentence.word_at(owner) == "their"
        return next((m for m in things if m.end <= owner and m.noun.is_plural == is_plural), None)
    own_place = next((m for m in things if m.end == place - 2), None)
    if own_place is not None and sentence.word_at(place - 2) == "on":
        return None  # "from the dogs on the left"
    left_behind = next((m for m in things if m.end <= place and _is_left_behind(sentence, m)), None)
    if left_behind is not None:
        return left_behind
    possessor = next((m for m in things if m.end in (place - 1, place) and _is_genitive(sentence, m)), None)
    return possessor or _find_passed(sentence, place, things)


def _is_left_behind(sentence: Sentence, mention: Mention) -> bool:
    """Whether "moving from the bus towards the left" is said, or "a dog flanks the bus on the left"."""
    k = mention.start - 1 - (sentence.word_at(mention.start - 1) in ("the", "a", "an"))
    is_flanked = sentence.word_at(k) in FLANKING
    return is_flanked or (sentence.word_at(k) == "from" and not MOVING.isdisjoint(sentence.lowers))


def _is_genitive(sentence: Sentence, mention: Mention) -> bool:
    return sentence.word_at(mention.end - 1).endswith(("'s", "’s")) or sentence.word_at(mention.end) in (
        "'s",
        "’s",
        "'",
    )


def _find_passed(sentence: Sentence, place: int, things: Sequence[Mention]) -> Mention | None:
    """The bus in "further left, past the bus, there are dogs"."""
    for mention in things:
        for k in range(mention.start - 1, max(-1, mention.start - 3), -1):
            if sentence.word_at(k) in ("past", "beyond") and k > place:
                return mention
    return None


def _find_other(things: Sequence[Mention], anchor: Mention, place: int) -> Mention | None:
    """The thing that is at a side of another: the nearest of another class."""
    others = [m for m in things if m.noun.labels != anchor.noun.labels]
    return min(others, key=lambda m: abs(m.start - place)) if len({m.noun.labels for m in others}) == 1 else None


def _is_of_other(sentence: Sentence, place: int) -> bool:
    """Whether it is the side of a thing of no class: "to the right of a door"."""
    link = next((k for k in range(place + 1, place + 4) if sentence.word_at(k) == "of"), None)
    return link is not None and sentence.names_picture(link + 1) is None


def _is_owned(sentence: Sentence, place: int) -> bool:
    """Whether it is the side of something that is not named: "on its left"."""
    is_of_picture = not (PICTURE_WORDS | DEVICES).isdisjoint(sentence.lowers[:place])
    return not is_of_picture and not {"its", "their", "his", "her"}.isdisjoint(
        sentence.lowers[max(0, place - 3) : place]
    )


def _is_going(sentence: Sentence, place: int) -> bool:
    before = sentence.lowers[max(0, place - 4) : place]
    if sentence.word_at(0) in LOOKED and "and" in sentence.lowers[place:]:
        return False  # "look to the left and you see a bus"
    if sentence.word_at(0) in ("if", "when", "as") or (",", "where") in zip(
        sentence.lowers, sentence.lowers[1:], strict=False
    ):
        return False  # "if you look to the left, you see", "the eye goes to the left, where"
    return not MOVING.isdisjoint(before) and not {"on", "at", "in"}.intersection(before[-3:])


def _find_placed(sentence: Sentence, place: int, things: Sequence[Mention]) -> list[Mention]:
    """The things that are said to be at a side: those of its clause, or of the next where it has none."""
    same = [m for m in things if any(_precedes(sentence, m, words) for words in SAME) and m.start > place]
    start, end = _cut(sentence, place)
    own = [m for m in things if start <= m.start and m.end <= end]
    pair = [m for m in things if m.end <= place]
    if len(pair) == 2 and _are_both(sentence, *pair):
        return pair + same
    if {"latter", "former"}.intersection(sentence.lowers[start:place]):
        before = [m for m in things if m.end <= start]
        return before[-1:] if "latter" in sentence.lowers[start:place] else before[:1]
    if not own and sentence.word_at(0) in LOOKED and sentence.word_at(end) == "and":
        _, last = _cut(sentence, end + 1)
        own = [m for m in things if end < m.start and m.end <= last]
    if not own:
        own = _find_beside(sentence, start, end, things)
    is_identity = not FORMS_OF_BE.isdisjoint(sentence.lowers[place + 1 : place + 3])
    own = [m for m in own if m.end <= place or is_identity or UNNAMED.isdisjoint(sentence.lowers[start:place])]
    nearest = min(own, key=lambda m: abs(m.start - place), default=None)
    return [*([nearest] if nearest is not None and len({m.noun.labels for m in own}) == 1 else []), *same]


def _are_both(sentence: Sentence, one: Mention, other: Mention) -> bool:
    """Whether "both the bus and the dogs" is said."""
    is_joined = "and" in sentence.lowers[one.end : other.start] and other.start - one.end <= 2
    return is_joined and "both" in sentence.lowers[max(0, one.start - 3) : one.start]


def find_same(sentence: Sentence, claims: Sequence[PlaceClaim]) -> Iterator[PlaceClaim]:
    """What is said to be where another thing is: "the bus is on the left, and so are | the dogs"."""
    for claim in claims[:1]:
        for mention in sentence.mentions:
            if mention.start > claim.region.start and any(_precedes(sentence, mention, words) for words in SAME):
                yield PlaceClaim((mention,), claim.region, 1, claim.region.start, mention.end)


def _precedes(sentence: Sentence, mention: Mention, words: tuple[str, ...]) -> bool:
    start = mention.start - (sentence.word_at(mention.start - 1) in ("the", "a", "an"))
    return sentence.lowers[max(0, start - len(words)) : start] == words


def _cut(sentence: Sentence, place: int) -> tuple[int, int]:
    """The clause around a word: from where to where no comma, "and" or "with" stands."""
    start, end = place, place
    while start > 0 and sentence.lowers[start - 1] not in BOUNDS:
        start -= 1
    while end < len(sentence.lowers) and sentence.lowers[end] not in BOUNDS:
        end += 1
    return start, end


def _find_beside(sentence: Sentence, start: int, end: int, things: Sequence[Mention]) -> list[Mention]:
    """The things of the clause behind one that opens the sentence, else those right before its comma."""
    if start == 0 and sentence.word_at(end) == ",":
        _, last = _cut(sentence, end + 1)
        return [m for m in things if end < m.start and m.end <= last]
    is_joined = sentence.word_at(start - 1) == "and" and sentence.word_at(start) in THIRD_PERSON | FORMS_OF_BE
    earlier = [m for m in things if m.end < start]
    if is_joined and len({m.noun.labels for m in earlier}) == 1:
        return earlier[:1]  # "the bus is large and | sits to the left"
    is_verb = sentence.word_at(start) in THIRD_PERSON | FORMS_OF_BE
    if is_verb and len({m.noun.labels for m in earlier}) > 1:
        return []  # "the bus, told from the dogs, | is on the left"
    return [m for m in things if m.end == start - 1]
