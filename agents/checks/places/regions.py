"""Parts of an image named in a sentence: "on the left", "in the upper right corner of the picture"."""

from typing import NamedTuple

from agents.english.categories import Strength
from agents.english.numbers import GATHERED, read_number
from agents.english.sentences import Sentence
from agents.english.words import PLAIN_VERBS, THIRD_PERSON, word_set

SIDES = {
    "left": "left", "right": "right", "left-hand": "left", "right-hand": "right", "lefthand": "left",
    "righthand": "right", "leftmost": "left", "rightmost": "right", "left-most": "left", "right-most": "right",
}  # fmt: skip
HEIGHTS = {
    "top": "top", "upper": "top", "bottom": "bottom", "lower": "bottom", "topmost": "top", "uppermost": "top",
    "bottommost": "bottom", "lowermost": "bottom",
}  # fmt: skip
MIDDLES = word_set("centre center middle central centermost")
NAMED = MIDDLES.union(SIDES, HEIGHTS)
DEGREES = word_set("far very extreme hand most outer immediate absolute exact dead right-hand left-hand opposite")
BORDERS = word_set("edge margin border rim boundary corner third quarter end bounds perimeter")
PARTS = BORDERS | word_set("side half part portion area section region corners edges sides foreground background")
AREAS = word_set("area portion part section region")
CENTRED = word_set("centered centred centrally")
STRETCHES = word_set("side half part portion section area")
DIRECTED = word_set("across over to toward towards from near along by against down up off beside around")
OPENERS = DIRECTED | word_set("on at in within into")
FILLING = word_set(
    """
    fill fills occupy occupies line lines hug hugs crowd crowds anchor anchors dominate dominates mark marks command
    commands claim claims
    border borders touch touches share shares cover covers populate populates skirt skirts adorn adorns take takes
    edge inhabit inhabits weigh weighs
    """
)
TAKING = word_set("take takes taking")
MAKING = word_set("make makes making")
HAVING = word_set("shows holds contains has features includes is displays belongs")
GIVEN = (
    ("home", "to"), ("taken", "up", "by"), ("occupied", "by"), ("filled", "by"), ("filled", "with"), ("lined", "with"),
    ("reserved", "for"), ("dominated", "by"), ("given", "over", "to"), ("where",), ("crowded", "with"), ("held", "by"),
    ("covered", "by"), ("marked", "by"), ("anchored", "by"), ("shared", "by"), ("made", "up", "of"), ("full", "of"),
    ("left", "to"),
)  # fmt: skip
"""Behind "the left corner is": what is there follows."""
ARTICLES = word_set("the its their")
AFTER_REGION = word_set(
    """
    . , ; : ! ? ) " and with while there is are was were of in near next behind beside but whereas we you i
    sits sit stands stand lies lie hangs hang appears appear has have run runs stretch stretches comes come rest rests
    """
)
BE = word_set(
    """
    keep keeps
    is are was were be been sits sit stands stand lies lie appears appear rests rest remains located positioned placed
    fall falls
    found seen gathered grouped clustered situated arranged visible set lined up shown kept one right over runs run
    """
)
LAST = frozenset(["", ".", ",", "!", ";"])
"""What stands behind the last word of a claim."""
BREAKING = word_set("and while but whereas")
LEADERS = word_set(
    """
    as scan scanning looking look glancing glance gazing turning moving going if you we one when just off over out down
    up here there
    and also then far further farther now finally for positioned located situated seen visible standing sitting
    immediately what placed still even again on back way all right directly only to
    exactly precisely squarely begins begin starts start right
    """
)
"""What may stand before a region that opens its clause: "off to the left", "if you look to the left"."""
LEADERS_AT_MOST = 5


class Region(NamedTuple):
    """A part of the image: `horizontal` left, right, centre or empty; `vertical` top, bottom, centre or empty.

    `is_border` tells that it reaches from the border not far into the image, `is_relative` that it may lie beside
    another thing: "to the left, there is a dog".
    """

    horizontal: str
    vertical: str
    start: int
    end: int
    is_border: bool = False
    is_relative: bool = False


