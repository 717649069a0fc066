"""Whether a number speaks of all that is in the image or in a part of it: "there are two dogs".

What stands before the number must present what is there, and what stands behind the noun may only say where it is or
how it is arranged. "Two dogs on a sofa" and "two dogs that bark" leave others open.
"""

from typing import NamedTuple

from agents.checks.claims.wholes import is_free, is_summed, makes_whole, opens_whole, presents
from agents.checks.places.regions import BREAKING, FILLING, NAMED, TAKING, Region, read_leading_region, read_region
from agents.english.categories import Mention, Strength, is_animate
from agents.english.numbers import GATHERED, SETS, Amount, read_number, skip_back
from agents.english.sentences import PICTURE_WORDS, Sentence
from agents.english.words import FORMS_OF_BE, PLAIN_VERBS, PREPOSITIONS, THIRD_PERSON, word_set

LIST_MARKS = ("and", ",", ":", "–", "—", "-", "(")
EXISTENCE = word_set("is are was were be")
SEEING = word_set(
    """
    sees finds notices spots see count spot notice identify recognise recognize detect distinguish find observe shows
    show contains
    contain includes features captures reveals depicts has holds out totals
    displays display presents portrays counts counting comprises counted
    framed tell discern discerns discerned spotted captured detected registers registered records recorded shown
    pictured depicted featured feature include exhibits hosts houses caught catches gives yields
    """
)
OPENERS = word_set("only exactly just also precisely clearly of total a another altogether overall together")
AFTER_ALL = word_set("visible present altogether overall here total")
SEEN = word_set(
    """
    recognisable recognizable distinguishable identifiable discernible visible present seen shown there here counted
    detected spotted found noticed
    """
)
OWNING = word_set("has have holds contains contain hold includes include")
"""What people and things do with some, and only the image with all."""
BROUGHT = word_set("accompanied joined flanked faced shared")
AUXILIARIES = word_set("is are was were can could be been have has being appear appears seem seems to also all both")
PLACED = word_set(
    """
    located positioned placed situated arranged grouped gathered clustered lined seen found visible present shown
    spotted set assembled scattered spread distributed ranged collected aligned laid put stationed dotted noticed
    brought framed caught recorded depicted pictured photographed captured imaged detected registered filmed included
    displayed
    huddled stacked bunched featured represented portrayed contained exhibited identified recognised recognized
    made lumped packed bundled sprinkled strung parked concentrated centered centred confined shared
    crowded
    """
)
POSTURES = word_set("sit sits sitting stand stands standing lie lies lying rest rests resting run runs hang hangs")
"""How things are placed; of animals and people it tells some from others."""
ARRANGED = (
    "side by side", "next to each other", "next to one another", "close to each other", "close to one another",
    "beside each other", "near each other", "near one another", "together", "close together", "up", "out",
    "in a row", "in a line", "in a group", "in a cluster", "in a circle", "in rows", "in a stack", "in a pile",
    "of similar size", "of the same size", "of different sizes", "of various sizes", "of about the same size",
    "of equal size", "of the same kind", "in total", "in all", "in number", "in view", "in sight", "here", "there",
    "altogether", "overall", "as well", "too", "one above the other", "one below the other", "one behind the other",
    "closely", "neatly", "all", "over", "off", "down", "back", "one after another", "by the camera", "by the sensor",
    "by the imager", "by the lens", "meet the eye", "catch the eye", "make an appearance",
    "come into view",
    "come into sight", "come up", "show up", "turn up", "stand out", "stick out", "can be made out",
    "can be picked out", "be made out",
    "be told apart", "be identified", "be counted", "be distinguished", "be recognised", "be recognized", "on show",
    "on display", "on view", "to be seen",
    "to be found", "to see", "in it", "in evidence", "at once", "at a glance", "at first glance", "from here",
    "at this moment", "to look at", "in one part of the frame", "in one part of the image",
    "in one part of the picture",
    "deserve a mention", "with little effort", "with ease", "without effort", "without difficulty",
    "at first sight", "in front of the camera", "fit into the shot", "fit into the frame", "fit into the picture",
    "take up the frame", "share this space", "share the space", "share the stage",
    "up part of the frame", "up part of the image", "up part of the picture",
    "up part of the view", "dominates the composition", "dominate the composition", "fill the frame",
    "take up the picture", "to compare",
    "in one shot", "in a single shot", "in one frame", "fit into the image", "do", "draws attention",
    "attracts attention", "catches the eye", "draws the eye",
    "hold the viewer's attention", "catch the viewer's eye", "draw the viewer's eye", "draw the eye",
    "from one edge to the other", "from one side to the other", "from end to end", "in one place", "in one spot",
    "no more and no fewer", "gather", "gathers", "keeps to", "keep to",
    "one by one", "in order", "a group", "form a group", "belong to it", "against the background",
    "from the background", "apart",
    "the eye", "attention", "draw attention", "attract attention", "of them", "no more and no less",
    "neither more nor less",
    "one beside the other", "one next to the other", "one on top of the other", "one under the other", "in pairs",
    "in a heap",
    "in a semicircle", "in an arc", "in formation", "in a column", "in a bunch", "for the camera",
    "in the foreground", "in the background", "one above another", "one below another", "one behind another",
    "above one another", "below one another", "vertically", "horizontally", "diagonally", "evenly", "loosely",
    "tightly",
    "densely", "in a vertical column", "in a vertical line", "in a vertical row", "in a horizontal row",
    "in a horizontal line", "in a straight line", "in a loose group", "in a tight group", "in a tight cluster",
    "in a small group", "in a close group", "in close proximity", "near to each other", "close by",
    "at regular intervals",
    "at equal distances", "from top to bottom", "from left to right",
    "from the cooler background",
    "from their surroundings", "against the cooler background", "clearly", "distinctly", "easily", "prominently",
    "of roughly the same size", "of roughly equal size", "of similar sizes", "of similar shape", "of different heights",
    "of similar temperature", "of the same type", "of the same class", "of the same shape", "of this kind", "so far",

)  # fmt: skip
_ARRANGED = sorted((tuple(text.split()) for text in ARRANGED), key=len, reverse=True)
COMPANY = (("apart", "from"), ("aside", "from"), ("besides", "the"), ("in", "addition"))
SHARING = word_set("share keep fill fills occupy occupies populate dominate dominates make makes take takes complete")
LINKS = word_set("and while with plus along alongside together whereas but facing") | frozenset(",;:.!?)–—-(")
"""Words with which the next thing begins."""
NO_VERBS = word_set("in within across throughout of altogether overall here there together too also all both")
RELATIVES = word_set("who that which")
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
    if not (is_listed or _opens_loosely(sentence, start)):
        return Scope(False)
    is_joined = sentence.word_at(start - 1) in BREAKING | {",", "that"}
    is_subject = start == 0 or (is_joined and not (is_listed or _is_listing(sentence, start - 1)))
    tail = _read_tail(sentence, mention, is_subject=is_subject)
    if tail is None:
        return Scope(False)
    return Scope(True, is_loose=True, region=tail.region or leading)


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
    return Scope(region is not None or is_free(sentence, mention.end), is_loose=True, region=region)


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


