"""Ways to speak of all there are, around "three dogs": "the outlines of", "in addition to", "make up the scene"."""

from agents.checks.places.regions import NAMED, read_region
from agents.english.categories import Mention
from agents.english.numbers import read_number
from agents.english.sentences import PICTURE_WORDS, Sentence
from agents.english.words import PREPOSITIONS, word_set

PRESENTING = frozenset([
    ("adds", "to"), ("amount", "to"), ("amounts", "to"), ("are", "these"), ("arrive", "at"), ("arrives", "at"),
    ("belongs", "to"), ("brings", "out"), ("brings", "together"), ("caught", "sight"), ("centered", "on"),
    ("centers", "on"), ("centred", "on"), ("centres", "on"), ("come", "from"), ("come", "to"), ("comes", "from"),
    ("comes", "to"), ("coming", "from"), ("composed", "of"), ("comprised", "of"), ("concentrates", "on"),
    ("consist", "of"), ("consists", "of"), ("devoted", "to"), ("dominated", "by"), ("down", "to"), ("drawn", "to"),
    ("emitted", "by"), ("fall", "on"), ("falls", "on"), ("filled", "by"), ("filled", "with"), ("focus", "are"),
    ("focus", "is"), ("focused", "on"), ("focuses", "on"), ("get", "to"), ("gets", "to"), ("happen", "be"),
    ("home", "to"), ("lined", "with"), ("looks", "at"), ("make", "out"), ("makes", "out"), ("matched", "by"),
    ("occupied", "by"), ("opens", "on"), ("outnumbered", "by"), ("picked", "up"), ("picking", "up"),
    ("picks", "out"), ("picks", "up"), ("point", "is"), ("populated", "by"), ("present", "are"), ("radiated", "by"),
    ("reserved", "for"), ("scene", "with"), ("seen", "are"), ("shown", "are"), ("shows", "us"), ("sight", "are"),
    ("stems", "from"), ("subject", "is"), ("subjects", "are"), ("surrounded", "by"), ("taken", "of"),
    ("takes", "in"), ("tell", "apart"), ("up", "at"), ("up", "of"), ("up", "with"), ("view", "are"),
    ("visible", "are"), ("visible", "is"), ("mainly", "of"), ("mostly", "of"), ("chiefly", "of"), ("solely", "of"),
    ("built", "around"), ("arranged", "around"), ("based", "on"),
    ("feature", "is"), ("element", "is"), ("motif", "is"), ("attraction", "is"), ("impression", "is"),
    ("pick", "out"),  ("company", "with"), ("boxes", "around"), ("box", "around"),
])  # fmt: skip
"""Before a number: what is there is presented."""
SHOWN = word_set(
    """
    warmth glow signature signatures outline outlines silhouette silhouettes shape shapes form forms
    figure figures contour contours edge edges presence arrangement appearance sight row line
    column cluster emissions
    """
)
"""Before "of three dogs": what is seen of them all."""
JOINING = (
    ("addition", "to"), ("along", "with"), ("together", "with"), ("apart", "from"), ("aside", "from"),
    ("across", "from"),
    ("next", "to"), ("as", "well", "as"), ("besides",), ("beside",), ("opposite",), ("alongside",), ("beyond",),
    ("faces",), ("thanks", "to"), ("due", "to"), ("because", "of"), ("focus", "is", "on"),
)  # fmt: skip
"""Before "three dogs" at the head of a sentence: none is left out."""
SUMMING = (
    ("in", "total"), ("in", "all"), ("all", "told"), ("altogether",), ("overall",), ("all", "in", "all"),
    ("taken", "together"), ("combined",), ("as", "a", "whole"), ("in", "sum"),
)  # fmt: skip
"""Beside a number: it is the sum."""
FORMING = word_set("form forms make makes constitute constitutes compose composes comprise build create complete are")
WHOLES = word_set(
    """
    group cluster row line column set arrangement composition scene pattern formation stack subject subjects element
    elements object objects items things content contents focus whole collection pile bunch attraction features
    """
)
NARROWING = word_set("that who which whose to 's ' not wearing holding carrying near with without than like as")
IDENTITIES = word_set("they these those")
EVERYTHING = word_set("only just exactly precisely all")


def opens_whole(sentence: Sentence, start: int) -> bool:
    """Whether the words before `start` present all there are: "the outlines of", "in addition to", "these are"."""
    lowers, before, earlier = sentence.lowers, sentence.word_at(start - 1), sentence.word_at(start - 2)
    if before in ("of", "from") and (earlier in SHOWN or earlier in sentence.modality.measured):
        return sentence.word_at(start - 3) not in ("a", "an", "one")
    if before in ("are", "were") and earlier in IDENTITIES and start - 2 == sentence.clause(start - 2)[0]:
        return True
    first = sentence.clause(start)[0]
    return any(
        lowers[max(0, start - len(words)) : start] == words and start - first <= len(words) + 2 for words in JOINING
    )