class _Names(NamedTuple):
    """The words that name a region: sides, heights, whether a part ("corner") is named too; `end` is behind them."""

    sides: list[str]
    heights: list[str]
    parts: frozenset[str]
    end: int


def read_region(sentence: Sentence, place: int) -> Region | None:
    """The part of the image that is named from the word at `place` on, None when none is, or in another sense."""
    word = sentence.word_at(place)
    if word == "the":
        return _read_subject(sentence, place)
    is_dead = word == "dead" and sentence.word_at(place + 1) in ("centre", "center")
    if word in CENTRED or is_dead:
        return _read_centred(sentence, place + is_dead)
    if word in ("left", "right"):
        return _read_off_centre(sentence, place)
    is_filled = word in FILLING or (word == "up" and sentence.word_at(place - 1) in TAKING | MAKING)
    is_filled = is_filled or (
        word in ("has", "have") and {"itself", "themselves"} & set(sentence.lowers[place + 3 :]) != set()
    )
    if word not in OPENERS and not is_filled:
        return None
    off_centre = _read_off_centre(sentence, place + 1 + (sentence.word_at(place + 1) == "the"))
    return _read_part(sentence, place, is_filled=is_filled) if off_centre is None else off_centre._replace(start=place)


def _read_centred(sentence: Sentence, place: int) -> Region | None:
    """ "Is centered in the frame", "are centrally located"."""
    end = place + 1 + (sentence.word_at(place + 1) in ("located", "positioned", "placed", "situated"))
    if sentence.word_at(place) == "centrally" and end == place + 1:
        return None
    if sentence.word_at(end) in ("in", "within"):
        picture = sentence.names_picture(end + 1)
        return None if picture is None else Region("centre", "centre", place, picture)
    is_said = sentence.word_at(place - 1) in BE and sentence.word_at(end) in LAST | BREAKING
    return Region("centre", "centre", place, end) if is_said else None


def _read_part(sentence: Sentence, place: int, *, is_filled: bool) -> Region | None:
    """A part named behind a preposition, or behind "fills"."""
    owner = sentence.names_picture(place + 1)  # "at the picture's right edge"
    is_owned = owner is not None and sentence.word_at(owner - 1).endswith(("'s", "’s"))
    first = owner if owner is not None and is_owned else place + 1 + (sentence.word_at(place + 1) in ARTICLES)
    names = _read_names(sentence, first)
    if len(names.sides) > 1 or not (names.sides or names.heights) or len(names.heights) > 2:
        return None
    picture_end = sentence.names_picture(names.end + 1) if sentence.word_at(names.end) in ("of", "in") else None
    region = _name_region(sentence, names, place, picture_end or names.end)
    if picture_end is not None or (is_owned and names.parts):
        return region
    is_taken = is_filled and names.end > place + 1 and sentence.word_at(names.end) in LAST | BREAKING | {"which"}
    return region if (is_filled and names.parts) or is_taken or _means_picture(sentence, place, names) else None


def read_leading_region(sentence: Sentence, before: int) -> Region | None:
    """The region that opens the clause or sentence in which the word at `before` stands, and ends ahead of it."""
    start = sentence.clause(before)[0]
    opening = _read_opening(sentence, start, before)
    if opening is None and start > 1 and sentence.word_at(start - 1) == ",":
        opening = _read_opening(sentence, sentence.clause(start - 2)[0], start)
    return opening


def _read_opening(sentence: Sentence, start: int, before: int) -> Region | None:
    for place in range(start, min(start + LEADERS_AT_MOST, before)):
        region = read_region(sentence, place)
        if region is not None:
            return region if region.end <= before else None
        if sentence.word_at(place) not in LEADERS:
            return None
    return None


