"""Whether a number speaks of all that is in the image or in a part of it: "there are two dogs".

What stands before the number must present what is there, and what stands behind the noun may only say where it is or
how it is arranged. "Two dogs on a sofa" and "two dogs that bark" leave others open.
"""

from typing import NamedTuple

from agents.checks.claims.tails import OWNING, PLACED, RELATIVES, SEEING, ends_here, is_list, is_of_picture, read_tail
from agents.checks.claims.viewed import is_viewed
from agents.checks.claims.wholes import is_free, is_summed, makes_whole, opens_whole, presents
from agents.checks.places.regions import BREAKING, NAMED, Region, read_leading_region, read_region
from agents.english.categories import Mention, Strength
from agents.english.numbers import GATHERED, SETS, Amount, read_number, skip_back
from agents.english.sentences import PICTURE_WORDS, Sentence
from agents.english.words import PREPOSITIONS, word_set

LIST_MARKS = ("and", ",", ":", "–", "—", "-", "(")
EXISTENCE = word_set("is are was were be")
OPENERS = word_set("only exactly just also precisely clearly of total a another altogether overall together")
AFTER_ALL = word_set("visible present altogether overall here total")
SEEN = word_set(
    """
    recognisable recognizable distinguishable identifiable discernible visible present seen shown there here counted
    detected spotted found noticed
    """
)
BROUGHT = word_set("accompanied joined flanked faced shared")
NO_PLACES = word_set("opposite besides among amongst across like except of for as per from by at")
ADDING = (("in", "addition"), ("along", "with"), ("in", "total"), ("in", "all"), ("in", "the"), ("in", "this"))
"""What opens a sentence and leaves none out."""
LEADING = {
    "as": frozenset(["well"]),
    "with": PICTURE_WORDS | {"", ",", "along", "together"},
    "by": BROUGHT,
    "of": PICTURE_WORDS | EXISTENCE,
}
"""Before a number, with what must stand before it: "as well as two dogs", "accompanied by two dogs"."""
SEEMING = tuple(("there", verb, "to") for verb in ("happen", "happens", "appear", "seem", "appears", "seems"))
CLUSTERS = word_set("group row line cluster trio pair set circle team bunch crowd pile stack column series string")


class Scope(NamedTuple):
    """What a number counts.

    Attributes:
        is_total: all there are in the image, or in `region`.
        is_loose: nothing says "there are", so that one which hardly shows may be passed over.
    """

    is_total: bool
    is_loose: bool = False
    region: Region | None = None


def read_scope(sentence: Sentence, amount: Amount, mention: Mention, *, is_listed: bool, is_it_picture: bool) -> Scope:
    """What the number before a noun counts.

    Args:
        sentence: where they stand.
        amount: the number.
        mention: the noun.
        is_listed: it goes on a list of which the last number counted all.
        is_it_picture: "in it" means in the image.
    """
    is_denied = not amount.is_part and sentence.is_negated(amount.start, 3) and amount.low == amount.high != 0
    if amount.is_part or is_denied:
        return Scope(False) if is_denied else _read_known(sentence, amount, mention)
    is_in_it = is_it_picture and sentence.lowers[mention.end : mention.end + 2] == ("in", "it")
    if amount.is_all:
        return _read_all(sentence, mention)
    closes = is_in_it or _closes_total(sentence, mention.end) or _is_alone(sentence, mention)
    start = skip_back(sentence.lowers, amount.start)
    leading = read_leading_region(sentence, start)
    if (is_listed or _opens_total(sentence, amount, mention)) and closes:
        return Scope(True, is_loose=leading is not None, region=leading)
    return _read_loose(sentence, mention, start, leading, is_listed=is_listed)