class _Tail(NamedTuple):
    """What stands behind a noun: `region` is where the things are said to be."""

    region: Region | None


def _read_tail(sentence: Sentence, mention: Mention, *, is_subject: bool) -> _Tail | None:
    """What follows a noun up to the end or the next thing, where it is no more than a place or an arrangement.

    A subject is followed by a verb, which may stand behind further subjects: "two dogs and a cat sleep".
    """
    place, region, has_verb = mention.end, None, not is_subject or VERBS.isdisjoint(sentence.lowers)
    is_lifeless = not is_animate(mention.noun.labels[0])
    while place < len(sentence.words) and not (has_verb and _links(sentence, place, mention)):
        is_relative = not is_subject and sentence.word_at(place) in RELATIVES and sentence.word_at(place + 1) == "are"
        place += 2 * is_relative
        found = read_region(sentence, place)
        end = None if found is not None else _read_piece(sentence, place, is_lifeless=is_lifeless)
        if found is not None and region is None:
            has_verb = has_verb or sentence.word_at(place) in FILLING
            place, region = found.end, found
        elif end is not None:
            has_verb = has_verb or sentence.word_at(place) not in NO_VERBS
            place = end
        elif sentence.word_at(place) == "," and not has_verb and any(m.end == place for m in sentence.mentions):
            place += 1  # "two dogs, along with a cat, make up the scene"
        else:
            joined = None if has_verb else _skip_joined(sentence, place)
            if joined is None:
                break
            place = joined
    is_closed = _ends(sentence, place) or (has_verb and _links(sentence, place, mention))
    return _Tail(region) if is_closed and not _goes_on(sentence, place) else None