def read_heading(sentence: Sentence, end: int) -> Region | None:
    """The part of the image that the words before `end` name and nothing else: "far left"."""
    names = _read_names(sentence, int(sentence.word_at(0) in ("the", "on", "at")))
    is_whole = names.end == end and len(names.sides) == 1 and len(names.heights) <= 1
    return _name_region(sentence, names, 0, end) if is_whole else None


def is_leading(sentence: Sentence, region: Region) -> bool:
    """Whether a region opens its clause: "on the left there is a dog", "off to the left, a dog sleeps"."""
    return _opens(sentence, region.start)


def _read_off_centre(sentence: Sentence, place: int) -> Region | None:
    """ "Left of centre"."""
    side = sentence.word_at(place)
    if side not in ("left", "right") or sentence.word_at(place + 1) != "of":
        return None
    end = place + 2 + (sentence.word_at(place + 2) in ("the", "dead"))
    if sentence.word_at(end) not in ("centre", "center", "middle", "midline"):
        return None
    picture_end = sentence.names_picture(end + 2) if sentence.word_at(end + 1) in ("of", "in") else None
    if picture_end is None and sentence.word_at(end + 1) not in AFTER_REGION - {"of", "in"} | {""}:
        return None
    return Region(side, "", place, picture_end or end + 1)


def _read_subject(sentence: Sentence, place: int) -> Region | None:
    """A part of the image that opens a clause: "the left half of the image shows"."""
    if (
        sentence.word_at(place) != "the"
        or sentence.word_at(place + 1 + (sentence.word_at(place + 1) in DEGREES - NAMED)) not in NAMED
        or place != sentence.clause(place)[0] + _lead(sentence, place)
    ):
        return None
    names = _read_names(sentence, place + 1)
    picture_end = sentence.names_picture(names.end + 1) if sentence.word_at(names.end) == "of" else None
    if picture_end is None and _is_part_by_itself(sentence, names):
        picture_end = names.end
    is_stated = picture_end is not None and (
        sentence.word_at(picture_end) != "is" or _presents(sentence, picture_end + 1)
    )
    if (
        picture_end is None
        or not is_stated
        or sentence.word_at(picture_end) not in HAVING
        or sentence.word_at(picture_end + 1) in ("more", "fewer", "less", "room")
        or len(names.sides) > 1
        or len(names.heights) > 2
    ):
        return None
    return _name_region(sentence, names, place - _lead(sentence, place), picture_end)


def _lead(sentence: Sentence, place: int) -> int:
    """How many words of "what", "most of" open the clause before a part of the image."""
    if sentence.word_at(place - 1) == "what":
        return 1
    return 2 * (sentence.word_at(place - 1) == "of" and sentence.word_at(place - 2) in ("most", "much", "all"))


def _presents(sentence: Sentence, place: int) -> bool:
    """Whether "a dog", "home to a dog", "filled with dogs" stands behind "is"."""
    if any(sentence.lowers[place : place + len(words)] == words for words in GIVEN):
        return True
    return sentence.word_at(place) in ("a", "an", "the", "one") or read_number(sentence.word_at(place)) is not None


def _is_part_by_itself(sentence: Sentence, names: _Names) -> bool:
    """Whether "the left half shows", "the upper left corner holds", "the left edge is where" needs no image named."""
    if "half" in names.parts or (names.sides and "side" in names.parts):
        return True
    after, behind = sentence.word_at(names.end), sentence.lowers[names.end + 1 : names.end + 4]
    is_given = after == "is" and any(behind[: len(words)] == words for words in GIVEN)
    if is_given and not names.parts:
        return bool(names.sides) and behind[0] in ("where", "home", "occupied", "reserved", "taken", "filled")
    if is_given and not AREAS.isdisjoint(names.parts):
        return True
    return bool(names.sides and names.parts) and (is_given or after in ("holds", "shows", "contains", "belongs"))