def _read_loose(sentence: Sentence, mention: Mention, start: int, leading: Region | None, *, is_listed: bool) -> Scope:
    """What a number from `start` on counts that nothing but its surroundings gives as that of all."""
    is_sum = is_summed(sentence, start, mention) and not _says_how(sentence, mention.end)
    if is_sum or makes_whole(sentence, mention.end):
        return Scope(True, is_loose=True, region=leading or read_region(sentence, mention.end))
    is_set = start == 0 and sentence.word_at(0) == "a" and sentence.word_at(mention.end) in ("is", "makes", "fills")
    if (opens_whole(sentence, start) or is_set) and is_free(sentence, mention.end):
        return Scope(True, is_loose=True)
    region = _read_joined_region(sentence, start, mention)
    is_aside = sentence.word_at(start - 1) == "with" and sentence.lowers[mention.end : mention.end + 3] in ONE_SIDE
    if is_aside or region is not None or sentence.lowers[mention.end : mention.end + 2] == ("for", "company"):
        return Scope(True, is_loose=True, region=region)
    if sentence.word_at(start - 1) in BREAKING and sentence.word_at(mention.end) in ("are", "can"):
        told = read_tail(sentence, mention, is_subject=True)  # "a bus is on the right, and three dogs are on the left"
        if told is not None and told.region is not None:
            return Scope(True, is_loose=True, region=told.region)
    if not (is_listed or _opens_loosely(sentence, start) or is_viewed(sentence, start, mention)):
        return Scope(False)
    is_joined = sentence.word_at(start - 1) in BREAKING | {",", "that"}
    is_subject = start == 0 or (is_joined and not (is_listed or _is_listing(sentence, start - 1)))
    tail = read_tail(sentence, mention, is_subject=is_subject)
    return Scope(False) if tail is None else Scope(True, is_loose=True, region=tail.region or leading)


ONE_SIDE = (("on", "one", "side"), ("to", "one", "side"))


def _read_joined_region(sentence: Sentence, start: int, mention: Mention) -> Region | None:
    """Where things are of which "with three dogs gathered on the left" is said at the head of a clause."""
    is_joined = sentence.word_at(start - 1) == "with" and start - 1 == sentence.clause(start - 1)[0]
    return read_region(sentence, mention.end + (sentence.word_at(mention.end) in PLACED)) if is_joined else None


KNOWN = word_set("the these its")
"""Before a number: the things are known, and were counted."""


def _says_how(sentence: Sentence, place: int) -> bool:
    """Whether "are hidden" stands at `place`, which the others may not be; "are grouped" only says where."""
    if sentence.word_at(place) not in EXISTENCE:
        return False
    behind = sentence.word_at(place + 1)
    return behind.endswith(("ed", "ly", "ing", "en")) and behind not in PLACED


def _read_known(sentence: Sentence, amount: Amount, mention: Mention) -> Scope:
    """ "The three dogs are": they are all, or all in the place that follows."""
    is_set = sentence.word_at(amount.start) == "the" and mention.start == amount.start + 3  # "the trio of dogs"
    is_known = sentence.word_at(amount.start - 1) in KNOWN and mention.start == amount.start + 1
    if not (is_set or is_known) or (amount.high or 0) < 2:
        return Scope(False)
    region = read_region(sentence, mention.end)
    is_shown = sentence.word_at(mention.end) in ("that", "which") and is_of_picture(sentence, mention.end + 1)
    is_known = region is not None or is_shown or is_free(sentence, mention.end)
    return Scope(is_known, is_loose=True, region=region)


def _read_all(sentence: Sentence, mention: Mention) -> Scope:
    """ "All three dogs sleep": what follows says something of all of them, unless it narrows them down."""
    after = sentence.word_at(mention.end)
    region = read_region(sentence, mention.end)
    if region is not None:
        return Scope(True, is_loose=True, region=region)
    is_narrowed = not is_free(sentence, mention.end) or after in (
        "that",
        "who",
        "which",
        "whose",
        "and",
        "or",
        "to",
        "'s",
        "'",
    )
    is_narrowed = is_narrowed or after.endswith("ing") or (after.endswith("ed") and after not in PLACED)
    return Scope(not is_narrowed, is_loose=True)


