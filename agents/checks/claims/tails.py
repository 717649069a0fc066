"""What follows a number and its noun: a place, an arrangement, or what narrows the things down.

"Two dogs are on the left" and "two dogs side by side" end with no more than where and how; "two dogs on a sofa" and
"two dogs that bark" leave others open.
"""

from typing import NamedTuple

from agents.checks.claims.wholes import makes_whole
from agents.checks.places.regions import FILLING, MAKING, NAMED, TAKING, Region, read_region
from agents.english.categories import Mention, is_animate
from agents.english.numbers import read_number
from agents.english.sentences import Sentence
from agents.english.words import FORMS_OF_BE, PLAIN_VERBS, THIRD_PERSON, word_set

SEEING = word_set(
    """
    sees finds notices spots see count spot notice identify recognise recognize detect distinguish find observe shows
    show contains
    contain includes features captures reveals depicts has holds out totals
    displays display presents portrays counts counting comprises counted
    featuring showing depicting displaying
    framed tell discern discerns discerned spotted captured detected registers registered records recorded shown
    pictured depicted featured feature include exhibits hosts houses caught catches gives yields
    """
)
OWNING = word_set("has have holds contains contain hold includes include")
"""What people and things do with some, and only the image with all."""
AUXILIARIES = word_set(
    "is are was were can could be been have has being appear appears seem seems to also all both register registers"
    " fall falls emerge emerges line"
)
PLACED = word_set(
    """
    located positioned placed situated arranged grouped gathered clustered lined seen found visible present shown
    spotted set assembled scattered spread distributed ranged collected aligned laid put stationed dotted noticed
    brought framed caught recorded depicted pictured photographed captured imaged detected registered filmed included
    displayed
    distinguishable recognisable recognizable discernible identifiable outlined delineated drawn defined
    picked resolved logged noted observed
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
    "as distinct shapes", "as separate shapes",
    "form a loose group", "forms a loose group", "a loose group", "come together",
    "form a cluster", "form a line", "form a row", "form a column", "a loose cluster",
    "on the far side", "on the far side of the frame", "on the far side of the image", "on the far side of the picture",
    "on the other side", "on the opposite side", "at close quarters", "follow one another", "follows one another",
    "easy to distinguish", "easy to make out", "easy to see", "easy to recognise", "easy to recognize", "easy to spot",
    "easy to tell apart", "fairly", "quite", "rather", "relatively", "plainly", "easy to identify", "easy to count",
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
    "of roughly the same size", "of roughly equal size", "of similar sizes", "of similar shape",
    "of broadly similar shape", "of roughly similar shape", "of broadly similar size", "of different heights",
    "of similar temperature", "of the same type", "of the same class", "of the same shape", "of this kind", "so far",

)  # fmt: skip
_ARRANGED = sorted((tuple(text.split()) for text in ARRANGED), key=len, reverse=True)
COMPANY = (
    ("accompanied", "by"),
    ("joined", "by"),
    ("across", "from"),
    ("as", "against"),
    ("as", "opposed"),
    ("apart", "from"),
    ("aside", "from"),
    ("besides", "the"),
    ("in", "addition"),
)
SHARING = word_set(
    "share shares keeps keep fill fills occupy occupies populate dominate dominates make makes take takes complete"
)
LINKS = word_set("and while with versus against opposite plus along alongside together whereas but facing") | frozenset(
    ",;:.!?)–—-("
)
"""Words with which the next thing begins."""
NO_VERBS = word_set("in within across throughout of altogether overall here there together too also all both")
RELATIVES = word_set("who that which")


class Tail(NamedTuple):
    """What stands behind a noun: `region` is where the things are said to be."""

    region: Region | None


def read_tail(sentence: Sentence, mention: Mention, *, is_subject: bool) -> Tail | None:
    """What follows a noun up to the end or the next thing, where it is no more than a place or an arrangement.

    A subject is followed by a verb, which may stand behind further subjects: "two dogs and a cat sleep".
    """
    place, region, has_verb = mention.end, None, not is_subject or VERBS.isdisjoint(sentence.lowers)
    is_lifeless = not is_animate(mention.noun.labels[0])
    while place < len(sentence.words) and not (has_verb and _links(sentence, place, mention)):
        is_relative = not is_subject and sentence.word_at(place) in RELATIVES
        if is_relative and is_of_picture(sentence, place + 1):
            place = len(sentence.words)
            break
        place += 2 * (is_relative and sentence.word_at(place + 1) in ("are", "have"))
        place += is_relative and sentence.word_at(place + 1) in ("form", "share", "make")
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
    is_closed = ends_here(sentence, place) or (has_verb and _links(sentence, place, mention))
    return Tail(region) if is_closed and (not is_subject or not _goes_on(sentence, place)) else None


def is_of_picture(sentence: Sentence, place: int) -> bool:
    """Whether "the image contains", "we see" stands at `place` and ends the sentence."""
    end = place + 1 if sentence.word_at(place) in ("we", "i", "you", "one") else sentence.names_picture(place)
    is_end = end is not None and (ends_here(sentence, end + 1) or ends_here(sentence, end + 2))
    return is_end and (sentence.word_at(end or 0) in SEEING | OWNING or sentence.word_at((end or 0) + 1) in SEEING)


VERBS = FORMS_OF_BE | THIRD_PERSON | PLAIN_VERBS
"""Without one of these a sentence is a caption such as "two dogs in a row, with a cat"."""
APART = word_set("opposite beside across facing nearby near next alongside")


def _links(sentence: Sentence, place: int, mention: Mention) -> bool:
    """Whether the next thing begins here, or the sentence ends."""
    word = sentence.word_at(place)
    if word == "with" and place == mention.end:
        thing = next((m for m in sentence.mentions if place < m.start <= place + 3), None)
        return thing is not None and sentence.word_at(thing.end) in APART  # and not "two dogs with collars"
    if (
        sentence.lowers[place : place + 4] == ("in", "the", "company", "of")
        or sentence.lowers[place : place + 2] in COMPANY
    ):
        return True
    return word in LINKS or sentence.lowers[place : place + 3] == ("as", "well", "as")


def _read_piece(sentence: Sentence, place: int, *, is_lifeless: bool) -> int | None:
    """Where a verb of placing, an arrangement or "in the image" ends that begins here."""
    word = sentence.word_at(place)
    is_filling = word in TAKING or (word in MAKING and read_region(sentence, place + 1) is not None)
    if is_filling and sentence.word_at(place + 1) == "up":
        return place + 1
    if word in ("in", "within", "across", "throughout", "for"):
        is_modality = sentence.word_at(place + 1) in sentence.modality.qualifiers and ends_here(sentence, place + 2)
        picture = place + 2 if is_modality else sentence.names_picture(place + 1)
        if picture is not None:
            return picture
    arranged = next((a for a in _ARRANGED if sentence.lowers[place : place + len(a)] == a), ())
    end = place + len(arranged) if arranged else _read_device(sentence, place)
    if end is not None:
        return end
    whole = _read_whole(sentence, place)
    is_plain = word in AUXILIARIES or word in PLACED or (is_lifeless and word in POSTURES)
    return place + 1 if whole is None and is_plain else whole


def _read_whole(sentence: Sentence, place: int) -> int | None:
    """Where "make up the scene", "fill the frame", "keep a cat company" ends."""
    if makes_whole(sentence, place) and NAMED.isdisjoint(sentence.lowers[place:]):
        return len(sentence.words) - (sentence.word_at(len(sentence.words) - 1) in (".", "!"))
    if sentence.word_at(place) not in SHARING:
        return None
    end = sentence.names_picture(place + 1) or sentence.names_picture(place + 2)
    if end is None and sentence.word_at(place) == "keep":
        end = next((k + 1 for k in range(place + 2, place + 6) if sentence.word_at(k) == "company"), None)
    return end


def _read_device(sentence: Sentence, place: int) -> int | None:
    """Where "by the camera", "on the sensor", "by their warmth" ends."""
    if sentence.word_at(place) not in ("by", "on", "for", "to", "through", "via"):
        return None
    end = place + 1 + (sentence.word_at(place + 1) in ("the", "a", "this", "our", "its", "their"))
    while sentence.word_at(end) in sentence.modality.qualifiers and sentence.word_at(end + 1) in DEVICES:
        end += 1
    is_named = sentence.word_at(end) in DEVICES or sentence.word_at(end).startswith(sentence.modality.measured or "?")
    return end + 1 if is_named else None


DEVICES = word_set(
    "camera sensor lens imager detector device system instrument scanner outline outlines shape shapes contours"
)


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


def ends_here(sentence: Sentence, place: int) -> bool:
    """Whether the sentence, or a part in quotes or brackets, ends at `place`."""
    return place >= len(sentence.words) or sentence.word_at(place) in (".", "!", "?", ";", '"', ")")


def is_list(sentence: Sentence, start: int, end: int) -> bool:
    """Whether only commas, "and" and further things stand between two places."""
    covered = {k for mention in sentence.mentions for k in range(mention.start, mention.end)}
    words = (sentence.lowers[k] for k in range(start, end) if k not in covered)
    joining = (",", "and", "a", "an", "as", "well", "also", "single", "lone", "solitary")
    return all(word in joining or read_number(word) is not None for word in words)