def _read_names(sentence: Sentence, place: int) -> _Names:
    sides: list[str] = []
    heights: list[str] = []
    parts: set[str] = set()
    while True:
        word = sentence.word_at(place)
        own = [word] if word in SIDES else word.split("-")
        if NAMED.issuperset(own):
            sides += [SIDES[part] for part in own if part in SIDES]
            heights += [HEIGHTS.get(part, "centre") for part in own if part not in SIDES]
        elif word in PARTS and (sides or heights):
            parts.add(word)
        elif word not in DEGREES:
            return _Names(sides, heights, frozenset(parts), place)
        place += 1


def _means_picture(sentence: Sentence, place: int, names: _Names) -> bool:
    """Whether a region "on the left", of which nothing is said what it is part of, is one of the picture."""
    after, before, word = sentence.word_at(names.end), sentence.word_at(place - 1), sentence.word_at(place)
    is_bare = word == "at" and sentence.word_at(place + 1) in ("left", "right")
    is_behind = any(mention.end == place for mention in sentence.mentions) and after in LAST | BREAKING
    is_subject = word in ("on", "at") and bool(names.sides) and after in VERBS and _follows_thing(sentence, place)
    if _is_nearer(sentence, place, names) or _is_along(sentence, place, names) or _is_middle(sentence, place, names):
        return True
    is_sent = after == "to" and sentence.word_at(names.end + 1) in SEEING
    if is_sent and word in ("to", "towards", "toward") and names.sides and _opens(sentence, place):
        return True  # "look to the left to see"
    if is_bare or after == "of" or (after and after not in AFTER_REGION and not is_subject):
        return is_bare and (is_behind or (before in BE and after in LAST))
    is_stretch = names.sides and (not STRETCHES.isdisjoint(names.parts) or word in ("along", "down"))
    if is_stretch and word in ("across", "over", "along", "down") and after in LAST | BREAKING:
        return True
    if word in DIRECTED or sentence.word_at(place + 1) != "the":
        is_border = word in ("near", "by", "along", "against", "beside", "down", "up") or before == "close"
        is_side = word in ("to", "towards", "toward") and bool(names.sides)
        is_edge = bool(names.sides and names.parts) or not BORDERS.isdisjoint(names.parts)
        is_opening = is_border and is_edge and after in BE | {","} and _opens(sentence, place)
        is_meant = is_opening or _means_border(sentence, names)
        return is_meant if is_border else is_side and _means_direction(sentence, place, names)
    is_named = names.sides or (names.parts and not {"upper", "lower"}.isdisjoint(sentence.lowers[place : names.end]))
    is_opening = word in ("at", "in") and _opens(sentence, place) and after in ("is", "are", "there")
    is_of_them = before == "one" and sentence.word_at(place - 2) in ("the", "that")
    return bool(is_named) or (before in BE and after in LAST and not is_of_them) or is_opening


SEEING = word_set("see find spot meet discover")
ALONG = BE | word_set(
    """
    run runs stretch stretches extend extends form forms make a row line band string column horizontal vertical long
    loose neat straight lined strung spread all up together out in single
    """
)
"""Between a thing and "along the bottom", where this is no edge of the thing."""


def _is_along(sentence: Sentence, place: int, names: _Names) -> bool:
    """Whether "the dogs run along the bottom", "along the bottom, there are" is said."""
    if sentence.word_at(place) not in ("along", "across") or not names.heights or names.sides:
        return False
    after = sentence.word_at(names.end)
    if _opens(sentence, place):
        return after in RUNNING or (after == "," and _presents_next(sentence, names.end))
    thing = next((m for m in reversed(sentence.mentions) if m.end <= place), None)
    is_plain = thing is not None and ALONG.issuperset(sentence.lowers[thing.end : place]) and thing.end < place
    return is_plain and after in LAST | BREAKING