def _opens_loosely(sentence: Sentence, start: int) -> bool:
    """Whether a number from `start` on presents what is there."""
    place = start - 1
    while sentence.word_at(place) in OPENERS:
        place -= 1
    before, earlier = sentence.word_at(place), sentence.word_at(place - 1)
    is_owned = before not in PICTURE_WORDS and before.removesuffix("'s").removesuffix("’s") in PICTURE_WORDS
    is_stretched = before in STRETCHING and sentence.word_at(sentence.clause(start)[0]) in ("from", "before", "across")
    is_there = before in ("stand", "sit", "lie") and read_leading_region(sentence, place) is not None
    if is_owned or is_stretched or is_there:  # "the image's three dogs", "from top to bottom goes a line of dogs"
        return True
    is_presented = presents(sentence, start) or (before == "but" and amount_is_none(sentence, start))
    is_presented = is_presented or (before in PICTURE_WORDS and sentence.word_at(place + 1) == "of")
    is_presented = is_presented or (before == "that" and earlier in REPORTING)
    if is_presented or place < 0 or before in (":", "–", "—", ";"):
        return True
    if before == "," or before in BREAKING:
        is_led = read_leading_region(sentence, start) is not None or _is_aside(sentence, place)
        return is_led or _is_listing(sentence, place)
    if before in EXISTENCE:
        is_there = earlier in ("there", "here") or earlier in PICTURE_WORDS
        is_there = is_there or sentence.lowers[max(0, place - 3) : place] in SEEMING
        is_there = is_there or _is_what(sentence, place)
        return (is_there and not _is_narrowed_ahead(sentence, place)) or _leads(sentence, place)
    if before in OWNING or before in LEADING:
        is_held = earlier in ("we", "you") or earlier in GATHERED or _is_picture(sentence, place)
        return is_held if before in OWNING else earlier in LEADING[before]
    is_camera = before in ("up", "captured", "recorded", "detected") or (before == "with" and earlier == "comes")
    return before in SEEING or is_camera or before == "plus"


STRETCHING = word_set("goes runs stretches lies stands sits extends")


def _is_aside(sentence: Sentence, comma: int) -> bool:
    """Whether "here," or "at first glance," opens the sentence, which names neither a thing nor a place."""
    words = sentence.lowers[:comma]
    is_short = sentence.word_at(comma) == "," and len(words) <= ASIDE_AT_MOST and "," not in words
    if words in ACROSS:
        return True
    is_joined = any(words[: len(opening)] == opening for opening in BESIDES)
    is_plain = is_short and NAMED.isdisjoint(words) and ELSEWHERE.isdisjoint(words)
    named = (m for m in sentence.mentions if m.noun.strength is not Strength.LOOSE)
    return is_plain and (is_joined or not any(mention.start < comma for mention in named))


ACROSS = (
    ("from", "top", "to", "bottom"),
    ("from", "bottom", "to", "top"),
    ("from", "left", "to", "right"),
    ("from", "right", "to", "left"),
    ("against", "the", "background"),
    ("against", "a", "cooler", "background"),
)
BESIDES = (
    ("alongside",),
    ("along", "with"),
    ("together", "with"),
    ("across", "from"),
    ("apart", "from"),
    ("aside", "from"),
    ("besides",),
    ("in", "addition", "to"),
    ("opposite",),
)
"""What opens an aside that names another thing."""
REPORTING = word_set(
    """
    appears appear seems seem means shows show suggests suggest reveals reveal indicates indicate see sees fact clear
    evident obvious visible note notice tell tells know say is was confirms confirm so
    """
)
"""Before "that": what follows is stated."""
ASIDE_AT_MOST = 6
ELSEWHERE = word_set(
    """
    below above beneath behind beside near nearby between it them him her background foreground there inside outside
    under over around
    """
)


def amount_is_none(sentence: Sentence, start: int) -> bool:
    """Whether "five dogs but no cat" is said."""
    return sentence.word_at(start) == "no" and bool(sentence.mentions) and sentence.mentions[0].end < start


def _is_what(sentence: Sentence, place: int) -> bool:
    """Whether "what draws the eye is", "the warm shapes turn out to be" stands up to `place`."""
    before = sentence.lowers[:place]
    if any(mention.start < place for mention in sentence.mentions) or not (PREPOSITIONS - {"out"}).isdisjoint(
        before[:-3]
    ):
        return False
    return before[:1] == ("what",) or before[-3:] == ("turn", "out", "to")