def presents(sentence: Sentence, start: int) -> bool:
    """Whether "consists of", "is filled with" or the like stands before `start`, or before "exactly" there."""
    place = start
    while place > 0 and sentence.word_at(place - 1) in EVERYTHING:
        place -= 1
    return (sentence.word_at(place - 2), sentence.word_at(place - 1)) in PRESENTING


def is_free(sentence: Sentence, place: int) -> bool:
    """Whether nothing at `place`, behind a noun, singles some of the things out."""
    word = sentence.word_at(place)
    if word in ("in", "within", "across") and sentence.names_picture(place + 1) is not None:
        return True
    if word in ("in", "on") and sentence.word_at(place + 1) in ("view", "sight", "display", "total", "all", "show"):
        return True
    return word not in NARROWING and word not in PREPOSITIONS and not word.endswith("ing")


def makes_whole(sentence: Sentence, place: int) -> bool:
    """Whether "make up the group", "are the main subjects", "form a column" stands at `place`."""
    is_seeming = sentence.lowers[place : place + 3] in (("seem", "to", "be"), ("appear", "to", "be"))
    if is_seeming and NAMED.isdisjoint(sentence.lowers[place:]):
        place += 2
    if sentence.word_at(place) not in FORMING | {"be"}:
        return False
    words = sentence.lowers[place + 1 : place + 6]
    own = next((k for k, word in enumerate(words) if word in WHOLES or word in PICTURE_WORDS), None)
    led = words[: own or 0]
    return (
        own is not None and bool({"a", "the", "this"}.intersection(led)) and PREPOSITIONS.isdisjoint(set(led) - {"up"})
    )


def is_summed(sentence: Sentence, start: int, mention: Mention) -> bool:
    """Whether "in total" opens the sentence of a number, or stands behind its noun: "in total, three dogs"."""
    lowers = sentence.lowers
    opens = any(lowers[: len(words)] == words and start - len(words) <= SUM_REACH for words in SUMMING)
    region = read_region(sentence, mention.end)
    end = mention.end if region is None else region.end
    closes = any(lowers[end : end + len(words)] == words for words in SUMMING)
    return (opens or closes) and is_free(sentence, mention.end if opens and not closes else end + 2)


SUM_REACH = 6
"""Words between "in total" at the head of a sentence and its number: ", the image has"."""


def read_number_first(sentence: Sentence, mention: Mention) -> tuple[int, int] | None:
    """The number in "three is the number of dogs", "three is how many dogs there are", and where its claim ends."""
    shared = _read_share_first(sentence, mention)
    if shared is not None:
        return shared, mention.end
    number = read_number(sentence.word_at(0))
    if number is None or sentence.word_at(1) != "is" or mention.start > NUMBER_REACH:
        return None
    words = sentence.lowers[2 : mention.start]
    if "than" in words:
        return None  # "seven is more than the number of dogs"
    picture = sentence.names_picture(mention.end)
    is_shown = (
        picture is not None and sentence.word_at(picture) in HOLDING and sentence.word_at(picture + 1) in ("", ".")
    )
    is_there = sentence.lowers[mention.end : mention.end + 2] == ("there", "are")
    is_asked = words == ("how", "many") and (is_shown or is_there)
    is_number = words[-1:] == ("of",) and not {"number", "count", "total"}.isdisjoint(words)
    return (number, mention.end) if is_asked or is_number else None


def _read_share_first(sentence: Sentence, mention: Mention) -> int | None:
    """The number in "six of the objects are dogs", "of the things in view, five are dogs"."""
    start = mention.start - 1
    if sentence.word_at(start) != "are":
        return None
    start = _skip_picture_back(sentence, start)
    of_them = sentence.lowers[max(0, start - 3) : start]
    if of_them[:1] == ("of",) and of_them[-1] in THINGS:
        return read_number(sentence.word_at(start - 4))
    opens = sentence.lowers[:2] == ("of", "the") and sentence.word_at(2) in THINGS
    return read_number(sentence.word_at(start - 1)) if opens and sentence.word_at(start - 2) == "," else None


def _skip_picture_back(sentence: Sentence, place: int) -> int:
    """Where "in the image" or "here" begins that ends at `place`."""
    if sentence.word_at(place - 1) in ("here", "shown", "visible"):
        return place - 1
    return next(
        (
            k
            for k in range(place - 4, place - 1)
            if sentence.word_at(k) in ("in", "within") and sentence.names_picture(k + 1) == place
        ),
        place,
    )


HOLDING = word_set("holds contains shows has includes features")
THINGS = word_set("objects things items figures shapes")
NUMBER_REACH = 8