VERBS = FORMS_OF_BE | THIRD_PERSON | PLAIN_VERBS
"""Without one of these a sentence is a caption such as "two dogs in a row, with a cat"."""


def _links(sentence: Sentence, place: int, mention: Mention) -> bool:
    """Whether the next thing begins here, or the sentence ends."""
    word = sentence.word_at(place)
    if word == "with" and place == mention.end:
        return False  # "two dogs with collars"
    if (
        sentence.lowers[place : place + 4] == ("in", "the", "company", "of")
        or sentence.lowers[place : place + 2] in COMPANY
    ):
        return True
    return word in LINKS or sentence.lowers[place : place + 3] == ("as", "well", "as")


def _read_piece(sentence: Sentence, place: int, *, is_lifeless: bool) -> int | None:
    """Where a verb of placing, an arrangement or "in the image" ends that begins here."""
    word = sentence.word_at(place)
    if word in TAKING and sentence.word_at(place + 1) == "up":
        return place + 1
    if word in ("in", "within", "across", "throughout"):
        is_modality = sentence.word_at(place + 1) in sentence.modality.qualifiers and _ends(sentence, place + 2)
        picture = place + 2 if is_modality else sentence.names_picture(place + 1)
        if picture is not None:
            return picture
    arranged = next((a for a in _ARRANGED if sentence.lowers[place : place + len(a)] == a), None)
    if arranged is not None:
        return place + len(arranged)
    if word in AUXILIARIES or word in PLACED or (is_lifeless and word in POSTURES):
        return place + 1
    if word in SHARING:
        end = sentence.names_picture(place + 1) or sentence.names_picture(place + 2)
        if end is None and word == "keep":  # "keep a cat company"
            end = next((k + 1 for k in range(place + 2, place + 6) if sentence.word_at(k) == "company"), None)
        return end
    return None


def _skip_joined(sentence: Sentence, place: int) -> int | None:
    """Where the next subject ends: "two dogs | and a cat | sleep"."""
    while sentence.word_at(place) in ("and", ",", "plus", "along", "together", "with", "as", "well"):
        place += 1
    thing = next((m for m in sentence.mentions if m.start >= place), None)
    return thing.end if thing is not None and is_list(sentence, place, thing.start) else None


def _goes_on(sentence: Sentence, place: int) -> bool:
    """Whether another predicate follows: "two dogs and cats bark", "two dogs, which bark"."""
    behind = sentence.lowers[place + 1 : place + 3]
    is_one_of = behind == ("one", "of")
    return sentence.word_at(place) == "," and (is_one_of or behind[:1] in (("who",), ("which",), ("that",), ("whose",)))