def _is_middle(sentence: Sentence, place: int, names: _Names) -> bool:
    """Whether "the bus in the centre", "in the centre, there are" is said."""
    words = sentence.lowers[place : names.end]
    if words[:1] != ("in",) or names.sides or MIDDLES.isdisjoint(words):
        return False
    after, is_thing = sentence.word_at(names.end), any(mention.end == place for mention in sentence.mentions)
    is_opening = after == "," and _opens(sentence, place) and _presents_next(sentence, names.end)
    return is_opening or (is_thing and after in LAST)


VERBS = THIRD_PERSON | PLAIN_VERBS | word_set("draw catch form attract differ share belong")
RUNNING = word_set("there is are run runs stretch stretches extend extends sit sits lie lies stand stands we")


def _presents_next(sentence: Sentence, comma: int) -> bool:
    """Whether "there are", "we see", "a dog" stands behind the comma."""
    word = sentence.word_at(comma + 1)
    return (
        word in ("there", "there's", "a", "an", "we", "you", "one", "several", "some") or read_number(word) is not None
    )


def _is_nearer(sentence: Sentence, place: int, names: _Names) -> bool:
    """Whether "is closer to the left edge", "closer to the left edge than to the right one" is said."""
    is_nearer = sentence.word_at(place - 1) in ("closer", "nearer") and not BORDERS.isdisjoint(names.parts)
    behind = sentence.lowers[names.end : names.end + 2]
    return is_nearer and (sentence.word_at(names.end) in LAST or behind == ("than", "to"))


def _follows_thing(sentence: Sentence, place: int) -> bool:
    """Whether "the dog" ends right before `place`: "the dog on the left sleeps"."""
    return any(mention.end == place and sentence.word_at(mention.start - 1) == "the" for mention in sentence.mentions)


def _means_border(sentence: Sentence, names: _Names) -> bool:
    """Whether "near the left edge" is one of the image: nothing else is there whose edge it could be."""
    labels = {m.noun.labels for m in sentence.mentions if m.noun.strength is not Strength.LOOSE}
    is_end = sentence.word_at(names.end) in LAST and GATHERED.isdisjoint(sentence.lowers)
    return bool(names.sides or names.heights) and bool(names.parts) and len(labels) == 1 and is_end


def _means_direction(sentence: Sentence, place: int, names: _Names) -> bool:
    """Whether "to the left" tells a place: "is to the far left", "off to the left", "toward the left, you see"."""
    after, before = sentence.word_at(names.end), sentence.word_at(place - 1)
    if names.parts and after in AFTER_REGION - {"of"}:
        is_stretch = sentence.lowers[max(0, place - 3) : place - 1] == ("from", "the") and before in MIDDLES
        return before in BE or _opens(sentence, place) or is_stretch
    if before in ("off", "over", "out") or _opens(sentence, place):
        return after in AFTER_REGION - {"of"} | LAST
    is_joined = after in BREAKING and sentence.word_at(names.end + 1) in ("the", "a", "an")
    return before in BE and (after in LAST or is_joined)


def _opens(sentence: Sentence, place: int) -> bool:
    """Whether a clause begins with what stands at `place`, leading words apart."""
    start = sentence.clause(place)[0]
    return place - start <= LEADERS_AT_MOST and LEADERS.issuperset(sentence.lowers[start:place])


def _name_region(sentence: Sentence, names: _Names, start: int, end: int) -> Region:
    is_centre = "centre" in names.heights
    vertical = next((name for name in names.heights if name != "centre"), "")
    horizontal = names.sides[0] if names.sides else "centre" if is_centre else ""
    if is_centre and not names.sides and not vertical:
        vertical = "centre"
    words = set(sentence.lowers[start : names.end])
    is_relative = sentence.word_at(start) == "to" and not names.parts and end == names.end and "far" not in words
    is_border = not BORDERS.isdisjoint(names.parts) or not {"very", "extreme", "far", "along"}.isdisjoint(words)
    return Region(horizontal, vertical, start, end, is_border and not is_centre, is_relative)