def _is_picture(sentence: Sentence, place: int) -> bool:
    """Whether it is the image, or a side of it, that "has" something at `place`."""
    first, word = sentence.clause(place)[0], sentence.word_at(place - 1)
    if word in PICTURE_WORDS or word in sentence.modality.pictures or word in ("it", "also"):
        return True
    return any(sentence.names_picture(k) is not None for k in range(first, place)) or word in (
        "side",
        "half",
        "left",
        "right",
    )


def _leads(sentence: Sentence, place: int) -> bool:
    """Whether "on the left are", "among the objects are" stands up to `place`."""
    first = sentence.clause(place)[0]
    if sentence.word_at(first) not in PREPOSITIONS or not RELATIVES.isdisjoint(sentence.lowers[first:place]):
        return False
    return not _is_narrowed_ahead(sentence, place)


def _is_narrowed_ahead(sentence: Sentence, place: int) -> bool:
    """Whether "on the sofa" or "next to the bus" opens what stands before `place`: others may be elsewhere."""
    first = sentence.clause(place)[0]
    if first > 1 and sentence.word_at(first - 1) in (",", "and"):
        first = sentence.clause(first - 2)[0]
    while sentence.word_at(first) in ("and", "also", "then", "just", "right", "directly"):
        first += 1
    word = sentence.word_at(first)
    if word not in PREPOSITIONS - {"with"} or word in NO_PLACES or sentence.lowers[first : first + 2] in ADDING:
        return False
    things = [m for m in sentence.mentions if first < m.start and m.end <= place]
    end = sentence.names_picture(first + 1)
    return end is None and read_leading_region(sentence, place) is None and (bool(things) or word in ("on", "under"))


def _is_listing(sentence: Sentence, place: int) -> bool:
    """Whether the comma or "and" before a number joins it to a thing that is presented itself."""
    before = [m for m in sentence.mentions if m.end <= place]
    told = read_region(sentence, before[-1].end) if before else None
    end = place if told is not None and told.end == place else None  # "a bus on the left and two dogs"
    if not before or (end or before[-1].end) != place - (
        sentence.word_at(place) == "and" and sentence.word_at(place - 1) == ","
    ):
        return False
    thing = before[-1]
    start = thing.start
    while start > 0 and sentence.word_at(start - 1) in ("a", "an", "the", "one", "another", "single"):
        start -= 1
    return start < thing.start and _opens_loosely(sentence, start)


def read_stated_number(sentence: Sentence, place: int) -> tuple[int, int] | None:
    """The number in "the dogs form a row of three", "come in a pair", "dogs, three in all", and where it ends."""
    words = sentence.lowers
    added = _read_added(sentence, place)
    if added is not None:
        return added
    if words[place : place + 1] == (",",) and words[place + 2 : place + 4] in (("in", "all"), ("in", "total")):
        number = read_number(sentence.word_at(place + 1))
        return None if number is None else (number, place + 4)
    if words[place : place + 1] == ("in",):
        place = sentence.names_picture(place + 1) or place
    for k in range(place, min(place + 6, len(words))):
        is_stating = all(word in STATING or word in PLACED for word in words[place:k])
        if words[k] in SETS and words[k - 1] in ("a", "the") and is_stating and ends_here(sentence, k + 1):
            return SETS[words[k]], k + 1
        if words[k] in CLUSTERS and words[k + 1 : k + 2] == ("of",):
            number = read_number(sentence.word_at(k + 2))
            return (number, k + 3) if is_stating and number and _closes(sentence, k + 3) else None
    return None


def _closes(sentence: Sentence, place: int) -> bool:
    return ends_here(sentence, place) or sentence.word_at(place) in (",", "and")


def _read_added(sentence: Sentence, place: int) -> tuple[int, int] | None:
    """The number in "the dogs total five", "add up to five", "dogs can be seen, five of them"."""
    for k in range(place, min(place + 8, len(sentence.lowers))):
        number = read_number(sentence.word_at(k))
        if number is None:
            continue
        before, words = sentence.word_at(k - 1), sentence.lowers[place:k]
        behind = sentence.lowers[k + 1 : k + 3]
        if words[-1:] and not (set(words) - NARROWED_BY_NOTHING):
            is_total = before in ("total", "number") or words[-2:] in (("up", "to"), ("come", "to"), ("amount", "to"))
            is_aside = before in (",", "(", "–", "—", "-") and behind in (
                ("of", "them"),
                ("in", "number"),
                ("in", "total"),
                ("in", "all"),
            )
            if (is_total and (ends_here(sentence, k + 1) or behind[:1] == ("in",))) or is_aside:
                return number, k + 1 + 2 * is_aside
        return None
    return None