def _opens_loosely(sentence: Sentence, start: int) -> bool:
    """Whether a number from `start` on presents what is there."""
    place = start - 1
    while sentence.word_at(place) in OPENERS:
        place -= 1
    before, earlier = sentence.word_at(place), sentence.word_at(place - 1)
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
    if before in OWNING:
        return earlier in ("we", "you") or earlier in GATHERED or _is_picture(sentence, place)
    if before in LEADING:
        return earlier in LEADING[before]
    is_camera = before in ("up", "captured", "recorded", "detected") or (before == "with" and earlier == "comes")
    return before in SEEING or is_camera or before == "plus"


def _is_aside(sentence: Sentence, comma: int) -> bool:
    """Whether "here," or "at first glance," opens the sentence, which names neither a thing nor a place."""
    words = sentence.lowers[:comma]
    is_short = sentence.word_at(comma) == "," and len(words) <= ASIDE_AT_MOST and "," not in words
    is_joined = any(words[: len(opening)] == opening for opening in BESIDES)
    is_plain = is_short and NAMED.isdisjoint(words) and ELSEWHERE.isdisjoint(words)
    named = (m for m in sentence.mentions if m.noun.strength is not Strength.LOOSE)
    return is_plain and (is_joined or not any(mention.start < comma for mention in named))


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
    if any(mention.start < place for mention in sentence.mentions) or not PREPOSITIONS.isdisjoint(before[:-3]):
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
    if not before or before[-1].end != place - (
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
    for k in range(place, min(place + 6, len(words))):
        is_stating = all(word in STATING or word in PLACED for word in words[place:k])
        if words[k] in SETS and words[k - 1] in ("a", "the") and is_stating and _ends(sentence, k + 1):
            return SETS[words[k]], k + 1
        if words[k] in CLUSTERS and words[k + 1 : k + 2] == ("of",):
            number = read_number(sentence.word_at(k + 2))
            return (number, k + 3) if is_stating and number and _closes(sentence, k + 3) else None
    return None


def _closes(sentence: Sentence, place: int) -> bool:
    return _ends(sentence, place) or sentence.word_at(place) in (",", "and")


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
            if (is_total and (_ends(sentence, k + 1) or behind[:1] == ("in",))) or is_aside:
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
    is_plain = place < 0 and (_ends(sentence, mention.end) or _is_list_seen(sentence, mention.end))
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
        _ends(sentence, last + 1)
        or (sentence.word_at(last + 1) in AFTER_ALL and _ends(sentence, last + 2))
        or sentence.word_at(last + 1) in LIST_MARKS
        or (sentence.word_at(last + 1) in ("in", "within") and sentence.names_picture(last + 2) is not None)
    )


def _is_list_seen(sentence: Sentence, start: int) -> bool:
    """Whether further things are listed from `start` on, and then "are visible"."""
    behind = (m.end for m in sentence.mentions if m.start > start and is_list(sentence, start, m.start))
    return any(_is_seen(sentence, end) for end in behind)


def _closes_total(sentence: Sentence, end: int) -> bool:
    """Whether nothing after the noun narrows it down: "two dogs on the sofa" are not all dogs."""
    if _ends(sentence, end) or sentence.word_at(end) in LIST_MARKS or sentence.word_at(end) in AFTER_ALL:
        return True
    if sentence.word_at(end) in ("in", "within", "across"):
        if sentence.word_at(end + 1) in ("total", "all", "view", "sight"):
            return True
        after = sentence.names_picture(end + 1)
        return after is not None
    return _is_seen(sentence, end)


def _ends(sentence: Sentence, place: int) -> bool:
    return place >= len(sentence.words) or sentence.word_at(place) in (".", "!", "?", ";", '"', ")")


def is_list(sentence: Sentence, start: int, end: int) -> bool:
    """Whether only commas, "and" and further things stand between two places."""
    covered = {k for mention in sentence.mentions for k in range(mention.start, mention.end)}
    words = (sentence.lowers[k] for k in range(start, end) if k not in covered)
    return all(word in (",", "and", "a", "an", "as", "well", "also") or read_number(word) is not None for word in words)