NARROWED_BY_NOTHING = PICTURE_WORDS | word_set(
    """
    total number add up to come amount in the this image can be seen are visible here there , ( – — - altogether present
    found spotted exactly just all of
    """
)
STATING = word_set(
    "appear appears seem form forms make makes are come in a an the one up together stand sit lie to arranged as"
)


def _opens_total(sentence: Sentence, amount: Amount, mention: Mention) -> bool:
    place = amount.start - 1
    while sentence.word_at(place) in OPENERS:
        place -= 1
    before = sentence.word_at(place)
    earlier = sentence.word_at(place - 1)
    is_there = before in EXISTENCE and (earlier == "there" or earlier in PICTURE_WORDS)
    if is_there or (before == "there" and earlier in EXISTENCE) or before in ("there's", "there’s"):
        return not _is_narrowed_ahead(sentence, place)
    if presents(sentence, amount.start) or (before == "but" and amount_is_none(sentence, amount.start)):
        return True
    if before == "all" or (before == "have" and earlier in ("we", "you")) or (earlier, before) == ("looking", "at"):
        return True
    if before in OWNING and earlier not in GATHERED and not _is_picture(sentence, place):
        return False
    is_picture_of = sentence.word_at(place + 1) == "of" and before in PICTURE_WORDS
    if before in SEEING or before == "only" or is_picture_of:
        return True
    is_plain = place < 0 and (ends_here(sentence, mention.end) or _is_list_seen(sentence, mention.end))
    return is_plain or _is_alone(sentence, mention) or _is_seen(sentence, mention.end)


def _is_alone(sentence: Sentence, mention: Mention) -> bool:
    """Whether "a single person" does something, rather than being the only one in some place."""
    is_single = sentence.word_at(mention.start - 1) in ("single", "lone", "solitary", "sole")
    return is_single and sentence.word_at(mention.end) not in PLACING


PLACING = word_set("in on at by near of from with to that who which under behind inside")


def _is_seen(sentence: Sentence, place: int) -> bool:
    """Whether "are visible", "can be seen" or the like stands at `place` and is not narrowed down."""
    if sentence.word_at(place) not in ("is", "are", "can", "to", "appear", "appears"):
        return False
    if sentence.word_at(place + 1) in ("in", "within"):
        return sentence.word_at(place + 2) in ("view", "sight") or sentence.names_picture(place + 2) is not None
    last = next((k for k in range(place + 1, place + 4) if sentence.word_at(k) in SEEN), None)
    return last is not None and (
        ends_here(sentence, last + 1)
        or (sentence.word_at(last + 1) in AFTER_ALL and ends_here(sentence, last + 2))
        or sentence.word_at(last + 1) in LIST_MARKS
        or (sentence.word_at(last + 1) in ("in", "within") and sentence.names_picture(last + 2) is not None)
    )


def _is_list_seen(sentence: Sentence, start: int) -> bool:
    """Whether further things are listed from `start` on, and then "are visible"."""
    behind = (m.end for m in sentence.mentions if m.start > start and is_list(sentence, start, m.start))
    return any(_is_seen(sentence, end) for end in behind)


def _closes_total(sentence: Sentence, end: int) -> bool:
    """Whether nothing after the noun narrows it down: "two dogs on the sofa" are not all dogs."""
    if ends_here(sentence, end) or sentence.word_at(end) in LIST_MARKS or sentence.word_at(end) in AFTER_ALL:
        return True
    if sentence.word_at(end) in ("in", "within", "across"):
        if sentence.word_at(end + 1) in ("total", "all", "view", "sight"):
            return True
        after = sentence.names_picture(end + 1)
        return after is not None
    return _is_seen(sentence, end)
